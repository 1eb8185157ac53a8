package httpapi

import (
	"math"
	"strings"
	"testing"
)

// The expected texts are those of Python's repr.
func TestPythonFloat(t *testing.T) {
	for f, want := range map[float64]string{
		5: "5.0", 1.5: "1.5", 0.1: "0.1", 30: "30.0", 0: "0.0", -2: "-2.0", 1e15: "1000000000000000.0", 1e16: "1e+16",
		1e-4: "0.0001", 1e-5: "1e-05", 0.000123: "0.000123", 123456.789: "123456.789",
	} {
		if got := pythonFloat(f); got != want {
			t.Errorf("pythonFloat(%g) = %s, want %s", f, got, want)
		}
	}
	if got := pythonFloat(math.Inf(1)); strings.Contains(got, ".0") {
		t.Errorf("pythonFloat of infinity = %s", got)
	}
}
