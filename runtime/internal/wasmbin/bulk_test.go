package wasmbin

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

const bulkPages = 80 // 5 MiB: several chunks with space on both sides

// buildMoves exports memory.copy and memory.fill as functions.
func buildMoves() []byte {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	b.memory(1, bulkPages, bulkPages)
	three := b.typ(string([]byte{typeI32, typeI32, typeI32}), i32)
	b.export("copy", KindFunc, b.function(three, 0, get(0), get(1), get(2), op(opBulk, bulkCopy, 0, 0), constant(1)))
	b.export("fill", KindFunc, b.function(three, 0, get(0), get(1), get(2), op(opBulk, bulkFill, 0), constant(1)))
	return b.bytes()
}

// TestBulk compares the prepared functions with the original instructions, with overlapping ranges
// and with traps, which must come before any byte is written.
func TestBulk(t *testing.T) {
	bin := buildMoves()
	m := newMachine(t)
	original, prepared := m.instantiate(bin, "", nil), m.prepared(prepareOrFail(t, bin, withFuel(1000)))
	r := rand.New(rand.NewPCG(1, 2))
	size := uint32(bulkPages * 65536)
	lengths := []uint32{0, 1, 255, 4096, bulkChunk - 1, bulkChunk, bulkChunk + 1, 2 * bulkChunk, 2*bulkChunk + 77, 4 * bulkChunk, size, size + 1, 1<<32 - 1}
	for i := range 150 {
		writeRandomBytes(r, original, prepared)
		to, from, n := r.Uint32N(size), r.Uint32N(size), lengths[i%len(lengths)]
		if i%3 == 0 {
			from = to + r.Uint32N(3*bulkChunk) - bulkChunk
		}
		if i%5 == 0 {
			to = uint32(-int32(r.Uint32N(2 * bulkChunk)))
		}
		name := []string{"copy", "fill"}[i%2]
		_, errA := original.ExportedFunction(name).Call(context.Background(), uint64(to), uint64(from), uint64(n))
		_, errB := prepared.ExportedFunction(name).Call(context.Background(), uint64(to), uint64(from), uint64(n))
		if (errA == nil) != (errB == nil) || !bytes.Equal(memory(original), memory(prepared)) {
			t.Fatalf("%s(%d, %d, %d): errors %v and %v, or different bytes", name, to, from, n, errA, errB)
		}
	}
}

// TestShortCopies makes short copies, which are single loads and stores, with ranges at all
// distances and at the end of the memory.
func TestShortCopies(t *testing.T) {
	bin := buildMoves()
	m := newMachine(t)
	original, prepared := m.instantiate(bin, "", nil), m.prepared(prepareOrFail(t, bin, withFuel(1000)))
	const size = bulkPages * 65536
	pattern := make([]byte, 4*smallBulk)
	for i := range pattern {
		pattern[i] = byte(i)
	}
	for n := uint32(0); n < smallBulk+8; n++ {
		for distance := -(smallBulk + 8); distance <= smallBulk+8; distance++ {
			for _, from := range []int{1 << 16, size - int(n), size - 20, 0} {
				to := from + distance // wraps around for the last one
				begin := max(64, min(from, to, size-256+64)) - 64
				original.Memory().Write(uint32(begin), pattern)
				prepared.Memory().Write(uint32(begin), pattern)
				_, errA := original.ExportedFunction("copy").Call(context.Background(), uint64(uint32(to)), uint64(from), uint64(n))
				_, errB := prepared.ExportedFunction("copy").Call(context.Background(), uint64(uint32(to)), uint64(from), uint64(n))
				if (errA == nil) != (errB == nil) || !bytes.Equal(memory(original)[begin:begin+256], memory(prepared)[begin:begin+256]) {
					t.Fatalf("copy(%d, %d, %d): errors %v and %v, or different bytes", to, from, n, errA, errB)
				}
			}
		}
	}
}

// TestShortFills makes short fills, which are single stores, also at the end of the memory.
func TestShortFills(t *testing.T) {
	bin := buildMoves()
	m := newMachine(t)
	original, prepared := m.instantiate(bin, "", nil), m.prepared(prepareOrFail(t, bin, withFuel(1000)))
	const size = bulkPages * 65536
	for n := range uint32(smallBulk + 8) {
		for _, to := range []uint32{1 << 16, 1<<16 + 7, size - n - 1, size - n, size - n + 1, size, size + 1, -n, 1<<32 - 1 - n/2} {
			for _, value := range []uint64{0, 0xab, 1<<32 - 2} {
				_, errA := original.ExportedFunction("fill").Call(context.Background(), uint64(to), value, uint64(n))
				_, errB := prepared.ExportedFunction("fill").Call(context.Background(), uint64(to), value, uint64(n))
				begin := max(smallBulk, min(to, size-2*smallBulk)) - smallBulk
				a, b := memory(original)[begin:begin+3*smallBulk], memory(prepared)[begin:begin+3*smallBulk]
				if (errA == nil) != (errB == nil) || !bytes.Equal(a, b) || !bytes.Equal(memory(prepared)[:smallBulk], memory(original)[:smallBulk]) {
					t.Fatalf("fill(%d, %d, %d): errors %v and %v, or different bytes", to, value, n, errA, errB)
				}
			}
		}
	}
}

// writeRandomBytes writes the same random bytes to the memories of all modules.
func writeRandomBytes(r *rand.Rand, mods ...api.Module) {
	for range 200 {
		at, v := r.Uint32N(bulkPages*65536), byte(r.Uint32())
		for _, m := range mods {
			m.Memory().WriteByte(at, v)
		}
	}
}

// TestBulkFuel checks that long copies and fills tick, and short ones do not.
func TestBulkFuel(t *testing.T) {
	p := prepareOrFail(t, buildMoves(), withFuel(bulkChunk>>bulkPrice))
	for _, c := range []struct{ n, ticks int }{{100, 0}, {bulkChunk, 0}, {2 * bulkChunk, 1}, {4 * bulkChunk, 2}} {
		for _, name := range []string{"copy", "fill"} {
			t.Run(fmt.Sprint(name, c.n), func(t *testing.T) {
				m := newMachine(t)
				mod := m.prepared(p)
				if _, err := mod.ExportedFunction(name).Call(context.Background(), 0, 0, uint64(c.n)); err != nil {
					t.Fatal(err)
				}
				if m.ticks != c.ticks {
					t.Errorf("%d bytes: %d ticks, want %d", c.n, m.ticks, c.ticks)
				}
			})
		}
	}
}
