package linmem

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

func TestImageSizes(t *testing.T) {
	for name, open := range storeKinds {
		for _, n := range []int{0, 1, PageSize - 1, PageSize + 4096} {
			if _, err := newImage(make([]byte, n), open); err == nil {
				t.Errorf("%s: an image of %d bytes was accepted", name, n)
			}
		}
	}
}

func TestReserveSizes(t *testing.T) {
	forEachStore(t, func(t *testing.T, image *Image, _ *Slot) {
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

func TestImageIsCopy(t *testing.T) {
	for name, open := range storeKinds {
		mem := testBytes(imageSize)
		image, err := newImage(mem, open)
		if err != nil {
			t.Fatal(err)
		}
		before := mem[7]
		mem[7]++
		if image.Bytes()[7] != before {
			t.Errorf("%s: the image changed with its source", name)
		}
		if err := image.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestClosedImage(t *testing.T) {
	forEachStore(t, func(t *testing.T, image *Image, slot *Slot) {
		if err := image.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := image.NewSlot(reserve); !errors.Is(err, ErrClosed) {
			t.Errorf("NewSlot of a closed image returned %v", err)
		}
		start(t, slot.NewLease(reserve), imageSize)[9]++
		resetSlot(t, slot) // needs the image's bytes
		if err := slot.Verify(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := errors.Join(slot.Close(), image.Close()); err != nil {
				t.Fatal(err)
			}
		}
		_, resetErr := slot.Reset()
		_, residentErr := slot.Resident()
		for _, err := range []error{resetErr, residentErr, slot.Verify()} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("a closed slot returned %v, want %v", err, ErrClosed)
			}
		}
		mustPanic(t, "leasing a closed slot", func() { slot.NewLease(0) })
	})
}

func TestLeaseMisuse(t *testing.T) {
	forEachStore(t, func(t *testing.T, _ *Image, slot *Slot) {
		l := slot.NewLease(reserve)
		mustPanic(t, "leasing twice", func() { slot.NewLease(reserve) })
		start(t, l, imageSize)
		mustPanic(t, "allocating twice", func() { l.Allocate(0, 0) })
		resetSlot(t, slot)
		if l.Denied() || l.Reallocate(imageSize) != nil || !l.Denied() {
			t.Error("the lease is valid after the slot was reset")
		}
		l = slot.NewLease(reserve)
		if err := slot.Close(); err != nil {
			t.Fatal(err)
		}
		if l.Reallocate(imageSize) != nil {
			t.Error("the lease is valid after the slot was closed")
		}
	})
}

func TestFailedReset(t *testing.T) {
	forEachStore(t, func(t *testing.T, _ *Image, slot *Slot) {
		broken := errors.New("broken")
		slot.area = failingArea{area: slot.area, err: broken}
		if _, err := slot.Reset(); !errors.Is(err, broken) {
			t.Errorf("Reset returned %v, want %v", err, broken)
		}
		if _, err := slot.Reset(); err == nil {
			t.Error("the second Reset returned no error")
		}
		mustPanic(t, "leasing a slot whose reset failed", func() { slot.NewLease(0) })
	})
}

// failingArea fails to reset.
type failingArea struct {
	area
	err error
}

func (f failingArea) reset() (int, error) { return 0, f.err }

func mustPanic(t *testing.T, action string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", action)
		}
	}()
	f()
}

// memoryModule exports a memory "m" of at least one page.
var memoryModule = []byte("\x00asm\x01\x00\x00\x00" + "\x05\x03\x01\x00\x01" + "\x07\x05\x01\x01m\x02\x00")

func TestEngineUsesLease(t *testing.T) {
	forEachStore(t, func(t *testing.T, image *Image, slot *Slot) {
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
				t.Error("the memory differs from the image")
			}
			if was, ok := m.Grow(2); !ok || was != imagePages || l.Denied() {
				t.Errorf("growing to the limit returned %d, %v", was, ok)
			}
			if _, ok := m.Grow(1); ok || !l.Denied() {
				t.Error("the memory grew beyond the limit")
			}
			if !m.WriteUint32Le(1, 0) || !m.WriteByte(imageSize+2*PageSize-1, 1) || m.WriteByte(imageSize+2*PageSize, 1) {
				t.Error("the memory does not end at its limit")
			}
			if err := mod.Close(ctx); err != nil {
				t.Fatal(err)
			}
			resetSlot(t, slot)
			if err := slot.Verify(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestImageOfParts checks that the image has the parts, and zeros elsewhere.
func TestImageOfParts(t *testing.T) {
	want := make([]byte, imageSize)
	parts := []Part{{At: 0, Bytes: testBytes(4096)}, {At: 3 * 4096, Bytes: testBytes(2 * 4096)}, {At: imageSize - 4096, Bytes: testBytes(4096)}}
	for _, p := range parts {
		copy(want[p.At:], p.Bytes)
	}
	image, err := NewImageOf(imageSize, parts)
	if err != nil {
		t.Fatal(err)
	}
	parts[0].Bytes[7]++
	slot, err := image.NewSlot(imageSize)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(image.Bytes(), want) || slot.Verify() != nil {
		t.Error("the image does not have the parts")
	}
	if err := errors.Join(slot.Close(), image.Close()); err != nil {
		t.Error(err)
	}
	for _, p := range []Part{{At: imageSize - 4095, Bytes: make([]byte, 4096)}, {At: 1 << 63}, {At: imageSize + 1}} {
		if _, err := NewImageOf(imageSize, []Part{p}); err == nil {
			t.Errorf("%d bytes at %#x were accepted", len(p.Bytes), p.At)
		}
	}
	if _, err := NewImageOf(imageSize+4096, nil); err == nil {
		t.Error("a part of a WebAssembly page was accepted")
	}
}
