package server

import (
	"errors"
	"os"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// TestCodeChange checks that the signal of a change ends the server, and only while it watches.
func TestCodeChange(t *testing.T) {
	for _, c := range []struct {
		mode string
		want error
	}{
		{confine.Off, errCodeChanged},
		{confine.Auto, nil}, // the service of this test has no wall that protects the code
	} {
		t.Run(c.mode, func(t *testing.T) {
			s := &service{settings: settings.Defaults(), log: zerolog.Nop()}
			s.settings.Process.Confine = c.mode
			failed := make(chan error, 1)
			defer s.watchCode(failed)()
			if err := unix.Kill(os.Getpid(), unix.SIGIO); err != nil {
				t.Fatal(err)
			}
			wait := time.Minute
			if c.want == nil {
				wait = 100 * time.Millisecond
			}
			var err error
			select {
			case err = <-failed:
			case <-time.After(wait):
			}
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}
