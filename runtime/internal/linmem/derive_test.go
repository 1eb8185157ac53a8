package linmem

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// changedPages is the test image with some pages changed, and two more WebAssembly pages behind.
func changedPages(pages ...int) []byte {
	mem := append(testBytes(imageSize), make([]byte, 2*PageSize)...)
	for _, p := range pages {
		mem[p*4096+7]++
	}
	return mem
}

// over runs f with a slot over an image that was made over another one, for each kind.
func over(t *testing.T, mem []byte, f func(t *testing.T, image *Image, slot *Slot)) {
	contract(t, func(t *testing.T, base *Image, _ *Slot) {
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

func TestOverShowsItsOwnBytes(t *testing.T) {
	many := make([]int, 300) // more runs than patches
	for i := range many {
		many[i] = 2 * i
	}
	for _, pages := range [][]int{nil, {0}, {imageSize/4096 - 1}, {3, 4, 5, 100}, many} {
		mem := changedPages(pages...)
		t.Run(fmt.Sprint(len(pages)), func(t *testing.T) {
			over(t, mem, func(t *testing.T, image *Image, slot *Slot) {
				for range 3 {
					shown := start(t, slot.NewLease(reserve), uint64(len(mem)))
					if !bytes.Equal(shown, mem) || !bytes.Equal(image.Bytes(), mem) {
						t.Fatal("the slot does not show the image")
					}
					for p := 0; p < len(shown); p += 4096 {
						shown[p]++
					}
					restore(t, slot)
					if err := slot.Verify(); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestOverIsBounded(t *testing.T) {
	contract(t, func(t *testing.T, base *Image, _ *Slot) {
		if _, err := base.Derive(changedPages(1, 2, 3), 8192); !errors.Is(err, ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
		if _, err := base.Derive(make([]byte, PageSize), 1<<40); err == nil {
			t.Error("an image shorter than its base")
		}
		image, err := base.Derive(changedPages(1), 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		defer image.Close()
		if _, err := image.Derive(changedPages(2), 1<<40); err == nil {
			t.Error("an image over an image over an image")
		}
	})
}

// TestBaseOutlivesItsImages: the base's bytes stay while an image over it shows them.
func TestBaseOutlivesItsImages(t *testing.T) {
	for name, open := range kinds {
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
				t.Error("not the image")
			}
			if err := errors.Join(image.Close(), slot.Close()); err != nil {
				t.Error(err)
			}
			if _, err := base.Derive(mem, 1<<40); !errors.Is(err, ErrClosed) {
				t.Errorf("over a closed base: %v", err)
			}
		})
	}
}
