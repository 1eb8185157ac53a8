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

// benchCellMemory compares the private memory of the process with and without sleeping cells. It
// uses a new engine, because slots keep the pages that they wrote before, which would not be
// counted.
func benchCellMemory(b *testing.B) {
	const cells = 6
	guest, err := assets.Core()
	if err != nil {
		b.Fatal(err)
	}
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Concurrency: cells})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	idle := privateMemory()
	ctx, cancel := context.WithCancel(b.Context())
	var group sync.WaitGroup
	for range cells {
		group.Go(func() {
			e.Evaluate(ctx, runtime.Call{Body: []byte(`{"script": "import time\ntime.sleep(60)", "data": {}}`)})
		})
	}
	time.Sleep(300 * time.Millisecond)
	asleep := privateMemory()
	cancel()
	group.Wait()
	fmt.Printf("private memory: %.1f MiB without a cell, %+.2f MiB for each of %d sleeping cells\n", idle, (asleep-idle)/float64(cells), cells)
}

// privateMemory returns the memory in MiB that only this process uses, or 0 on a system without
// /proc.
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
