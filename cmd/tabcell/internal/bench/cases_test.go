package bench

import (
	"encoding/json"
	"testing"
)

// TestBenchCasesAnswers: the cases' own data and checks fit each other: a server that computes the
// addition passes, one that is off by a little in the last row does not.
func TestBenchCasesAnswers(t *testing.T) {
	sums := func(off float64) []byte {
		a, b := Floats(9, 1000), Floats(10, 1000)
		for i := range a {
			a[i] += b[i]
		}
		a[999] += off
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if err := Addition(1000)(sums(0)); err != nil {
		t.Error(err)
	}
	if Addition(1000)(sums(0.01)) == nil || Addition(999)(sums(0)) == nil || Exactly("1")([]byte("2")) == nil || Contains("x")([]byte(`{"y":1}`)) == nil {
		t.Error("a wrong answer passed")
	}
}
