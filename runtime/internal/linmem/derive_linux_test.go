//go:build linux && (amd64 || arm64)

package linmem

import "testing"

// TestDerivedSharing checks that a derived image owns only the pages that differ from its base, and
// that a slot over it has no private pages before the first write.
func TestDerivedSharing(t *testing.T) {
	forEachDerived(t, changedPages(3, 4, 200), func(t *testing.T, image *Image, slot *Slot) {
		if image.ResetMethod() == "copy" {
			return
		}
		if got, want := image.OwnBytes(), uint64(3*4096+2*PageSize); osPage == 4096 && got != want {
			t.Errorf("the image owns %d bytes, want %d", got, want)
		}
		if image.ResetMethod() == "remap" {
			return
		}
		mem := start(t, slot.NewLease(reserve), image.Size())
		sum := byte(0)
		for p := 0; p < len(mem); p += 4096 {
			sum += mem[p]
		}
		if n := privatePages(t, slot); n != 0 {
			t.Errorf("%d private pages after reading (sum %d)", n, sum)
		}
		mem[3*4096]++ // in a patch
		mem[0]++      // in the base
		if n := privatePages(t, slot); n != 2 {
			t.Errorf("%d private pages after writes to two pages", n)
		}
		if n := resetSlot(t, slot); n != 2 {
			t.Errorf("%d pages were reset, want 2", n)
		}
	})
}

func TestMergeExtents(t *testing.T) {
	runs := []extent{{0, 1}, {2, 3}, {10, 11}, {12, 13}, {40, 41}, {43, 44}}
	got := mergeExtents(runs, 3)
	want := []extent{{0, 3}, {10, 13}, {40, 44}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	for limit := 1; limit <= len(runs); limit++ {
		if n := len(mergeExtents(runs, limit)); n != limit {
			t.Errorf("%d extents, want %d", n, limit)
		}
	}
}
