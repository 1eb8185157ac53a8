//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// hugeReserve leaves room for ranges with huge pages.
const hugeReserve = imageSize + 64<<20

// forEachMethod runs f for a slot with room for huge pages, for each method of resetting it.
func forEachMethod(t *testing.T, f func(t *testing.T, slot *Slot, a *cowArea)) {
	for m := byRemap; m <= byScan; m++ {
		t.Run(m.String(), func(t *testing.T) {
			_, slot := newPair(t, imageSize, hugeReserve, storeKinds[m.String()])
			f(t, slot, slot.area.(*cowArea))
		})
	}
}

// TestFill fills ranges. The next run must see zeros, and the memory must be back.
func TestFill(t *testing.T) {
	forEachMethod(t, func(t *testing.T, slot *Slot, a *cowArea) {
		for run := range uint64(8) {
			l := slot.NewLease(hugeReserve)
			start(t, l, imageSize)
			size := imageSize + (8+8*run)<<20
			mem := l.Reallocate(size)
			from, to := imageSize+run*70_000, size-run*1000
			l.Fill(from, to)
			if a.huge.to == 0 {
				t.Fatal("the range has no huge pages")
			}
			if a.huge.from < from || a.huge.to > to {
				t.Fatalf("%v is not in %d to %d", a.huge, from, to)
			}
			if err := slot.Verify(); err != nil {
				t.Fatalf("Fill changed the content: %v", err)
			}
			copy(mem[from:to], bytes.Repeat([]byte{1}, int(to-from)))
			mem[size-1] = 1
			if n := resetSlot(t, slot); n < int(to-from)/reportPage {
				t.Errorf("%d pages were reset, %d bytes were written", n, to-from)
			}
			if err := slot.Verify(); err != nil {
				t.Fatal(err)
			}
			if n, err := slot.Resident(); err == nil && n > 3*hugePage {
				t.Errorf("%d bytes are resident after the reset", n)
			}
		}
	})
}

// TestFillOfOddRanges announces ranges without room for huge pages, or outside of the memory.
func TestFillOfOddRanges(t *testing.T) {
	forEachMethod(t, func(t *testing.T, slot *Slot, a *cowArea) {
		l := slot.NewLease(hugeReserve)
		start(t, l, imageSize+32<<20)
		const end = imageSize + 32<<20
		for _, r := range []span{{0, 0}, {0, imageSize}, {end - 1<<20, end}, {end, end + 16<<20}, {end, 0}, {1<<32 - 1, 1<<33 - 2}, {imageSize, imageSize + minFill/2}} {
			if l.Fill(r.from, r.to); a.huge.to != 0 {
				t.Errorf("%v has huge pages", r)
			}
		}
		l.Fill(0, 1<<33)
		if a.huge.from < imageSize || a.huge.to > end || a.huge.to < end-hugePage {
			t.Errorf("the whole memory: %v has huge pages", a.huge)
		}
		resetSlot(t, slot)
		l.Fill(imageSize, end) // of an ended lease
		if a.huge.to != 0 {
			t.Error("a lease that has ended got huge pages")
		}
	})
}

// TestFillKeepsMappings checks that runs with huge pages at many places leave no mappings behind.
func TestFillKeepsMappings(t *testing.T) {
	forEachMethod(t, func(t *testing.T, slot *Slot, a *cowArea) {
		var early int
		for run := range uint64(40) {
			l := slot.NewLease(hugeReserve)
			start(t, l, hugeReserve)
			l.Fill(imageSize+run<<20, hugeReserve-run/2<<20)
			resetSlot(t, slot)
			if n := mappingsOf(t, a); run == 0 {
				early = n
			} else if n > early {
				t.Fatalf("%d mappings after the first run, %d after run %d", early, n, run)
			}
		}
		if n := int(a.content.mappings()); early > n {
			t.Errorf("a slot has %d mappings, more than the %d that it counts", early, n)
		}
	})
}

// mappingsOf returns the number of mappings of an area.
func mappingsOf(t *testing.T, a *cowArea) (n int) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	from := addressOf(a.span)
	for line := range strings.Lines(string(maps)) {
		var at uint64
		if _, err := fmt.Sscanf(line, "%x-", &at); err == nil && at >= from && at < from+uint64(len(a.span)) {
			n++
		}
	}
	return n
}
