package snapshot

import (
	"context"
	"fmt"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/memguard"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall

// probeModule is (module (func (export "f"))).
var probeModule = []byte{0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10, 4, 1, 2, 0, 0x0b}

// NoExecutableMemoryError means that the system does not let this process execute memory that it
// has written, which the compiler needs.
type NoExecutableMemoryError struct{ Cause any }

func (e *NoExecutableMemoryError) Error() string {
	return fmt.Sprintf("this process cannot make memory executable (%v), which the compiler needs", e.Cause)
}

// Probe checks that the compiler works, by compiling and calling a tiny module. It returns a
// *NoExecutableMemoryError if it does not. Without Probe, wazero either panics where executable
// memory is refused, or, if it chooses the engine, silently uses an interpreter that is 150 times
// slower.
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

// newRuntime returns a runtime with wazero's compiler. Without executable memory, it returns a
// runtime with wazero's interpreter if that is allowed, and otherwise an error. The result native
// reports whether the compiler is used.
func newRuntime(ctx context.Context, cache wazero.CompilationCache, interpreter bool) (r wazero.Runtime, native bool, err error) {
	cfg := wazero.NewRuntimeConfigInterpreter()
	if err := Probe(ctx); err == nil {
		cfg, native = memguard.Config(wazero.NewRuntimeConfigCompiler()), true
	} else if !interpreter {
		return nil, false, err
	}
	cfg = cfg.WithCoreFeatures(features).WithDebugInfoEnabled(false)
	if ticking, ok := withTick(cfg); ok {
		cfg = ticking
	}
	if cache != nil {
		cfg = cfg.WithCompilationCache(cache)
	}
	return wazero.NewRuntimeWithConfig(ctx, cfg), native, nil
}

// withTick returns a configuration for an engine that makes the calls of tick out of line, or false if
// the engine does not. It is that of cmd/dist for amd64 (engine/patches, 22 to 25).
func withTick(cfg wazero.RuntimeConfig) (wazero.RuntimeConfig, bool) {
	patched, ok := cfg.(interface {
		WithTick(module, name string) (wazero.RuntimeConfig, bool)
	})
	if !ok {
		return nil, false
	}
	return patched.WithTick(guest.HostModule, guest.Tick)
}
