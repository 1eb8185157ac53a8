// Package harness runs the program, and engines with the real guests, for tests of the whole
// program.
//
// The tests of a package share one engine for each guest, and the packages share one folder of
// compiled code, because compiling a guest takes longer than all tests of a package. Each server
// under test gives its own limits to the shared engine with every call.
package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// maxMemory is the memory limit of the shared engines, and so of every call.
const maxMemory = 1 << 30

// CoreEngine returns the shared engine with the core guest. The first call starts it.
var CoreEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	return StartEngine(runtime.Config{
		Guest: runtime.Guest(guest), Verify: true, Queue: 1000,
		Limits: runtime.Limits{Timeout: testenv.Scaled(time.Minute), Memory: maxMemory},
	})
})

// FullEngine returns the shared engine with the full guest, which has a queue in common with the
// engine of CoreEngine. The first call starts it.
var FullEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	core, err := CoreEngine()
	if err != nil {
		return nil, err
	}
	guest, err := assets.Full()
	if err != nil {
		return nil, err
	}
	return StartEngine(runtime.Config{
		Guest: runtime.Guest(guest), Verify: true, ShareQueueWith: core,
		Limits: runtime.Limits{Timeout: testenv.Scaled(2 * time.Minute), Memory: maxMemory},
	})
})

// Router returns a shared evaluator with both engines. The full engine is started by the first
// script that needs it.
var Router = sync.OnceValues(func() (runtime.Evaluator, error) {
	core, err := CoreEngine()
	if err != nil {
		return nil, err
	}
	return runtime.NewRouter(core, assets.FullOnly(), FullEngine), nil
})

// Core returns the engine of CoreEngine.
func Core(t testing.TB) *runtime.Engine { return Must(t, CoreEngine) }

// Full returns the engine of FullEngine.
func Full(t testing.TB) *runtime.Engine { return Must(t, FullEngine) }

// Must returns the engine that start returns. If start returns an error, the test fails.
func Must(t testing.TB, start func() (*runtime.Engine, error)) *runtime.Engine {
	t.Helper()
	e, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// EngineWith returns the shared engine whose guest has the named library.
func EngineWith(library string) (*runtime.Engine, error) {
	if slices.Contains(assets.FullOnly(), library) {
		return FullEngine()
	}
	return CoreEngine()
}

// StartEngine starts an engine with the compiled code that all tests share. If the guest is not
// compiled yet, the first test binary that needs it compiles it, and others that run at the same
// time wait and then load the compiled code.
func StartEngine(c runtime.Config) (*runtime.Engine, error) {
	c.CacheDir = testenv.CacheDir()
	if err := os.MkdirAll(c.CacheDir, 0o700); err != nil {
		return nil, err
	}
	lock := fmt.Sprintf("%s-%.16s.lock", c.Guest.Name, c.Guest.Digest) // other checkouts may have other guests
	unlock, err := lockedfile.MutexAt(filepath.Join(c.CacheDir, lock)).Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return runtime.New(context.Background(), c)
}
