package server

import (
	"errors"
	"testing"

	"tabcell/assets"
	"tabcell/runtime"
	"tabcell/settings"
)

// A failed start returns no engine, which a server would close.
func TestFailedStart(t *testing.T) {
	core, failure := Guests["core"], errors.New("the guest cannot be read")
	t.Cleanup(func() { Guests["core"] = core })
	Guests["core"] = func() (assets.Guest, error) { return assets.Guest{}, failure }
	for _, guest := range []string{"core", "auto"} {
		s := settings.Defaults()
		s.Cells.Guest, s.Cells.CacheDir = guest, t.TempDir()
		engine, err := StartGuests(t.Context(), s, func(runtime.Progress) {})
		if engine != nil || !errors.Is(err, failure) {
			t.Errorf("%s: engine %v, error %v", guest, engine, err)
		}
	}
}
