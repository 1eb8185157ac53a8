package linmem

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// storeKinds has the implementations of store, which all must pass the tests in this file. Tests
// for some systems add theirs.
var storeKinds = map[string]func([]byte) (store, error){"copy": newCopyStore}

const (
	imagePages = 40 // the size of the image in most tests
	imageSize  = imagePages * PageSize
	reserve    = 4 * imageSize
)

// testBytes returns n bytes, of which every third page of 4096 bytes is zero and the others differ.
func testBytes(n int) []byte {
	var noise [4096]byte
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise[:])
	mem := make([]byte, n)
	for p := 0; p < n; p += len(noise) {
		if number := p / len(noise); number%3 != 1 {
			copy(mem[p:], noise[:])
			binary.LittleEndian.PutUint32(mem[p:], uint32(number)+1)
		}
	}
	return mem
}

// forEachStore runs f with a new image and a slot over it, for each kind of store.
func forEachStore(t *testing.T, f func(t *testing.T, image *Image, slot *Slot)) {
	for name, open := range storeKinds {
		t.Run(name, func(t *testing.T) {
			image, slot := newPair(t, imageSize, reserve, open)
			f(t, image, slot)
		})
	}
}

// newPair returns a new image of size bytes and a slot over it. The test closes them at its end.
func newPair(t testing.TB, size int, reserve uint64, open func([]byte) (store, error)) (*Image, *Slot) {
	t.Helper()
	image, err := newImage(testBytes(size), open)
	if err != nil {
		t.Fatal(err)
	}
	slot, err := image.NewSlot(reserve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(slot.Close(), image.Close()); err != nil {
			t.Error(err)
		}
	})
	return image, slot
}

// start allocates the lease's memory with the given size, as an engine does.
func start(t testing.TB, l *Lease, size uint64) []byte {
	t.Helper()
	mem := l.Allocate(0, 1<<32).Reallocate(size)
	if uint64(len(mem)) < size {
		t.Fatalf("got %d bytes, want at least %d", len(mem), size)
	}
	return mem
}

func resetSlot(t testing.TB, s *Slot) int {
	t.Helper()
	n, err := s.Reset()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInitialMemory(t *testing.T) {
	forEachStore(t, func(t *testing.T, image *Image, slot *Slot) {
		mem := start(t, slot.NewLease(reserve), PageSize) // less than the image
		if !bytes.Equal(mem, testBytes(imageSize)) || !bytes.Equal(mem, image.Bytes()) {
			t.Fatal("the memory differs from the image")
		}
		if cap(mem) != len(mem) {
			t.Errorf("the slice has a capacity of %d bytes more than its length", cap(mem)-len(mem))
		}
		if image.Size() != imageSize {
			t.Errorf("the size is %d, want %d", image.Size(), imageSize)
		}
	})
}

func TestLimit(t *testing.T) {
	for _, tc := range []struct{ limit, request, peak uint64 }{
		{limit: imageSize + PageSize, request: imageSize + PageSize, peak: imageSize + PageSize},
		{limit: imageSize + PageSize, request: imageSize + 2*PageSize, peak: imageSize},
		{limit: imageSize + PageSize, request: imageSize + PageSize + 1, peak: imageSize},
		{limit: 0, request: imageSize, peak: imageSize},
		{limit: 0, request: imageSize + PageSize, peak: imageSize},
		{limit: 1 << 40, request: reserve, peak: reserve},
		{limit: 1 << 40, request: reserve + PageSize, peak: imageSize},
		{limit: 1 << 40, request: 1 << 63, peak: imageSize},
	} {
		forEachStore(t, func(t *testing.T, _ *Image, slot *Slot) {
			l := slot.NewLease(tc.limit)
			first := start(t, l, imageSize)
			got := l.Reallocate(tc.request)
			l.Reallocate(imageSize) // a smaller request changes nothing
			granted := tc.peak == tc.request
			if (got != nil) != granted || l.Denied() == granted || l.Peak() != tc.peak {
				t.Errorf("limit %d, request %d: got %d bytes, denied %v, peak %d", tc.limit, tc.request, len(got), l.Denied(), l.Peak())
			}
			first[0]++ // the old slice stays usable
		})
	}
}

func TestGrowth(t *testing.T) {
	forEachStore(t, func(t *testing.T, _ *Image, slot *Slot) {
		for range 3 {
			l := slot.NewLease(reserve)
			mem := start(t, l, imageSize)
			for size := uint64(imageSize); size <= reserve; size += 7 * PageSize {
				old := len(mem)
				mem = l.Reallocate(size)
				if err := zeroFrom(mem, uint64(old), uint64(len(mem))); err != nil {
					t.Fatal(err)
				}
				mem[0], mem[len(mem)-1] = byte(size>>16), 1
			}
			if want := byte((imageSize + (reserve-imageSize)/(7*PageSize)*(7*PageSize)) >> 16); mem[0] != want {
				t.Errorf("byte 0 is %d after growing, want %d", mem[0], want)
			}
			resetSlot(t, slot)
		}
	})
}

func TestResetAfterRandomWrites(t *testing.T) {
	forEachStore(t, func(t *testing.T, image *Image, slot *Slot) {
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 0))
			l := slot.NewLease(imageSize + r.Uint64N(reserve-imageSize+1))
			mem := start(t, l, imageSize)
			if !bytes.Equal(mem, image.Bytes()) {
				t.Fatalf("seed %d: the memory differs from the image", seed)
			}
			for range r.IntN(300) {
				if grown := l.Reallocate(uint64(len(mem)) + PageSize*r.Uint64N(3)); r.IntN(4) == 0 && grown != nil {
					mem = grown
				}
				writeRandomly(r, mem)
			}
			resetSlot(t, slot)
			if err := slot.Verify(); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		all := start(t, slot.NewLease(reserve), reserve)
		if !bytes.Equal(all[:imageSize], image.Bytes()) || zeroFrom(all, imageSize, reserve) != nil {
			t.Error("the slot differs from the image")
		}
		resetSlot(t, slot)
	})
}

