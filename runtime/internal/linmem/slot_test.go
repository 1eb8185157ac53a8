package linmem

import (
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

func TestImageSizes(t *testing.T) {
	for name, open := range kinds {
		for _, n := range []int{0, 1, PageSize - 1, PageSize + 4096} {
			if _, err := newImage(make([]byte, n), open); err == nil {
				t.Errorf("%s: an image of %d bytes was taken", name, n)
			}
		}
	}
}

func TestReserveSizes(t *testing.T) {
	contract(t, func(t *testing.T, image *Image, _ *Slot) {
		for _, tc := range []struct {
			reserve uint64
			ok      bool
		}{
			{0, false},
			{imageSize - PageSize, false},
			{imageSize, true},
			{imageSize + 1, false},
			{imageSize + PageSize, true},
			{4<<30 - PageSize, true},
			{4 << 30, false},
			{1 << 63, false},
		} {
			s, err := image.NewSlot(tc.reserve)
			if (err == nil) != tc.ok {
				t.Errorf("reserve %d: %v", tc.reserve, err)
			}
			if s != nil {
				err = errors.Join(s.Verify(), s.Close())
				if err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestImageIsACopy(t *testing.T) {
	for name, open := range kinds {
		mem := testBytes(imageSize)
		image, err := newImage(mem, open)
		if err != nil {
			t.Fatal(err)
		}
		before := mem[7]
		mem[7]++
		if image.Bytes()[7] != before {
			t.Errorf("%s: the image follows the memory that it was made from", name)
		}
		if err := image.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCloseWaitsForSlots(t *testing.T) {
	contract(t, func(t *testing.T, image *Image, slot *Slot) {
		if err := image.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := image.NewSlot(reserve); !errors.Is(err, ErrClosed) {
			t.Errorf("a slot over a closed image: %v", err)
		}
		start(t, slot.NewLease(reserve), imageSize)[9]++
		restore(t, slot) // needs the image's bytes
		if err := slot.Verify(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := errors.Join(slot.Close(), image.Close()); err != nil {
				t.Fatal(err)
			}
		}
		_, restored := slot.Reset()
		_, resident := slot.Resident()
		for _, err := range []error{restored, resident, slot.Verify()} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("a released slot answers %v", err)
			}
		}
		mustPanic(t, "lending a released slot", func() { slot.NewLease(0) })
	})
}

func TestNothingUncleanIsLent(t *testing.T) {
	contract(t, func(t *testing.T, _ *Image, slot *Slot) {
		l := slot.NewLease(reserve)
		mustPanic(t, "lending twice", func() { slot.NewLease(reserve) })
		start(t, l, imageSize)
		mustPanic(t, "a second memory", func() { l.Allocate(0, 0) })
		restore(t, slot)
		if l.Denied() || l.Reallocate(imageSize) != nil || !l.Denied() {
			t.Error("the lease lives on after the slot was restored")
		}
		l = slot.NewLease(reserve)
		if err := slot.Close(); err != nil {
			t.Fatal(err)
		}
		if l.Reallocate(imageSize) != nil {
			t.Error("the lease lives on after the slot was released")
		}
	})
}

func TestFailedRestore(t *testing.T) {
	contract(t, func(t *testing.T, _ *Image, slot *Slot) {
		real, broken := slot.area, errors.New("broken")
		slot.area = failing{area: real, err: broken}
		if _, err := slot.Reset(); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		if _, err := slot.Reset(); err == nil {
			t.Error("restored at the second attempt")
		}
		mustPanic(t, "lending a slot that is not clean", func() { slot.NewLease(0) })
	})
}

type failing struct {
	area
	err error
}

func (f failing) restore() (int, error) { return 0, f.err }

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", what)
		}
	}()
	f()
}

// A module with one exported memory "m" of at least one page.
var memoryModule = []byte("\x00asm\x01\x00\x00\x00" + "\x05\x03\x01\x00\x01" + "\x07\x05\x01\x01m\x02\x00")

func TestEngineSeesTheLease(t *testing.T) {
	contract(t, func(t *testing.T, image *Image, slot *Slot) {
		ctx := context.Background()
		rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
		defer rt.Close(ctx)
		for range 3 {
			l := slot.NewLease(imageSize + 2*PageSize)
			mod, err := rt.InstantiateWithConfig(experimental.WithMemoryAllocator(ctx, l), memoryModule, wazero.NewModuleConfig().WithName(""))
			if err != nil {
				t.Fatal(err)
			}
			m := mod.ExportedMemory("m")
			if m.Size() != imageSize {
				t.Errorf("memory.size is %d, want the image's %d", m.Size(), imageSize)
			}
			if b, _ := m.ReadByte(1); b != image.Bytes()[1] {
				t.Error("the memory is not the image")
			}
			if was, ok := m.Grow(2); !ok || was != imagePages || l.Denied() {
				t.Errorf("growing to the cap: %d, %v", was, ok)
			}
			if _, ok := m.Grow(1); ok || !l.Denied() {
				t.Error("grew beyond the cap")
			}
			if !m.WriteUint32Le(1, 0) || !m.WriteByte(imageSize+2*PageSize-1, 1) || m.WriteByte(imageSize+2*PageSize, 1) {
				t.Error("the memory's end is not where it was granted")
			}
			if err := mod.Close(ctx); err != nil {
				t.Fatal(err)
			}
			restore(t, slot)
			if err := slot.Verify(); err != nil {
				t.Error(err)
			}
		}
	})
}
