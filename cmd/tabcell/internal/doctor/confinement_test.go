package doctor

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"
)

func TestCheckConfinement(t *testing.T) {
	support := confine.Support()
	for mode, incomplete := range map[string]Severity{confine.Auto: Warning, confine.Require: Failure} {
		want := OK
		if !support.Complete() {
			want = incomplete
		} else if support.Missing() != "" {
			want = Warning
		}
		f := checkConfinement(settings.Process{Confine: mode})
		if f.Severity != want || !strings.Contains(f.Text, support.Missing()) || (f.Advice == "") != (want == OK) {
			t.Errorf("%s: got %+v, want %s with %q", mode, f, want, support.Missing())
		}
	}
	if f := checkConfinement(settings.Process{Confine: confine.Off}); f.Severity != Warning || f.Advice == "" {
		t.Errorf("off: got %+v", f)
	}
}
