package wasmbin

import (
	"bytes"
	"context"
	"slices"
	"testing"
)

// TestStateIsMemoryAndGlobals copies memory and globals of a used instance to a fresh one, which
// must then behave like the used one.
func TestStateIsMemoryAndGlobals(t *testing.T) {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	buildState(b)
	p := prepareOrFail(t, b.bytes(), withFuel(100))
	want := []string{"tabcell.global1", "tabcell.global3", "tabcell.global4", "tabcell.global5", "tabcell.global6", "tabcell.fuel"}
	if !slices.Equal(p.Globals, want) {
		t.Fatalf("globals %q, want %q", p.Globals, want)
	}
	m := newMachine(t)
	used, fresh := m.prepared(p), m.instantiate(p.Code, "", nil)
	bump := func(n uint64) uint64 {
		got, err := used.ExportedFunction("bump").Call(context.Background(), n)
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	bump(3)
	bump(1 << 20)
	fresh.Memory().Write(0, memory(used))
	for _, name := range p.Globals {
		setGlobal(t, fresh, name, used.ExportedGlobal(name).Get())
	}
	got, err := fresh.ExportedFunction("bump").Call(context.Background(), 9)
	if want := bump(9); err != nil || got[0] != want {
		t.Errorf("the fresh instance returns %d, %v; the used one returns %d", got, err, want)
	}
	if fresh.ExportedGlobal("count").Get() != fresh.ExportedGlobal("tabcell.global1").Get() {
		t.Error("the exported global \"count\" is not global 1")
	}
}

func TestPreparedModuleHasNoData(t *testing.T) {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	buildState(b)
	bin := append(b.bytes(), code(byte(secCustom), byte(5), text("note"))...)
	p := prepareOrFail(t, bin, Options{})
	if len(p.Data) != 3 || p.Data[0].Offset != 4 || string(p.Data[1].Bytes) != "abc" || p.Data[2].Offset != 65530 {
		t.Errorf("data %v", p.Data)
	}
	if bytes.Contains(p.Code, []byte("note")) || bytes.Contains(p.Code, []byte("0123456789")) {
		t.Error("the prepared module contains data or a custom section")
	}
	if zero := make([]byte, 1<<16); !bytes.Equal(memory(newMachine(t).instantiate(p.Code, "", nil)), zero) {
		t.Error("instantiation writes to memory")
	}
}

func TestMemoryLimits(t *testing.T) {
	for _, c := range []struct {
		declared  []byte
		maxPages  uint32
		min, want uint32
	}{
		{op(0, 3), 50, 3, 50},
		{op(0, 3), 3, 3, 3},
		{op(1, 3, 20), 50, 3, 20},
		{op(1, 3, 60), 50, 3, 50},
		{op(0, 0), maxPages - 1, 0, maxPages - 1},
	} {
		b := &builder{}
		b.memory(c.declared...)
		p := prepareOrFail(t, b.bytes(), Options{MaxPages: c.maxPages})
		info, err := Inspect(p.Code)
		if err != nil || p.MinPages != c.min || info.MinPages != c.min || info.MaxPages != c.want {
			t.Errorf("memory %v with MaxPages %d: limits %d to %d, error %v", c.declared, c.maxPages, info.MinPages, info.MaxPages, err)
		}
	}
}

func TestGrowthLimit(t *testing.T) {
	b := &builder{}
	b.memory(0, 1)
	b.export("grow", KindFunc, b.function(b.typ(i32, i32), 0, get(0), op(0x40, 0)))
	grow := newMachine(t).prepared(prepareOrFail(t, b.bytes(), Options{MaxPages: 4})).ExportedFunction("grow")
	for _, c := range []struct{ pages, want uint64 }{{4, 1<<32 - 1}, {2, 1}, {2, 1<<32 - 1}, {1, 3}, {1, 1<<32 - 1}} {
		if got, err := grow.Call(context.Background(), c.pages); err != nil || got[0] != c.want {
			t.Errorf("growing by %d pages returns %d, %v, want %d", c.pages, got, err, c.want)
		}
	}
}

func TestEmptyModule(t *testing.T) {
	p := prepareOrFail(t, []byte(header), Options{})
	newMachine(t).instantiate(p.Code, "", nil)
	if p.MinPages != 0 || len(p.Globals) != 0 || len(p.Data) != 0 {
		t.Errorf("an empty module was prepared as %+v", p)
	}
}
