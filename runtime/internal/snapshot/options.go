package snapshot

import (
	"context"
	goruntime "runtime"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/memguard"
	"tabcell/runtime/internal/wasmbin"

	"github.com/tetratelabs/wazero"
)

// Options configure New.
type Options struct {
	Wasm       func() ([]byte, error)  // returns the guest as it was built
	Fuel       int32                   // loop headers and function entries between two ticks
	MaxMemory  uint64                  // largest memory limit of a cell, in bytes
	Cache      wazero.CompilationCache // if nil, the guest is compiled at every start
	StartCache StartCache              // if nil, the guest is rewritten and booted at every start
	Workers    int                     // goroutines that compile
	// Interpreter allows wazero's interpreter, which is slow but needs no executable memory.
	Interpreter bool
	// ReplaceRemainders is that of wasmbin.Options.
	ReplaceRemainders bool
	// Host registers the host modules.
	Host func(context.Context, wazero.Runtime) error
	// Boot wraps each call of the guest while it boots. Warm-up calls are numbered from 0; the
	// number of other calls is -1.
	Boot func(ctx context.Context, warmUp int, call func(context.Context) error) error
	// WarmUp is the number of evaluations before the image is captured.
	WarmUp int
	// Progress, if not nil, is called at the beginning of a long step, at its end, and at intervals
	// while the guest is compiled and booted.
	Progress func(Progress)
}

func (o Options) reporter() *reporter {
	return newReporter(o.Progress, newMeter(o.Workers, goruntime.NumCPU()))
}

// StartCache stores results of a start for later starts.
type StartCache interface {
	// Rewritten returns the rewritten guest, from the cache or from rewrite. Its code may be a stub
	// (wasmbin.StubModule) for which Compiled has the compiled code.
	Rewritten(rewrite Rewrite) (*wasmbin.Prepared, error)
	// Compiled returns the compiled code of a module, from the cache with load, or from compile. If
	// code is a stub whose compiled code is no longer usable, it returns nil without an error.
	Compiled(code []byte, compile, load Compile) (wazero.CompiledModule, error)
	// Image returns the state after an earlier boot, or nil if there is none. It is called
	// concurrently with the other methods.
	Image() *State
	// SaveImage stores the state after a boot.
	SaveImage(State)
}

// Rewrite returns the guest as it is to be compiled.
type Rewrite = func() (*wasmbin.Prepared, error)

// Compile compiles a module.
type Compile = func(code []byte) (wazero.CompiledModule, error)

// maxPages is the maximum memory of the compiled module, nearly all that 32 bits can address. The
// limit of a cell is enforced by its lease, which records a refusal; so compiled code does not
// depend on settings.
const maxPages = 1<<16 - 16

func (o Options) rewrite() (*wasmbin.Prepared, error) {
	wasm, err := o.Wasm()
	if err == nil {
		err = check(wasm)
	}
	if err != nil {
		return nil, err
	}
	return wasmbin.Prepare(wasm, wasmbin.Options{
		Entries:    []string{guest.Evaluate},
		TickModule: guest.HostModule, TickName: guest.Tick,
		Fuel:     o.Fuel,
		MaxPages: maxPages,

		Coalesce: !memguard.Supported(), // without bounds checks, there is nothing to combine

		ReplaceRemainders: o.ReplaceRemainders,
	})
}
