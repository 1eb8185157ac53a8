//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"tabcell/runtime/memfile"
)

// newFileChunk returns a chunk of random bytes for an offset in a slot, and a copy of the bytes.
func newFileChunk(t testing.TB, size int, at uint64) (*memfile.Chunk, []byte) {
	t.Helper()
	c, err := memfile.New(size, at)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(at)}).Read(c.ReadOnlyData())
	return c, bytes.Clone(c.ReadOnlyData())
}

func mustMap(t testing.TB, l *Lease, at uint64, c *memfile.Chunk) {
	t.Helper()
	if ok, err := l.Map(at, c); err != nil || !ok {
		t.Fatalf("Map at %d returned %v, %v", at, ok, err)
	}
}

// TestMap maps chunks in runs that change them. The chunks must stay, and the next run must see
// zeros.
func TestMap(t *testing.T) {
	forEachMethod(t, func(t *testing.T, slot *Slot, a *cowArea) {
		for run := range uint64(8) {
			l := slot.NewLease(hugeReserve)
			start(t, l, imageSize)
			mem := l.Reallocate(imageSize + 16<<20)
			// The first chunks begin inside the image, as an allocation of the guest may.
			at, size := imageSize+(run-3)*30_001, int(4<<20+run*10_007)
			c, want := newFileChunk(t, size, at)
			mustMap(t, l, at, c)
			got := mem[at : at+uint64(size)]
			if !bytes.Equal(got, want) {
				t.Fatal("the memory does not have the bytes of the chunk")
			}
			if err := zeroFrom(mem, at+uint64(size), uint64(len(mem))); err != nil {
				t.Fatal(err)
			}
			for i := 0; i < size; i += 100_000 {
				got[i]++
			}
			if !bytes.Equal(c.ReadOnlyData(), want) {
				t.Fatal("the guest has changed the chunk")
			}
			c.Free()
			l.Fill(0, 1<<40)
			mem[len(mem)-1] = 1
			resetSlot(t, slot)
			if err := slot.Verify(); err != nil {
				t.Fatal(err)
			}
			if memfile.Count() != 0 || len(a.files) != 0 {
				t.Fatalf("%d files are in use after the reset", memfile.Count())
			}
			// The page map also counts the pages of zeros that the test has read.
			if n, err := slot.Resident(); err == nil && n > 1<<20 && a.tracker.entries == nil {
				t.Errorf("%d bytes are resident after the reset", n)
			}
		}
	})
}

// A slot must refuse, without an effect, all that it cannot map.
func TestMapRefuses(t *testing.T) {
	_, slot := newPair(t, imageSize, hugeReserve, storeKinds["scan"])
	l := slot.NewLease(hugeReserve)
	start(t, l, imageSize)
	mem := l.Reallocate(imageSize + 8<<20)
	size := 2 << 20
	c, _ := newFileChunk(t, size, 16)
	defer c.Free()
	for _, at := range []uint64{
		imageSize + 8, 16, imageSize - 2<<20 + 16, imageSize + 6<<20 + 16, imageSize + 8<<20 + 16, hugeReserve + 16, 1<<32 + 16, 1<<63 + 16, 1<<64 - 4096 + 16,
	} {
		if ok, err := l.Map(at, c); ok || err != nil {
			t.Errorf("Map at %#x returned %v, %v", at, ok, err)
		}
	}
	if err := zeroFrom(mem, imageSize, uint64(len(mem))); err != nil {
		t.Error(err)
	}
	mustMap(t, l, imageSize+16, c)
	for _, at := range []uint64{imageSize + 16, imageSize + 16 + 4096, imageSize + 16 + 1<<20} {
		if ok, err := l.Map(at, c); ok || err != nil {
			t.Errorf("Map over a chunk, at %#x, returned %v, %v", at, ok, err)
		}
	}
	resetSlot(t, slot)
	if ok, _ := l.Map(imageSize+16, c); ok {
		t.Error("Map succeeded after the end of the lease")
	}
	if l.Origin(imageSize+16, imageSize+20) != nil {
		t.Error("Origin found a chunk after the end of the lease")
	}
}

func TestMapIsLimited(t *testing.T) {
	const size = memfile.MinSize
	_, slot := newPair(t, imageSize, imageSize+(maxFiles+2)*size, storeKinds["scan"])
	l := slot.NewLease(slot.reserve)
	start(t, l, slot.reserve)
	c, _ := newFileChunk(t, size, 0)
	defer c.Free()
	n := 0
	for at := uint64(imageSize); at+size <= slot.reserve; at += size {
		if ok, err := l.Map(at, c); err != nil {
			t.Fatal(err)
		} else if ok {
			n++
		}
	}
	if n != maxFiles {
		t.Errorf("%d files were mapped, want %d", n, maxFiles)
	}
}

