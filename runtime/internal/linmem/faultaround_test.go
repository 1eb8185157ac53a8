//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOnlyTouchedPagesAreMapped: reading one page of a slot must not map its neighbours, which every restore would then walk.
func TestOnlyTouchedPagesAreMapped(t *testing.T) {
	fd := openFaults()
	if fd < 0 {
		t.Skip("this kernel, or a filter, has no asynchronous userfaultfd")
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
		t.Fatal("not the image")
	}
	if n := mappedPages(t, mem); n != 1 {
		t.Errorf("%d pages are mapped after one was read", n)
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
