//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFaultAround checks that reading one page of a slot does not map its neighbours, which would
// slow down every reset.
func TestFaultAround(t *testing.T) {
	fd := openUserfaultfd()
	if fd < 0 {
		t.Skip("asynchronous userfaultfd is not available: not supported by the kernel, or forbidden")
	}
	defer unix.Close(fd)
	image, err := NewImage(bytes.Repeat([]byte{7}, 16*PageSize))
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	slot, err := image.NewSlot(32 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer slot.Close()
	mem := slot.NewLease(0).Reallocate(0)
	if mem[8*PageSize] != 7 {
		t.Fatal("the memory differs from the image")
	}
	if n := mappedPages(t, mem); n != 1 {
		t.Errorf("%d pages are mapped after reading one page", n)
	}
}

func mappedPages(t *testing.T, mem []byte) (n int) {
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries := make([]byte, uint64(len(mem))/osPage*8)
	if _, err := f.ReadAt(entries, int64(addressOf(mem)/osPage*8)); err != nil {
		t.Fatal(err)
	}
	for ; len(entries) > 0; entries = entries[8:] {
		if binary.NativeEndian.Uint64(entries)&entryPresent != 0 {
			n++
		}
	}
	return n
}
