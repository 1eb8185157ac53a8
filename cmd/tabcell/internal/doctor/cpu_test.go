package doctor

import (
	"strings"
	"testing"

	"tabcell/runtime"
)

func TestProcessor(t *testing.T) {
	for _, c := range []struct {
		sse41, bmi1, bmi2, popcnt, avx bool
		want                           Severity
		names                          string
	}{
		{true, true, true, true, true, OK, "SSE4.1"},
		{true, false, true, false, true, Warning, "BMI1, POPCNT"},
		{true, true, true, true, false, Warning, "AVX"},
		{false, true, false, true, true, Failure, "SSE4.1"},
	} {
		got := checkAMD64(missingFeatures(c.sse41, c.bmi1, c.bmi2, c.popcnt, c.avx))
		if got.Severity != c.want || !strings.Contains(got.Text, c.names) || (got.Advice == "") != (c.want == OK) {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

// TestCheckEngine checks that the engine is named, and that only the stock one gets a warning.
func TestCheckEngine(t *testing.T) {
	f := checkEngine()
	if want := runtime.EnginePatches() == ""; (f.Severity == Warning) != want || f.Text != runtime.EngineName() {
		t.Errorf("finding %+v with the engine %s", f, runtime.EngineName())
	}
}
