package python

import "testing"

func TestFormatFloat(t *testing.T) {
	for f, want := range map[float64]string{0: "0.0", 5: "5.0", 1.5: "1.5", 1e-4: "0.0001", 1e-5: "1e-05", -2.5e-7: "-2.5e-07", 1e15: "1000000000000000.0"} {
		if got := FormatFloat(f); got != want {
			t.Errorf("FormatFloat(%g) = %s, want %s", f, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for s, want := range map[string]string{"": "''", "x": "'x'", "it's": `"it's"`, `'"`: `'\'"'`} {
		if got := Quote(s); got != want {
			t.Errorf("Quote(%q) = %s, want %s", s, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]struct{ integer, float bool }{
		"1": {true, true}, "+1_0": {true, true}, "-0": {true, true}, "1.": {false, true}, ".5": {false, true}, "1e3": {false, true},
		"1__0": {}, "_1": {}, "1_": {}, "": {}, " 1": {}, "0x10": {}, "inf": {}, "nan": {}, ".": {}, "٥": {},
	} {
		if got := IsInteger(text); got != want.integer {
			t.Errorf("IsInteger(%q) = %v, want %v", text, got, want.integer)
		}
		if got := IsFloat(text); got != want.float {
			t.Errorf("IsFloat(%q) = %v, want %v", text, got, want.float)
		}
	}
}
