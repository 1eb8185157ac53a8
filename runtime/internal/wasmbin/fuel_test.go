package wasmbin

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// buildRuns defines functions with known numbers of checks.
func buildRuns() []byte {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	unary := b.typ(i32, i32)
	b.memory(0, 1)
	b.table(1)
	// br_if 0 until the parameter is 0
	countdown := code(get(0), constant(1), op(opI32Sub, 0x22, 0, 0x0d, 0))
	b.export("nothing", KindFunc, b.function(unary, 0, get(0)))
	b.export("loop", KindFunc, b.function(unary, 0, op(opLoop, noResult), countdown, op(opEnd), get(0)))
	leaf := b.funcs - 2
	b.export("nested", KindFunc, b.function(unary, 1, op(opLoop, noResult), constant(10), set(1),
		op(opLoop, noResult), get(1), constant(1), op(opI32Sub, 0x22, 1, 0x0d, 0, opEnd), countdown, op(opEnd), get(0)))
	b.export("leaves", KindFunc, b.function(unary, 0, op(opLoop, noResult), get(0), call(leaf), op(0x1a), countdown, op(opEnd), get(0)))
	down := code(get(0), op(0x45, opIf, noResult), constant(0), op(0x0f, opEnd), get(0), constant(1), op(opI32Sub))
	b.export("recursion", KindFunc, b.function(unary, 0, down, call(b.funcs)))
	b.export("tail", KindFunc, b.function(unary, 0, down, byte(opReturnCall), b.funcs))
	b.elements(0, b.function(unary, 0, down, constant(0), indirect(unary)))
	b.export("indirect", KindFunc, b.funcs-1)
	b.export("forever", KindFunc, b.function(unary, 0, op(opLoop, noResult, 0x0c, 0, opEnd), constant(0)))
	b.export("deeper", KindFunc, b.function(unary, 0, get(0), byte(opReturnCall), b.funcs))
	return b.bytes()
}

func withFuel(fuel int32) Options {
	return Options{Fuel: fuel, TickModule: "tabcell", TickName: "tick"}
}

func TestTickCount(t *testing.T) {
	bin := buildRuns()
	runs := []struct {
		name     string
		n        int
		payments []int32
	}{
		{"nothing", 1, nil},             // no call and no loop
		{"loop", 1, innermost(1)},       //
		{"loop", 5000, innermost(5000)}, //
		// the outer loop is not innermost, so it pays at each iteration
		{"nested", 20, iterations(20, innermost(10))},
		// pays at its entry, because it calls, and in its loop; the leaf pays nothing
		{"leaves", 30, iterations(31, nil)},
		{"recursion", 99, iterations(100, nil)}, // also the last invocation, which does not call
		{"tail", 99, iterations(100, nil)},      //
		{"indirect", 99, iterations(100, nil)},  // dispatchers cost nothing
	}
	for _, fuel := range []int32{1, 2, 7, 99, 100, 1000, 1<<31 - 1} {
		p := prepareOrFail(t, bin, withFuel(fuel))
		for _, run := range runs {
			t.Run(fmt.Sprintf("%d/%s %d", fuel, run.name, run.n), func(t *testing.T) {
				m := newMachine(t)
				mod := m.prepared(p)
				if _, err := mod.ExportedFunction(run.name).Call(context.Background(), uint64(run.n)); err != nil {
					t.Fatal(err)
				}
				ticks, left := spend(fuel, run.payments)
				if m.ticks != ticks {
					t.Errorf("%d ticks, want %d", m.ticks, ticks)
				}
				if got := int32(mod.ExportedGlobal(p.FuelGlobal).Get()); got != left {
					t.Errorf("%d units of fuel are left, want %d", got, left)
				}
			})
		}
	}
}

// innermost returns the payments of a strip-mined loop with n iterations.
func innermost(n int) []int32 {
	payments := []int32{entryPrice}
	for range (n - 1) / (stripLength - 1) {
		payments = append(payments, stripLength)
	}
	return payments
}

// iterations returns n payments of 1, each followed by others.
func iterations(n int, others []int32) (payments []int32) {
	for range n {
		payments = append(append(payments, 1), others...)
	}
	return payments
}

func spend(fuel int32, payments []int32) (ticks int, left int32) {
	left = fuel
	for _, price := range payments {
		if left -= price; left < 0 {
			ticks++
			left = fuel
		}
	}
	return ticks, left
}

func TestTickStopsEndlessCode(t *testing.T) {
	p := prepareOrFail(t, buildRuns(), withFuel(1000))
	for _, name := range []string{"forever", "deeper"} {
		m := newMachine(t)
		m.tickLimit = 50
		if _, err := m.prepared(p).ExportedFunction(name).Call(context.Background(), 0); !errors.Is(err, errStopped) {
			t.Errorf("%s: error %v, want %v", name, err, errStopped)
		}
		if m.ticks != m.tickLimit {
			t.Errorf("%s stopped at tick %d, want %d", name, m.ticks, m.tickLimit)
		}
	}
}

func TestEmptyCounter(t *testing.T) {
	p := prepareOrFail(t, buildRuns(), withFuel(1000))
	m := newMachine(t)
	mod := m.prepared(p)
	// 1<<31 minus 1 wraps around to a positive number
	for i, v := range []uint64{0, 1<<32 - 1, 1 << 31} {
		setGlobal(t, mod, p.FuelGlobal, v)
		if _, err := mod.ExportedFunction("loop").Call(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		if want := min(i+1, 2); m.ticks != want {
			t.Errorf("%d ticks after the counter was set to %#x, want %d", m.ticks, v, want)
		}
	}
}

func TestWithoutFuel(t *testing.T) {
	p := prepareOrFail(t, buildRuns(), Options{TickModule: "no", TickName: "such import"})
	if p.FuelGlobal != "" || len(p.Globals) != 0 {
		t.Errorf("fuel counter %q, globals %q; want none", p.FuelGlobal, p.Globals)
	}
	m := newMachine(t)
	if _, err := m.prepared(p).ExportedFunction("loop").Call(context.Background(), 5000); err != nil || m.ticks != 0 {
		t.Errorf("%d ticks, error %v; want none", m.ticks, err)
	}
}
