//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"os"
	"testing"
)

// TestDerivedSharing checks that a derived image owns only the pages that differ from its base, and
// that a slot over it has private pages only for the small patches before the first write.
func TestDerivedSharing(t *testing.T) {
	forEachDerived(t, changedPages(3, 4, 200), func(t *testing.T, image *Image, slot *Slot) {
		if image.ResetMethod() == "copy" {
			return
		}
		if got, want := image.OwnBytes(), uint64(3*4096); osPage == 4096 && got != want {
			t.Errorf("the image owns %d bytes, want %d", got, want)
		}
		if image.ResetMethod() == "remap" || osPage != 4096 {
			return
		}
		mem := start(t, slot.NewLease(reserve), image.Size())
		sum := byte(0)
		for p := 0; p < imageSize; p += 4096 {
			sum += mem[p]
		}
		if n := privatePages(t, slot); n != 3 {
			t.Errorf("%d private pages after reading (sum %d)", n, sum)
		}
		mem[3*4096]++ // in a patch
		mem[0]++      // in the base
		if n := privatePages(t, slot); n != 4 {
			t.Errorf("%d private pages after writes to two pages", n)
		}
		if n := resetSlot(t, slot); n != 2 {
			t.Errorf("%d pages were reset, want 2", n)
		}
	})
}

// largePatches returns the test image with changes that a slot maps: a patch of 3 MiB after the end
// of the base, among single pages, or more pages in all than are copied.
func largePatches(scattered bool) []byte {
	mem := append(changedPages(1, 5), make([]byte, 5<<20)...)
	step, from := 4096, imageSize+PageSize
	if scattered {
		step = 2 * 4096
	}
	for p := from; p < from+3<<20; p += step {
		mem[p] = 1
	}
	return mem
}

// TestMappedPatches checks derived images with large and with many patches, and their mappings.
func TestMappedPatches(t *testing.T) {
	for _, scattered := range []bool{false, true} {
		mem := largePatches(scattered)
		forEachDerived(t, mem, func(t *testing.T, image *Image, slot *Slot) {
			if image.ResetMethod() == "copy" || osPage != 4096 {
				return
			}
			plain := image.base.SlotMappings()
			if got := image.SlotMappings(); scattered && got > plain+2*maxMapped || !scattered && got != plain+2 {
				t.Errorf("scattered %v: a slot takes %d mappings", scattered, got)
			}
			for range 3 {
				got := start(t, slot.NewLease(reserve), uint64(len(mem)))
				if !bytes.Equal(got, mem) || !bytes.Equal(image.Bytes(), mem) {
					t.Fatal("the slot or the image differs from the source")
				}
				for p := 0; p < len(got); p += 3 * 4096 {
					got[p]++
				}
				resetSlot(t, slot)
				if err := slot.Verify(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestMappingsAreCounted compares the counted mappings with those of the process.
func TestMappingsAreCounted(t *testing.T) {
	inProcess := func() int {
		raw, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(raw, []byte("\n"))
	}
	base, _ := newPair(t, imageSize, reserve, newStore)
	counted, real := Mappings(), inProcess()
	var all []interface{ Close() error }
	for i := range 30 {
		image, err := base.Derive(changedPages(1, 3, 7+i), 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		slot, err := image.NewSlot(reserve)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, image, slot)
	}
	counted, real = Mappings()-counted, inProcess()-real
	if limit := 30 * (1 + base.SlotMappings()); counted > limit || real > counted+20 { // the runtime may map memory, too
		t.Errorf("30 images with a slot each: %d mappings are counted, the process has %d more", counted, real)
	}
	before := Mappings()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if freed := before - Mappings(); freed != counted {
		t.Errorf("%d of %d mappings were freed", freed, counted)
	}
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
