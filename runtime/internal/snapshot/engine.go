package snapshot

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall

// probeModule is the smallest module with a function: (module (func (export "f"))).
var probeModule = []byte{0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10, 4, 1, 2, 0, 0x0b}

// NoExecutableMemoryError: this process may not turn memory into code, so nothing can be compiled.
type NoExecutableMemoryError struct{ Cause any }

func (e *NoExecutableMemoryError) Error() string {
	return fmt.Sprintf("this process may not make memory executable (%v): the compiler cannot be used", e.Cause)
}

// Probe compiles and calls a tiny module. wazero panics where executable memory is refused, and its own choice of an engine
// would fall back to an interpreter, 150 times slower, without a word.
func Probe(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &NoExecutableMemoryError{p}
		}
	}()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	defer r.Close(ctx)
	m, err := r.Instantiate(ctx, probeModule)
	if err != nil {
		return &NoExecutableMemoryError{err}
	}
	_, err = m.ExportedFunction("f").Call(ctx)
	return err
}

// newRuntime makes the engine. Without executable memory it is the compiler's error, or wazero's interpreter where that was
// asked for by name.
func newRuntime(ctx context.Context, cache wazero.CompilationCache, interpreter bool) (r wazero.Runtime, native bool, err error) {
	cfg := wazero.NewRuntimeConfigInterpreter()
	if err := Probe(ctx); err == nil {
		cfg, native = wazero.NewRuntimeConfigCompiler(), true
	} else if !interpreter {
		return nil, false, err
	}
	cfg = cfg.WithCoreFeatures(features).WithDebugInfoEnabled(false)
	if cache != nil {
		cfg = cfg.WithCompilationCache(cache)
	}
	return wazero.NewRuntimeWithConfig(ctx, cfg), native, nil
}
