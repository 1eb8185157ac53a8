//go:build linux && (amd64 || arm64)

package linmem

import "testing"

// resetsUntilDue returns the number of resets with the given pages until a return is due.
func resetsUntilDue(r *returns, private, idle int) int {
	for n := 1; ; n++ {
		if r.due(private, idle) {
			r.done()
			return n
		}
	}
}

func TestVainReturnsBecomeRare(t *testing.T) {
	var r returns
	first := resetsUntilDue(&r, 90, 35)
	resetsUntilDue(&r, 90, 35)
	if n := resetsUntilDue(&r, 90, 35); n < 2*first-2 {
		t.Errorf("a return is due after %d resets, want about twice the first %d", n, first)
	}
	for range 10 {
		resetsUntilDue(&r, 90, 35)
	}
	if n := resetsUntilDue(&r, 90, 35); n != maxResets {
		t.Errorf("a return is due after %d resets in the end, want %d", n, maxResets)
	}
}

// TestLargeRunIsReturnedSoon checks that the patience with small runs does not apply to the pages of
// a large one.
func TestLargeRunIsReturnedSoon(t *testing.T) {
	var r returns
	for range 10 {
		resetsUntilDue(&r, 90, 35)
	}
	if n := resetsUntilDue(&r, 2000, 1945); n > maxIdleChecks+1 {
		t.Errorf("a return is due after %d resets, want at most %d", n, maxIdleChecks+1)
	}
	if n := resetsUntilDue(&r, 90, 35); n > 3*maxIdleChecks {
		t.Errorf("after a return that has helped, the next is due after %d resets", n)
	}
}
