//go:build perfmap && linux

package load

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/runtime"
)

// BenchmarkGuestProfile prints the functions of the guest in which the cases of the benchmark spend
// their time (task profile:guest). Linux's perf takes the samples. With the tag perfmap, wazero
// writes the address of each function that it compiles for perf; nothing is cached here, so it
// compiles all of them. The guest itself has no function names. TABCELL_GUEST_DEBUG names the file
// guests/core.dbg.wasm of its build, which has them; without it, functions are printed as numbers.
func BenchmarkGuestProfile(b *testing.B) {
	names, err := functionNames(os.Getenv("TABCELL_GUEST_DEBUG"))
	if err != nil {
		b.Fatal(err)
	}
	guest, err := assets.Core()
	if err != nil {
		b.Fatal(err)
	}
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest)})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for b.Loop() {
		for _, c := range bench.Cases() {
			if c.Body != nil && !strings.Contains(string(c.Body()), "sklearn") {
				profileGuest(b, e, c, names)
			}
		}
	}
}

// profileGuest runs a case repeatedly under perf and prints its functions.
func profileGuest(b *testing.B, e *runtime.Engine, c bench.Case, names map[int]string) {
	body, data := c.Body(), filepath.Join(b.TempDir(), "perf.data")
	for range 3 {
		evaluate(b, e, string(body))
	}
	perf := exec.Command("perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "-o", data, "-p", strconv.Itoa(os.Getpid()), "--", "sleep", "3")
	if err := perf.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- perf.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatalf("perf: %v", err)
			}
			printGuestShares(b, c.Name, data, names)
			return
		default:
			evaluate(b, e, string(body))
		}
	}
}

// guestFunction matches a line of perf's report about the guest: a share, and a function by its
// index in the module.
var guestFunction = regexp.MustCompile(`(?m)^ *([\d.]+)%.*\]\.\$(\d+)`)

// maxFunctions is the number of functions that are printed for each case.
const maxFunctions = 15

// printGuestShares prints the share of each function in the samples of perf's file data.
func printGuestShares(b *testing.B, name, data string, names map[int]string) {
	out, err := exec.Command("perf", "report", "-i", data, "--stdio", "--no-children", "-F", "overhead,sym", "--percent-limit", "0").Output()
	if err != nil {
		b.Fatalf("perf report: %v", err)
	}
	shares, total := map[string]float64{}, 0.0
	for _, m := range guestFunction.FindAllStringSubmatch(string(out), -1) {
		share, _ := strconv.ParseFloat(m[1], 64)
		index, _ := strconv.Atoi(m[2])
		shares[symbolOf(index, names)] += share
		total += share
	}
	fmt.Printf("\n%s: %.1f %% in the guest\n", name, total)
	order := slices.SortedFunc(maps.Keys(shares), func(i, j string) int { return cmp.Compare(shares[j], shares[i]) })
	for _, function := range order[:min(len(order), maxFunctions)] {
		fmt.Printf("  %5.1f %%  %s\n", shares[function], function)
	}
}

// symbolOf returns the name of a function. The rewriter adds its functions after those of the
// guest, so the indices of the guest's functions do not change.
func symbolOf(index int, names map[int]string) string {
	switch name, known := names[index]; {
	case known:
		return name
	case len(names) > 0:
		return "(added by the rewriter: indirect calls, fuel)"
	}
	return fmt.Sprintf("function %d", index)
}
