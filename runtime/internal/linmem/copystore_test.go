package linmem

import "testing"

// TestGrowthInSmallSteps grows a memory page by page. The memory must be copied only a few times,
// and must not be much larger than requested.
func TestGrowthInSmallSteps(t *testing.T) {
	_, slot := newPair(t, imageSize, reserve, newCopyStore)
	a := slot.area.(*copyArea)
	mem, moved := a.extend(imageSize), 0
	for n := uint64(imageSize); n <= reserve; n += PageSize {
		next := a.extend(n)
		if &next[0] != &mem[0] {
			moved++
		}
		if mem = next; uint64(len(a.buf)) > min(n+n/4, reserve) {
			t.Errorf("the buffer has %d bytes for a memory of %d", len(a.buf), n)
		}
	}
	if moved == 0 || moved > 8 {
		t.Errorf("the memory was copied %d times, want 1 to 8", moved)
	}
}