// Origin must return bytes only while the memory has them.
func TestOrigin(t *testing.T) {
	forEachMethod(t, func(t *testing.T, slot *Slot, a *cowArea) {
		l := slot.NewLease(hugeReserve)
		start(t, l, imageSize)
		mem := l.Reallocate(imageSize + 16<<20)
		const at, size = imageSize - 5_000, 4 << 20
		c, want := newFileChunk(t, size, at)
		mustMap(t, l, at, c)
		c.Free()
		mem[at] ^= 1        // in the image
		mem[at+1<<20] ^= 1  // in a page of the file
		mem[at+2<<20]++     // changed,
		mem[at+2<<20]--     // and as before
		mem[at+size-1] ^= 1 // after the last page of the file
		for _, r := range []struct {
			from, to uint64
			ok       bool
		}{
			{0, size, false}, {0, 1, false}, {1, 1 << 20, true}, {1, 1<<20 + 1, false}, {1 << 20, 1<<20 + 1, false}, {1<<20 + 1, size - 1, true},
			{1<<20 + 1, size, false}, {size - 1, size, false}, {2 << 20, 3 << 20, true}, {3_000, 7_000, true}, {5, 5, false}, {9, 5, false},
			{size - 2, size + 1, false}, {size, size + 10, false}, {1<<64 - 10, 5, false}, {1<<64 - 10, 1<<64 - 5, false}, {100, 1 << 62, false},
		} {
			part := l.Origin(at+r.from, at+r.to)
			if wanted := r.ok && a.tracker != nil; (part != nil) != wanted {
				t.Errorf("%d to %d: found %v, want %v", r.from, r.to, part != nil, wanted)
			}
			if part != nil {
				if !bytes.Equal(part.ReadOnlyData(), want[r.from:r.to]) {
					t.Errorf("%d to %d: the part has other bytes", r.from, r.to)
				}
				part.Free()
			}
		}
		part := l.Origin(at+3<<20, at+3<<20+100)
		resetSlot(t, slot)
		if part != nil {
			if !bytes.Equal(part.ReadOnlyData(), want[3<<20:3<<20+100]) {
				t.Error("the part has changed at the reset")
			}
			part.Free()
		}
		if n := memfile.Count(); n != 0 {
			t.Errorf("%d files are in use", n)
		}
	})
}

// A page of the file that the guest has never read must not hide one that it has replaced.
func TestOriginOfZeros(t *testing.T) {
	_, slot := newPair(t, imageSize, hugeReserve, storeKinds["scan"])
	l := slot.NewLease(hugeReserve)
	start(t, l, imageSize)
	mem := l.Reallocate(imageSize + 16<<20)
	c, _ := newFileChunk(t, 2<<20, imageSize)
	mustMap(t, l, imageSize, c)
	c.Free()
	clear(mem[imageSize+1<<20:][:4096])
	if part := l.Origin(imageSize, imageSize+2<<20); part != nil {
		part.Free()
		t.Error("zeros count as the bytes of the file")
	}
}

// TestMappingsAfterFiles checks that the parts of a slot become one mapping again.
func TestMappingsAfterFiles(t *testing.T) {
	_, slot := newPair(t, imageSize, hugeReserve, storeKinds["scan"])
	mappings := func() int {
		raw, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		a, n := slot.area.(*cowArea), 0
		base := addressOf(a.mem)
		for line := range strings.Lines(string(raw)) {
			var from, to uint64
			if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err == nil && from < base+uint64(len(a.mem)) && to > base {
				n++
			}
		}
		return n
	}
	before := mappings()
	for range 20 {
		l := slot.NewLease(hugeReserve)
		start(t, l, imageSize)
		mem := l.Reallocate(imageSize + 16<<20)
		for i := range uint64(3) {
			at := imageSize + i*5<<20
			c, _ := newFileChunk(t, 2<<20, at)
			mustMap(t, l, at, c)
			c.Free()
			mem[at+1<<20]++
			mem[at+3<<20]++
		}
		resetSlot(t, slot)
	}
	if after := mappings(); after > before+6 {
		t.Errorf("the slot has %d mappings, before %d", after, before)
	}
}

// TestMapHammer maps the chunks of one file in several slots, whose runs change their bytes.
func TestMapHammer(t *testing.T) {
	image, _ := newPair(t, imageSize, hugeReserve, storeKinds["scan"])
	const size = 3<<20 + 77
	c, want := newFileChunk(t, size, imageSize+5)
	var group sync.WaitGroup
	for worker := range byte(4) {
		slot, err := image.NewSlot(hugeReserve)
		if err != nil {
			t.Fatal(err)
		}
		own := c.Retain()
		group.Go(func() {
			defer slot.Close()
			defer own.Free()
			for range 40 {
				l := slot.NewLease(hugeReserve)
				start(t, l, imageSize)
				mem := l.Reallocate(imageSize + 8<<20)
				mustMap(t, l, imageSize+5, own)
				for i := int(worker); i < size; i += 50_000 {
					mem[imageSize+5+i] ^= worker + 1
				}
				if part := l.Origin(imageSize+5+1000, imageSize+5+40_000); part != nil {
					if !bytes.Equal(part.ReadOnlyData(), want[1000:40_000]) {
						t.Error("a part has other bytes")
					}
					part.Free()
				}
				if _, err := slot.Reset(); err != nil {
					t.Error(err)
				}
				if err := slot.Verify(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if !bytes.Equal(c.ReadOnlyData(), want) {
		t.Error("the file has changed")
	}
	c.Free()
	if n := memfile.Count(); n != 0 {
		t.Errorf("%d files are in use", n)
	}
}
