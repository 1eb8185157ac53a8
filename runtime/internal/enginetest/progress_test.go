package enginetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"tabcell/runtime/internal/engineid"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

// countedContext is a context of the kind that the patched engine reports compiled functions to.
type countedContext struct {
	context.Context
	report func(done, total int)
}

func (c countedContext) FunctionsCompiled(done, total int) { c.report(done, total) }

// manyFunctions returns a module with functions of one byte more than the one before.
func manyFunctions(n int) []byte {
	bodies, types := appendU32(nil, n), appendU32(nil, n)
	for i := range n {
		body := []byte{0} // no local variables
		for range i {
			body = append(body, 0x01) // nop
		}
		body = append(body, 0x0b)
		bodies = append(appendU32(bodies, len(body)), body...)
		types = append(types, 0)
	}
	b := []byte("\x00asm\x01\x00\x00\x00")
	b = append(b, 1, 4, 1, 0x60, 0, 0)
	b = append(appendU32(append(b, 3), len(types)), types...)
	return append(appendU32(append(b, 10), len(bodies)), bodies...)
}

func appendU32(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func compileMany(ctx context.Context, t *testing.T) error {
	t.Helper()
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigCompiler())
	defer r.Close(t.Context())
	_, err := r.CompileModule(ctx, manyFunctions(100))
	return err
}

// TestCompilationProgress checks that the patched engine counts the bytes of all functions, and
// that the released one compiles with such a context as with any other.
func TestCompilationProgress(t *testing.T) {
	for _, workers := range []int{1, 3} {
		var mu sync.Mutex
		var calls, most int
		ctx := countedContext{experimental.WithCompilationWorkers(t.Context(), workers), func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			if most = max(most, done); total != 5050 || done > total {
				t.Errorf("%d of %d bytes", done, total)
			}
		}}
		if err := compileMany(ctx, t); err != nil {
			t.Fatal(err)
		}
		if patched := engineid.Patches() != ""; patched && (calls != 100 || most != 5050) || !patched && calls != 0 {
			t.Errorf("%d workers: %d calls, at most %d bytes", workers, calls, most)
		}
	}
}

// TestCompilationIsCanceled cancels a compilation from within. The released engine compiles to the
// end if it has one worker.
func TestCompilationIsCanceled(t *testing.T) {
	if engineid.Patches() == "" {
		t.Skip("the released engine does not report functions")
	}
	for _, workers := range []int{1, 3} {
		stopped := errors.New("stopped")
		inner, cancel := context.WithCancelCause(t.Context())
		var mu sync.Mutex
		calls := 0
		ctx := countedContext{experimental.WithCompilationWorkers(inner, workers), func(int, int) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			cancel(stopped)
		}}
		if err := compileMany(ctx, t); !errors.Is(err, stopped) || calls > workers {
			t.Errorf("%d workers: error %v after %d functions", workers, err, calls)
		}
	}
}
