package wasmbin

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// buildRuns has functions whose numbers of checks are known.
func buildRuns() []byte {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	unary := b.typ(i32, i32)
	b.memory(0, 1)
	b.table(1)
	countdown := code(get(0), constant(1), op(opI32Sub, 0x22, 0, 0x0d, 0)) // br_if 0 until the parameter is 0
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

func TestTicksAreExact(t *testing.T) {
	bin := buildRuns()
	runs := []struct {
		name string
		n    int
		pays []int32
	}{
		{"nothing", 1, nil},                      // calls nothing, repeats nothing
		{"loop", 1, innermost(1)},                //
		{"loop", 5000, innermost(5000)},          //
		{"nested", 20, turns(20, innermost(10))}, // the outer loop is not innermost: it pays at each turn
		{"leaves", 30, turns(31, nil)},           // its own entry, since it calls; its loop; not the leaf
		{"recursion", 99, turns(100, nil)},       // the last one does not call, but could
		{"tail", 99, turns(100, nil)},            //
		{"indirect", 99, turns(100, nil)},        // dispatchers cost nothing
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
				ticks, left := spend(fuel, run.pays)
				if m.ticks != ticks {
					t.Errorf("%d ticks, want %d", m.ticks, ticks)
				}
				if got := int32(mod.ExportedGlobal(p.FuelGlobal).Get()); got != left {
					t.Errorf("%d fuel left, want %d", got, left)
				}
			})
		}
	}
}

// innermost is what a loop pays that is cut into strips and runs n times.
func innermost(n int) []int32 {
	pays := []int32{entryPrice}
	for range (n - 1) / (stripLength - 1) {
		pays = append(pays, stripLength)
	}
	return pays
}

// turns is n checks of price 1, each followed by others.
func turns(n int, others []int32) (pays []int32) {
	for range n {
		pays = append(append(pays, 1), others...)
	}
	return pays
}

func spend(fuel int32, pays []int32) (ticks int, left int32) {
	left = fuel
	for _, price := range pays {
		if left -= price; left < 0 {
			ticks++
			left = fuel
		}
	}
	return ticks, left
}

func TestTickStopsWhatNeverEnds(t *testing.T) {
	p := prepareOrFail(t, buildRuns(), withFuel(1000))
	for _, name := range []string{"forever", "deeper"} {
		m := newMachine(t)
		m.tickLimit = 50
		if _, err := m.prepared(p).ExportedFunction(name).Call(context.Background(), 0); !errors.Is(err, errStopped) {
			t.Errorf("%s ended with %v", name, err)
		}
		if m.ticks != m.tickLimit {
			t.Errorf("%s went on to tick %d", name, m.ticks)
		}
	}
}

func TestEmptyCounterTicksAtOnce(t *testing.T) {
	p := prepareOrFail(t, buildRuns(), withFuel(1000))
	m := newMachine(t)
	mod := m.prepared(p)
	for i, v := range []uint64{0, 1<<32 - 1, 1 << 31} { // 1<<31 - 1 passes below the lowest number
		setGlobal(t, mod, p.FuelGlobal, v)
		if _, err := mod.ExportedFunction("loop").Call(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		if want := min(i+1, 2); m.ticks != want {
			t.Errorf("%d ticks after the counter was set to %#x, want %d", m.ticks, v, want)
		}
	}
}

func TestWithoutFuelTheCodeStays(t *testing.T) {
	p := prepareOrFail(t, buildRuns(), Options{TickModule: "no", TickName: "such import"})
	if p.FuelGlobal != "" || len(p.Globals) != 0 {
		t.Errorf("a counter %q, globals %q", p.FuelGlobal, p.Globals)
	}
	m := newMachine(t)
	if _, err := m.prepared(p).ExportedFunction("loop").Call(context.Background(), 5000); err != nil || m.ticks != 0 {
		t.Errorf("%d ticks, %v", m.ticks, err)
	}
}
