package load

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// memoryOfCells compares the process's private memory with cells asleep and without. The engine is a new one: slots that were used before keep
// the pages that they wrote, which would count for nothing.
func memoryOfCells(b *testing.B) {
	const places = 6
	guest, err := assets.Core()
	if err != nil {
		b.Fatal(err)
	}
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Concurrency: places})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	idle := privateMemory()
	ctx, cancel := context.WithCancel(b.Context())
	var group sync.WaitGroup
	for range places {
		group.Go(func() {
			e.Evaluate(ctx, runtime.Call{Body: []byte(`{"script": "import time\ntime.sleep(60)", "data": {}}`)})
		})
	}
	time.Sleep(300 * time.Millisecond)
	asleep := privateMemory()
	cancel()
	group.Wait()
	fmt.Printf("private memory: %.1f MiB without a cell, %+.2f MiB for each of %d asleep\n", idle, (asleep-idle)/float64(places), places)
}

// privateMemory is what this process alone takes, MiB; 0 where the system does not tell.
func privateMemory() float64 {
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); f[0] == "Private_Dirty:" {
			n, _ := strconv.ParseFloat(f[1], 64)
			return n / 1024
		}
	}
	return 0
}
