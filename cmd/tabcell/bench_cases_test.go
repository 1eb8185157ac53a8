package main

import (
	"encoding/json"
	"testing"
)

// TestBenchCasesAnswers: the cases' own data and checks fit each other: a server that computes the addition passes, one that is off by a
// little in the last row does not.
func TestBenchCasesAnswers(t *testing.T) {
	sums := func(off float64) []byte {
		a, b := floats(9, 1000), floats(10, 1000)
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
	if err := addition(1000)(sums(0)); err != nil {
		t.Error(err)
	}
	if addition(1000)(sums(0.01)) == nil || addition(999)(sums(0)) == nil || exactly("1")([]byte("2")) == nil || contains("x")([]byte(`{"y":1}`)) == nil {
		t.Error("a wrong answer passed")
	}
}
