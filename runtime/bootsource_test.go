package runtime

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"tabcell/runtime/internal/guest"
)

// drawn returns random bytes and the times of two clocks, twice, as a guest in a call gets them.
func drawn(t *testing.T, c *call) (all [][]byte) {
	t.Helper()
	m := pageOfMemory(t)
	for range 2 {
		for i, errno := range []uint64{
			randomBytes(c, m, []uint64{0, 32}), clockTime(c, m, []uint64{0, 1, 32}), clockTime(c, m, []uint64{1, 1, 40}),
		} {
			if errno != errnoSuccess {
				t.Fatalf("function %d: errno %d", i, errno)
			}
		}
		for _, part := range [][2]uint32{{0, 32}, {32, 8}, {40, 8}} {
			b, _ := m.View(part[0], part[1])
			all = append(all, bytes.Clone(b))
		}
	}
	return all
}

// bootDraws returns what a guest draws in a boot.
func bootDraws(t *testing.T, g Guest) (all [][]byte) {
	t.Helper()
	err := bootCall(t.Context(), newBootSource(g), 0, func(ctx context.Context) error {
		all = drawn(t, callOf(ctx))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestBootSource checks that each boot gets the same random bytes and times, which change from call
// to call, and that cells and guests with added packages get those of the host.
func TestBootSource(t *testing.T) {
	known, added := Guest{LibraryDigest: "digest"}, Guest{}
	first := bootDraws(t, known)
	if second := bootDraws(t, known); !slices.EqualFunc(first, second, bytes.Equal) {
		t.Errorf("two boots drew %x and %x", first, second)
	}
	cell := newCall(t.Context(), Call{}, DefaultLimits(), guest.Interruption{})
	for name, other := range map[string][][]byte{"a cell": drawn(t, cell), "a boot with added packages": bootDraws(t, added)} {
		for i := range other {
			if bytes.Equal(other[i], first[i]) {
				t.Errorf("value %d of %s is that of a boot, %x", i, name, other[i])
			}
		}
	}
	for i := range 3 {
		if bytes.Equal(first[i], first[i+3]) {
			t.Errorf("value %d of a boot does not change: %x", i, first[i])
		}
	}
	if wall := time.Unix(0, int64(newBootSource(known).time(true))); !wall.After(bootTime) {
		t.Errorf("the wall clock shows %v", wall)
	}
}
