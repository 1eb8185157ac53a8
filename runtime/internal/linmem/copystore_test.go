package linmem

import "testing"

// TestGrowthByStepsMovesSeldom: an interpreter that grows page by page must not copy its memory each time, nor be given much
// more than it asked for.
func TestGrowthByStepsMovesSeldom(t *testing.T) {
	_, slot := newPair(t, imageSize, reserve, newCopyStore)
	a := slot.area.(*copyArea)
	mem, moved := a.extend(imageSize), 0
	for n := uint64(imageSize); n <= reserve; n += PageSize {
		next := a.extend(n)
		if &next[0] != &mem[0] {
			moved++
		}
		if mem = next; uint64(len(a.buf)) > min(n+n/4, reserve) {
			t.Errorf("a buffer of %d bytes for %d", len(a.buf), n)
		}
	}
	if moved == 0 || moved > 8 {
		t.Errorf("moved %d times while growing fourfold", moved)
	}
}
