package doctor

import (
	"testing"

	"tabcell/settings"
)

func TestConfiguration(t *testing.T) {
	findings, s := checkConfiguration(settings.Sources{Environ: []string{"TABCELL_QUEUE=many"}})
	if len(findings) != 1 || findings[0].Severity != Failure || s != settings.Defaults() {
		t.Errorf("invalid setting: got %+v", findings)
	}
	findings, s = checkConfiguration(settings.Sources{Environ: []string{"TABCELL_QUEUE=5", "TABPY_ARROW_ENABLE=true"}})
	if len(findings) != 2 || findings[0].Severity != OK || findings[1].Severity != Warning || s.Cells.Queue != 5 {
		t.Errorf("valid configuration with a warning: got %+v", findings)
	}
}
