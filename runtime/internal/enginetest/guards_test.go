package enginetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tabcell/runtime/internal/linmem"
	"tabcell/runtime/internal/memguard"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

func needGuards(t *testing.T) {
	t.Helper()
	if !memguard.Supported() {
		t.Skip("this engine has no memory guards")
	}
}

// TestUnusedLoads makes loads whose values are not used. They trap like all others.
func TestUnusedLoads(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 1}
	lane := func(op byte) []byte { return []byte{0xfd, op} }
	ops := map[string]memoryOp{"8 splat": {code: lane(7)}, "64 splat": {code: lane(10)}, "8x8 extended": {code: lane(1)}, "64 and zeros": {code: lane(0x5d)}}
	for _, o := range memoryOps {
		if !o.store {
			ops[o.name] = o
		}
	}
	for name, o := range ops {
		drop := []byte{0x1a}
		m.function(name, []byte{i32}, []byte{i64}, nil, cat(get(0), access(o.code, 8), drop, constant(i64, 1)))
		m.function(name+" of a constant", []byte{i32}, []byte{i64}, nil, cat(constant(i32, 2*page), access(o.code, 8), drop, constant(i64, 1)))
	}
	p := compile(t, all, m).instantiate(t)
	for name := range ops {
		if o := p.call(t, name, 0); o.err != "" {
			t.Errorf("%s: %v", name, o)
		}
		for _, name := range []string{name, name + " of a constant"} {
			if o := p.call(t, name, page); !strings.Contains(o.err, "out of bounds") {
				t.Errorf("%s: %v", name, o)
			}
		}
	}
}

// TestOrderOfTraps makes two traps, of which the first must be reported.
func TestOrderOfTraps(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 1}
	load, store := access([]byte{0x28}, 0), access([]byte{0x36}, 0)
	divide, add, truncate := []byte{0x6d}, []byte{0x6a}, []byte{0xa8}
	infinity := constant(f32, 0x7f800000)
	m.function("load, then divide", []byte{i32}, []byte{i32}, []byte{i32},
		cat(get(0), load, set(1), constant(i32, 1), constant(i32, 0), divide, get(1), add))
	m.function("divide, then load", []byte{i32}, []byte{i32}, nil, cat(constant(i32, 1), constant(i32, 0), divide, get(0), load, add))
	m.function("load, then truncate", []byte{i32}, []byte{i32}, []byte{i32},
		cat(get(0), load, set(1), infinity, truncate, get(1), add))
	m.function("load, then store", []byte{i32}, []byte{i32}, nil, cat(constant(i32, 8), get(0), load, store, constant(i32, 8), load))
	m.function("store, then load", []byte{i32}, []byte{i32}, nil, cat(constant(i32, 16), constant(i32, 7), store, get(0), load))
	p := compile(t, all, m).instantiate(t)
	for _, f := range m.funcs {
		p.call(t, f.export, 4)
		p.call(t, f.export, page)
	}
	p.compareState(t, 0)
}

// TestGrowthMovesTheBound makes an access before and after the memory grows to its address.
func TestGrowthMovesTheBound(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 5}
	m.function("load", []byte{i32}, []byte{i32}, nil, cat(get(0), access([]byte{0x28}, 0)))
	m.function("grow", []byte{i32}, []byte{i32}, nil, cat(get(0), []byte{0x40, 0}))
	p := compile(t, all, m).instantiate(t)
	for pages := uint64(1); pages < 8; pages++ {
		for _, address := range []uint64{pages*page - 4, pages*page - 3, pages * page} {
			p.call(t, "load", address)
		}
		p.call(t, "grow", 1)
	}
}

// TestUnguardedMemory checks that code without bounds checks does not run with a memory that has no
// guards.
func TestUnguardedMemory(t *testing.T) {
	needGuards(t)
	r := wazero.NewRuntimeWithConfig(t.Context(), memguard.Config(wazero.NewRuntimeConfigCompiler()))
	defer r.Close(context.Background())
	memory := []byte("\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x01") // one page
	code, err := r.CompileModule(t.Context(), memory)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.InstantiateModule(t.Context(), code, wazero.NewModuleConfig()); err == nil || !strings.Contains(err.Error(), "guard") {
		t.Errorf("with a memory of the engine: %v", err)
	}
	ctx, _ := withGuardedMemory(t, t.Context(), page)
	if _, err := r.InstantiateModule(ctx, code, wazero.NewModuleConfig()); err != nil {
		t.Errorf("with a guarded memory: %v", err)
	}
}

// TestGoFaults checks that the faults of Go code are panics as before.
func TestGoFaults(t *testing.T) {
	needGuards(t)
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "nil pointer") {
			t.Errorf("the panic is %v", r)
		}
	}()
	var p *module
	p.minPages++
}

// TestFaultsHammer makes many calls fault at the same time, at all depths of growing stacks, while
// other memories and calls come and go.
func TestFaultsHammer(t *testing.T) {
	needGuards(t)
	const workers, rounds = 8, 60
	all := engines(t)
	m := &module{minPages: 1, maxPages: 2}
	leaf := m.function("", []byte{i32, i32}, []byte{i64}, nil, cat(get(1), access([]byte{0x28}, 0), []byte{0xad}))
	recursionOver(m, "recursion", leaf, 20)
	program := compile(t, all[2:], m)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for round := range rounds {
				if err := faultOnce(t.Context(), program, uint64(w*37+round*53%2000)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// faultOnce calls a recursion of a depth in a new instance, with a valid and an invalid address.
func faultOnce(ctx context.Context, p program, depth uint64) error {
	image, err := linmem.NewImageOf(page, nil)
	if err != nil {
		return err
	}
	defer image.Close()
	slot, err := image.NewSlot(2 * page)
	if err != nil {
		return err
	}
	defer slot.Close()
	for range 2 {
		i, err := p.engines[0].runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, slot.NewLease(2*page)), p.codes[0], wazero.NewModuleConfig().WithName(""))
		if err != nil {
			return err
		}
		for address, want := range map[uint64]string{0: "", page: "out of bounds", 1<<32 - 1: "out of bounds"} {
			if got := invoke(ctx, i, "recursion", []uint64{depth, address}, garbage); (got.err == "") != (want == "") || !strings.Contains(got.err, want) {
				return fmt.Errorf("depth %d, address %d: %v", depth, address, got)
			}
		}
		i.Close(ctx)
		if _, err := slot.Reset(); err != nil {
			return err
		}
	}
	return nil
}
