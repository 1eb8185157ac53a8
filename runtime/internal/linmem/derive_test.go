package linmem

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// changedPages returns the test image with some OS pages changed, and two more WebAssembly pages.
func changedPages(pages ...int) []byte {
	mem := append(testBytes(imageSize), make([]byte, 2*PageSize)...)
	for _, p := range pages {
		mem[p*4096+7]++
	}
	return mem
}

// forEachDerived runs f with an image derived from the test image and a slot over it, for each kind
// of store.
func forEachDerived(t *testing.T, mem []byte, f func(t *testing.T, image *Image, slot *Slot)) {
	forEachStore(t, func(t *testing.T, base *Image, _ *Slot) {
		image, err := base.Derive(mem, 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		slot, err := image.NewSlot(reserve)
		if err != nil {
			t.Fatal(err)
		}
		f(t, image, slot)
		if err := errors.Join(image.Close(), slot.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestDerivedContent(t *testing.T) {
	many := make([]int, 300) // more extents than patches
	for i := range many {
		many[i] = 2 * i
	}
	for _, pages := range [][]int{nil, {0}, {imageSize/4096 - 1}, {3, 4, 5, 100}, many} {
		mem := changedPages(pages...)
		t.Run(fmt.Sprint(len(pages)), func(t *testing.T) {
			forEachDerived(t, mem, func(t *testing.T, image *Image, slot *Slot) {
				for range 3 {
					got := start(t, slot.NewLease(reserve), uint64(len(mem)))
					if !bytes.Equal(got, mem) || !bytes.Equal(image.Bytes(), mem) {
						t.Fatal("the slot or the image differs from the source")
					}
					for p := 0; p < len(got); p += 4096 {
						got[p]++
					}
					resetSlot(t, slot)
					if err := slot.Verify(); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestDeriveLimits(t *testing.T) {
	forEachStore(t, func(t *testing.T, base *Image, _ *Slot) {
		if _, err := base.Derive(changedPages(1, 2, 3), 8192); !errors.Is(err, ErrTooLarge) {
			t.Errorf("Derive of a too large image returned %v", err)
		}
		if _, err := base.Derive(make([]byte, PageSize), 1<<40); err == nil {
			t.Error("Derive accepted an image that is shorter than its base")
		}
		image, err := base.Derive(changedPages(1), 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		defer image.Close()
		if _, err := image.Derive(changedPages(2), 1<<40); err == nil {
			t.Error("a derived image was accepted as a base")
		}
	})
}

// TestClosedBase checks that the bytes of a closed base stay valid while a derived image uses them.
func TestClosedBase(t *testing.T) {
	for name, open := range storeKinds {
		t.Run(name, func(t *testing.T) {
			base, err := newImage(testBytes(imageSize), open)
			if err != nil {
				t.Fatal(err)
			}
			mem := changedPages(9)
			image, err := base.Derive(mem, 1<<40)
			if err != nil {
				t.Fatal(err)
			}
			if err := base.Close(); err != nil {
				t.Fatal(err)
			}
			slot, err := image.NewSlot(reserve)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(start(t, slot.NewLease(reserve), uint64(len(mem))), mem) {
				t.Error("the memory differs from the image")
			}
			if err := errors.Join(image.Close(), slot.Close()); err != nil {
				t.Error(err)
			}
			if _, err := base.Derive(mem, 1<<40); !errors.Is(err, ErrClosed) {
				t.Errorf("Derive from a closed base returned %v", err)
			}
		})
	}
}
