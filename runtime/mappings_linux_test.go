package runtime

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processMappings returns the number of memory mappings of this process.
func processMappings(t *testing.T) int {
	raw, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(raw, []byte("\n"))
}

// queryModels queries models, which are loaded if necessary, and waits until no call uses them.
func queryModels(t *testing.T, e *Engine, n int) {
	for i := range n {
		code := fmt.Sprint("d", i)
		if r, err := queryModel(e, sourceModel(code), "m"); err != nil || !strings.HasSuffix(string(r.Body), "\n"+code) {
			t.Fatalf("model %s returned %q, error %v", code, r.Body, err)
		}
	}
	for e.Stats().Running > 0 {
		time.Sleep(time.Millisecond)
	}
}

// TestMappingsOfModels checks that a thousand queried models stay below 40,000 mappings.
func TestMappingsOfModels(t *testing.T) {
	e := newEngine(t, nil)
	queryModels(t, e, 1)
	before, counted := processMappings(t), e.TemplateStats().Mappings
	const n = 40
	queryModels(t, e, n)
	per := float64(processMappings(t)-before) / (n - 1)
	if per*1000 > 30_000 {
		t.Errorf("each model takes %.1f mappings", per)
	}
	if counted = e.TemplateStats().Mappings - counted; float64(counted) < (per-0.5)*(n-1) {
		t.Errorf("%d mappings are counted for %d models, which take %.1f each", counted, n-1, per)
	}
}

// TestMappingsAreLimited queries more models than can have slots, and then more than can be loaded.
func TestMappingsAreLimited(t *testing.T) {
	e := newEngine(t, nil)
	e.models.maxMaps = 60
	queryModels(t, e, 30)
	if s := e.TemplateStats(); s.Count != 30 || s.Drops != 0 || e.models.maps > 60 {
		t.Errorf("%d mappings, %+v", e.models.maps, s)
	}
	e.models.maxMaps = 20
	queryModels(t, e, 30)
	if s := e.TemplateStats(); s.Count < 10 || s.Count > 20 || s.Drops == 0 || e.models.maps > 20 {
		t.Errorf("%d mappings, %+v", e.models.maps, s)
	}
	e.ForgetModel("d29")
	for e.models.shrink() {
	}
	if s := e.TemplateStats(); s.Count != 0 || s.Bytes != 0 || e.models.maps != 0 {
		t.Errorf("after shrink: %d mappings, %+v", e.models.maps, s)
	}
}

// TestExhaustedAddressSpace checks that models in a process without free address space are loaded
// and queried in place of others. The process is a second one, whose address space is limited.
func TestExhaustedAddressSpace(t *testing.T) {
	const variable = "TABCELL_TEST_ADDRESS_SPACE"
	if os.Getenv(variable) == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestExhaustedAddressSpace$")
		cmd.Env = append(os.Environ(), variable+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	e := newEngine(t, nil)
	queryModels(t, e, 4)
	var statm struct{ pages uint64 }
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(raw), &statm.pages); err != nil {
		t.Fatal(err)
	}
	limit := statm.pages*uint64(os.Getpagesize()) + 16<<20 // less than a slot, which reserves 32 MiB
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		t.Fatal(err)
	}
	queryModels(t, e, 12)
	if s := e.TemplateStats(); s.Count == 0 || e.Stats().Crashes != 0 {
		t.Errorf("%+v, %+v", s, e.Stats())
	}
}
