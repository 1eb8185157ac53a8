package bench

import (
	"encoding/json"
	"testing"
)

// TestChecks checks that correct responses pass the checks and that wrong ones do not, even if only
// the last row differs slightly.
func TestChecks(t *testing.T) {
	sums := func(deviation float64) []byte {
		a, b := Floats(9, 1000), Floats(10, 1000)
		for i := range a {
			a[i] += b[i]
		}
		a[999] += deviation
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if err := CheckAddition(1000)(sums(0)); err != nil {
		t.Error(err)
	}
	if CheckAddition(1000)(sums(0.01)) == nil || CheckAddition(999)(sums(0)) == nil || CheckEqual("1")([]byte("2")) == nil || CheckContains("x")([]byte(`{"y":1}`)) == nil {
		t.Error("a wrong response passed a check")
	}
}