// writeRandomly changes a few bytes or some pages, or writes without a change.
func writeRandomly(r *rand.Rand, mem []byte) {
	at := r.IntN(len(mem))
	n := min(len(mem)-at, 1+r.IntN(20000)*r.IntN(2))
	switch r.IntN(3) {
	case 0:
		for i := range mem[at : at+n] {
			mem[at+i] ^= byte(1 + r.IntN(255))
		}
	case 1:
		clear(mem[at : at+n])
	case 2:
		mem[at] += 0 // a write without a change
	}
}

func TestVerify(t *testing.T) {
	grown := uint64(imageSize + 3*PageSize)
	for _, at := range []uint64{0, 4095, 4096 + 5, imageSize / 2, imageSize - 1, imageSize, imageSize + 5000, grown - 1} {
		forEachStore(t, func(t *testing.T, _ *Image, slot *Slot) {
			mem := start(t, slot.NewLease(reserve), grown)
			if err := slot.Verify(); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			mem[at] ^= 1
			want := differsAt(at, "the image")
			if at >= imageSize {
				want = differsAt(at, "zero")
			}
			if err := slot.Verify(); err == nil || err.Error() != want.Error() {
				t.Errorf("got %v, want %v", err, want)
			}
			resetSlot(t, slot)
			if err := slot.Verify(); err != nil {
				t.Errorf("after the reset: %v", err)
			}
		})
	}
}

// TestRetainedLimit writes to more pages than a slot may retain, in the growth area and in an image
// of that size.
func TestRetainedLimit(t *testing.T) {
	for _, size := range []int{imageSize, maxRetained + 2*PageSize} {
		for name, open := range storeKinds {
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				_, slot := newPair(t, size, maxRetained+uint64(size)+4*PageSize, open)
				mem := start(t, slot.NewLease(MaxReserve), slot.reserve)
				for p := 0; p < len(mem); p += 4096 {
					mem[p]++
				}
				before, err := slot.Resident()
				unknown := errors.Is(err, errors.ErrUnsupported)
				if !unknown && (err != nil || before < slot.reserve) {
					t.Fatalf("%d bytes are resident, %d were written, error %v", before, slot.reserve, err)
				}
				if n := resetSlot(t, slot); n != len(mem)/4096 {
					t.Errorf("%d pages were reset, want %d", n, len(mem)/4096)
				}
				after, err := slot.Resident()
				if !unknown && (err != nil || after > uint64(size)+maxRetained || after >= before) {
					t.Errorf("%d bytes are resident before the reset, %d after it, error %v", before, after, err)
				}
				if err := slot.Verify(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestResetDoesNotAllocate(t *testing.T) {
	forEachStore(t, func(t *testing.T, _ *Image, slot *Slot) {
		mem := slot.area.extend(imageSize + PageSize)
		n := testing.AllocsPerRun(300, func() {
			slot.area.extend(imageSize + PageSize)
			for p := 0; p < len(mem); p += 2 * 4096 {
				mem[p]++
			}
			resetSlot(t, slot)
		})
		if n != 0 {
			t.Errorf("%v allocations per reset", n)
		}
	})
}

func TestConcurrentSlots(t *testing.T) {
	for name, open := range storeKinds {
		t.Run(name, func(t *testing.T) {
			image, err := newImage(testBytes(imageSize), open)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			begin := make(chan struct{})
			for id := range 8 {
				wg.Go(func() {
					<-begin
					if err := useSlot(image, id, 40); err != nil {
						t.Error(err)
					}
				})
			}
			close(begin)
			wg.Wait()
			if err := image.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// useSlot uses a slot n times. Each run must find the image at its start, and only its own writes
// at its end.
func useSlot(image *Image, id, n int) error {
	slot, err := image.NewSlot(reserve)
	if err != nil {
		return err
	}
	for c := range n {
		l := slot.NewLease(reserve)
		mem := l.Allocate(0, 0).Reallocate(imageSize)
		if !bytes.Equal(mem, image.Bytes()) {
			return fmt.Errorf("slot %d, run %d: the memory differs from the image", id, c)
		}
		mem = l.Reallocate(imageSize + uint64(c%5)*PageSize)
		for p := id; p < len(mem); p += 4096 * (1 + c%7) {
			mem[p] = byte(id)
		}
		for p := id; p < len(mem); p += 4096 * (1 + c%7) {
			if mem[p] != byte(id) {
				return fmt.Errorf("slot %d, run %d: another slot has written to the memory", id, c)
			}
		}
		if _, err := slot.Reset(); err != nil {
			return err
		}
	}
	return errors.Join(slot.Verify(), slot.Close())
}
