// Package harness runs the program, and the engines with the real guests, for the tests of the whole
// program.
package harness

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"

	"github.com/rogpeppe/go-internal/lockedfile"
)

const widestMemory = 1 << 30

var CoreEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	return startEngine(runtime.Config{
		Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Verify: true, Queue: 1000,
		Limits: runtime.Limits{Timeout: time.Minute, Memory: widestMemory},
	})
})

func Core(t testing.TB) *runtime.Engine {
	t.Helper()
	e, err := CoreEngine()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Router has both guests; the large one is started by the first test that needs it.
var Router = sync.OnceValues(func() (runtime.Evaluator, error) {
	core, err := CoreEngine()
	if err != nil {
		return nil, err
	}
	return runtime.NewRouter(core, server.FullOnly, FullEngine), nil
})

// FullEngine is the large guest beside the shared small one.
var FullEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	core, err := CoreEngine()
	if err != nil {
		return nil, err
	}
	guest, err := assets.Full()
	if err != nil {
		return nil, err
	}
	return startEngine(runtime.Config{
		Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Verify: true, ShareQueueWith: core,
		Limits: runtime.Limits{Timeout: 2 * time.Minute, Memory: widestMemory},
	})
})

func Full(t testing.TB) *runtime.Engine {
	t.Helper()
	e, err := FullEngine()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// EngineWith is an engine whose guest has a library.
func EngineWith(library string) (*runtime.Engine, error) {
	if slices.Contains(server.FullOnly, library) {
		return FullEngine()
	}
	return CoreEngine()
}

// startEngine starts an engine. Test binaries that run at the same time do not compile the same guest at the same time: one does, and the
// others load the compiled code.
func startEngine(c runtime.Config) (*runtime.Engine, error) {
	if err := os.MkdirAll(c.CacheDir, 0o700); err != nil {
		return nil, err
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(c.CacheDir, c.Guest.Name+".lock")).Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return runtime.New(context.Background(), c)
}
