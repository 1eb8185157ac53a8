//go:build perfmap && linux

package load

import (
	"cmp"
	"encoding/binary"
	"errors"
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

// BenchmarkGuestProfile prints in which functions of the guest the cases of the bench spend their time: `task profile:guest`. Linux's perf takes the
// samples; with the tag perfmap wazero tells it where the code of each function lies, if it compiles (there is no cache here, so it does). The guest
// carries no names: TABCELL_GUEST_DEBUG names the file work/guests/core.dbg.wasm of its build, which does; without it functions are numbers.
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

// profileGuest runs a case again and again under perf.
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

// guestFunction is a line of perf's report about the guest: a share, and a function by its index in the module, with a part of it.
var guestFunction = regexp.MustCompile(`(?m)^ *([\d.]+)%.*\]\.\$(\d+)`)

const mostFunctions = 15

func printGuestShares(b *testing.B, name, data string, names map[int]string) {
	out, err := exec.Command("perf", "report", "-i", data, "--stdio", "--no-children", "-F", "overhead,sym", "--percent-limit", "0").Output()
	if err != nil {
		b.Fatalf("perf report: %v", err)
	}
	shares, all := map[string]float64{}, 0.0
	for _, m := range guestFunction.FindAllStringSubmatch(string(out), -1) {
		share, _ := strconv.ParseFloat(m[1], 64)
		index, _ := strconv.Atoi(m[2])
		shares[symbolOf(index, names)] += share
		all += share
	}
	fmt.Printf("\n%s: %.1f %% in the guest\n", name, all)
	order := slices.SortedFunc(maps.Keys(shares), func(i, j string) int { return cmp.Compare(shares[j], shares[i]) })
	for _, function := range order[:min(len(order), mostFunctions)] {
		fmt.Printf("  %5.1f %%  %s\n", shares[function], function)
	}
}

// symbolOf: the rewriter adds its functions behind the guest's own, so that the names of those stay theirs.
func symbolOf(index int, names map[int]string) string {
	switch name, known := names[index]; {
	case known:
		return name
	case len(names) > 0:
		return "(added by the rewriter: indirect calls, fuel)"
	}
	return fmt.Sprintf("function %d", index)
}

// functionNames reads the name section of a wasm file (WebAssembly 1.0, appendix "Custom Sections"); "" is no file and no names.
func functionNames(path string) (map[int]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < 8 {
		return nil, errors.Join(err, errors.New("no wasm file"))
	}
	for r := (wasmReader{raw[8:]}); len(r.b) > 0; {
		id, section := r.byte(), wasmReader{r.bytes()}
		if id == 0 && string(section.bytes()) == "name" {
			return section.functions(), nil
		}
	}
	return nil, fmt.Errorf("%s has no names", path)
}

// wasmReader takes a file apart that the build made; a broken one ends with a panic.
type wasmReader struct{ b []byte }

func (r *wasmReader) byte() byte {
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *wasmReader) uint() int {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return int(v)
}

func (r *wasmReader) bytes() []byte {
	n := r.uint()
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// functions are the names in the subsection for functions, which is number 1.
func (r *wasmReader) functions() map[int]string {
	names := map[int]string{}
	for len(r.b) > 0 {
		id, part := r.byte(), wasmReader{r.bytes()}
		if id != 1 {
			continue
		}
		for range part.uint() {
			index := part.uint()
			names[index] = string(part.bytes())
		}
	}
	return names
}
