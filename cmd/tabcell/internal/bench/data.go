package bench

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Floats returns n numbers with two decimals, like prices.
func Floats(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(r.IntN(1_000_000)) / 100
	}
	return all
}

// words returns n strings of several words.
func words(n int) []string {
	r := rand.New(rand.NewPCG(7, 1))
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("customer %d of %s", r.IntN(n), []string{"north", "south", "east", "west"}[r.IntN(4)])
	}
	return all
}

// keys returns n strings of which at most 1000 are different.
func keys(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("k%d", i*7919%1000)
	}
	return all
}

// dates returns n dates with times.
func dates(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = time.Date(2020, 1, 1+i%2000, i%24, i%60, 0, 0, time.UTC).Format(time.DateTime)
	}
	return all
}

// withNulls returns n numbers, of which every third is null.
func withNulls(n int) []any {
	all := make([]any, n)
	for i, f := range Floats(8, n) {
		if i%3 > 0 {
			all[i] = f
		}
	}
	return all
}
