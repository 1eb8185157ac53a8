package enginetest

import (
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// memoryOp is a load or a store.
type memoryOp struct {
	name  string
	code  []byte
	typ   byte // of the value
	store bool
	width uint64 // bytes
}

var memoryOps = func() (ops []memoryOp) {
	for i, w := range []struct {
		typ   byte
		width uint64
	}{ // loads from opcode 0x28, then stores
		{i32, 4}, {i64, 8}, {f32, 4}, {f64, 8}, {i32, 1}, {i32, 1}, {i32, 2}, {i32, 2}, {i64, 1}, {i64, 1}, {i64, 2}, {i64, 2}, {i64, 4}, {i64, 4},
		{i32, 4}, {i64, 8}, {f32, 4}, {f64, 8}, {i32, 1}, {i32, 2}, {i64, 1}, {i64, 2}, {i64, 4},
	} {
		code := byte(0x28 + i)
		ops = append(ops, memoryOp{fmt.Sprintf("%#x", code), []byte{code}, w.typ, code >= 0x36, w.width})
	}
	return append(ops, memoryOp{"v128.load", []byte{0xfd, 0}, v128, false, 16}, memoryOp{"v128.store", []byte{0xfd, 11}, v128, true, 16})
}()

// access returns code that accesses the memory at the address that address pushes. A load leaves
// the value, of a vector its first half; a store leaves 1.
func (o memoryOp) access(address []byte, offset uint64) []byte {
	const vectorLane = 0x1d // i64x2.extract_lane
	switch {
	case o.store && o.typ == v128:
		return cat(address, constant(i64, 0x0102030405060708), []byte{0xfd, 0x12}, access(o.code, offset), constant(i64, 1))
	case o.store:
		return cat(address, constant(o.typ, 0x1122334455667788), access(o.code, offset), constant(i64, 1))
	case o.typ == v128:
		return cat(address, access(o.code, offset), []byte{0xfd, vectorLane, 0})
	}
	return cat(address, access(o.code, offset), toI64[o.typ])
}

// toI64 has code that converts a value to i64 without losing bits.
var toI64 = map[byte][]byte{i32: {0xad}, i64: {}, f32: {0xbc, 0xad}, f64: {0xbd}}

// around returns the addresses whose accesses of a width and an offset are near the end of the
// memory, and those at other limits.
func around(size, width, offset uint64) (all []uint64) {
	for d := -int64(width) - 2; d <= 2; d++ {
		all = append(all, uint64(uint32(int64(size)-int64(offset)+d)))
	}
	return append(all, 0, 1, 1<<16, 1<<31-1, 1<<31, 1<<31+1, 1<<32-8, 1<<32-1)
}

const page = 1 << 16

// TestBounds makes accesses of every width at and beyond the end of a memory, with addresses that
// are parameters and constants, and with small and large offsets.
func TestBounds(t *testing.T) {
	all := engines(t)
	for _, o := range memoryOps {
		m := &module{minPages: 2, maxPages: 2}
		type attempt struct {
			name string
			args []uint64
		}
		var attempts []attempt
		seen := map[string]bool{}
		for _, offset := range []uint64{0, 1, 15, 2*page - 8, 2 * page, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
			dynamic := fmt.Sprintf("%d", offset)
			m.function(dynamic, []byte{i32}, []byte{i64}, nil, o.access(get(0), offset))
			for _, address := range around(2*page, o.width, offset) {
				fixed := fmt.Sprintf("%d at %d", offset, address)
				if seen[fixed] {
					continue
				}
				seen[fixed] = true
				m.function(fixed, nil, []byte{i64}, nil, o.access(constant(i32, address), offset))
				attempts = append(attempts, attempt{dynamic, []uint64{address}}, attempt{fixed, nil})
			}
		}
		p := compile(t, all, m).instantiate(t)
		traps := 0
		for _, a := range attempts {
			if p.call(t, a.name, a.args...).err != "" {
				traps++
			}
		}
		if traps == 0 || traps == len(attempts) {
			t.Errorf("%s: %d of %d accesses trap", o.name, traps, len(attempts))
		}
		p.compareState(t, 0)
		p.close(t.Context())
	}
}

// TestBoundsAfterChecks makes several accesses through the same address, of which the first checks
// some bound. Between them, the memory grows, or a function is called that may change it.
func TestBoundsAfterChecks(t *testing.T) {
	all := engines(t)
	between := map[string][]byte{
		"nothing": nil,
		"grow":    cat(constant(i32, 1), []byte{0x40, 0, 0x1a}),
		"call":    cat(constant(i32, 1), call(0), []byte{0x1a}),
		"join":    cat(get(1), []byte{0x04, 0x40}, constant(i32, 1), []byte{0x40, 0, 0x1a, 0x0b}),
	}
	loads := []memoryOp{memoryOps[0], memoryOps[1], memoryOps[5], memoryOps[23]}
	for name, code := range between {
		m := &module{minPages: 1, maxPages: 3}
		for i, first := range loads {
			for j, second := range loads {
				for _, offsets := range [][2]uint64{{0, 0}, {0, 64}, {64, 0}, {7, page}, {page, 7}} {
					body := cat(first.access(get(0), offsets[0]), code, second.access(get(0), offsets[1]), []byte{0x7c})
					m.function(fmt.Sprintf("%d %d %d", i, j, offsets), []byte{i32, i32}, []byte{i64}, nil, body)
				}
			}
		}
		program := compile(t, all, m)
		for _, f := range m.funcs {
			p := program.instantiate(t) // small memories again
			p.eachMemory(func(m api.Memory) { m.WriteUint64Le(page-16, 0x0102030405060708) })
			for _, address := range []uint64{0, 100, page - 16, page - 8, page - 4, page - 1, page, 2*page - 1, 2*page - 8, 3 * page, 1 << 31, 1<<32 - 1} {
				p.call(t, f.export, address, address&1)
			}
			p.compareState(t, 0)
			p.close(t.Context())
			if t.Failed() {
				t.Fatalf("with %s between the accesses", name)
			}
		}
	}
}

// TestBoundsAbove2GiB makes accesses around the 2 GiB boundary of a memory that is larger. The
// released engine fails there, which is why runtime.MaxMemory is less than that for it.
func TestBoundsAbove2GiB(t *testing.T) {
	if !patched() {
		t.Skip("the released engine accesses the 2 GiB before the memory")
	}
	if testing.Short() {
		t.Skip("needs two memories of 2 GiB of address space")
	}
	const half, size = uint64(1 << 31), uint64(1<<31 + page)
	all := engines(t)
	m := &module{minPages: uint32(size / page), maxPages: uint32(size / page)}
	name := func(kind string, o memoryOp, offset, address uint64) string {
		return fmt.Sprintf("%s %s %d %d", kind, o.name, offset, address)
	}
	offsets := []uint64{0, 8, page, half - 1, half, half + page - 8, 1<<32 - 1}
	forAll := func(visit func(o memoryOp, offset, address uint64)) {
		for _, o := range memoryOps {
			for _, offset := range offsets {
				for _, end := range []uint64{half, size} {
					for _, address := range around(end, o.width, offset) {
						visit(o, offset, address)
					}
				}
			}
		}
	}
	for _, o := range memoryOps {
		for _, offset := range offsets {
			m.function(name("dynamic", o, offset, 0), []byte{i32}, []byte{i64}, nil, o.access(get(0), offset))
		}
	}
	seen := map[string]bool{}
	forAll(func(o memoryOp, offset, address uint64) {
		fixed := name("fixed", o, offset, address)
		if seen[fixed] {
			return
		}
		seen[fixed] = true
		// The second access is through the same constant, whose bound was checked.
		body := cat(o.access(constant(i32, address), offset), []byte{0x1a}, constant(i32, 1), call(0), []byte{0x1a}, o.access(constant(i32, address), offset))
		m.function(fixed, nil, []byte{i64}, nil, body)
	})
	p := compile(t, all, m).instantiate(t)
	p.eachMemory(func(m api.Memory) {
		for i := range uint32(4 * page) { // both sides of the boundary
			m.WriteByte(uint32(half)-2*page+i, byte(i*7))
		}
	})
	forAll(func(o memoryOp, offset, address uint64) {
		p.call(t, name("dynamic", o, offset, 0), address)
		p.call(t, name("fixed", o, offset, address))
		if t.Failed() {
			t.FailNow()
		}
	})
}
