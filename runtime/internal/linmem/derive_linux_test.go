//go:build linux && (amd64 || arm64)

package linmem

import "testing"

// TestOverSharesPages: only what differs is the image's own, and a slot over it has no private page before something is written.
func TestOverSharesPages(t *testing.T) {
	over(t, changedPages(3, 4, 200), func(t *testing.T, image *Image, slot *Slot) {
		if image.ResetMethod() == "copy" {
			return
		}
		if got, want := image.OwnBytes(), uint64(3*4096+2*PageSize); osPage == 4096 && got != want {
			t.Errorf("own: %d bytes, want %d", got, want)
		}
		if image.ResetMethod() == "remap" {
			return
		}
		mem := start(t, slot.NewLease(reserve), image.Size())
		sum := byte(0)
		for p := 0; p < len(mem); p += 4096 {
			sum += mem[p]
		}
		if n := residentPages(t, slot); n != 0 {
			t.Errorf("%d private pages after reading (%d)", n, sum)
		}
		mem[3*4096]++ // the patch's
		mem[0]++      // the base's
		if n := residentPages(t, slot); n != 2 {
			t.Errorf("%d private pages after two writes", n)
		}
		if n := restore(t, slot); n != 2 {
			t.Errorf("%d pages were put back", n)
		}
	})
}

func TestJoined(t *testing.T) {
	runs := []span{{0, 1}, {2, 3}, {10, 11}, {12, 13}, {40, 41}, {43, 44}}
	got := joined(runs, 3)
	want := []span{{0, 3}, {10, 13}, {40, 44}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
	for most := 1; most <= len(runs); most++ {
		if n := len(joined(runs, most)); n != most {
			t.Errorf("%d runs, %d are possible", n, most)
		}
	}
}
