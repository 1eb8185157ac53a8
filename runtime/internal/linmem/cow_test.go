//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	for m := byRemap; m <= byScan; m++ {
		storeKinds[m.String()] = func(mem []byte) (store, error) { return newCowStore(mem, m) }
	}
}

// forEachTracker runs f for each method of finding private pages that this kernel supports.
func forEachTracker(t *testing.T, f func(t *testing.T, slot *Slot, a *cowArea)) {
	for m := byPagemap; m <= byScan; m++ {
		t.Run(m.String(), func(t *testing.T) {
			image, slot := newPair(t, imageSize, reserve, storeKinds[m.String()])
			if image.ResetMethod() != m.String() {
				t.Skipf("this host supports only %s", image.ResetMethod())
			}
			f(t, slot, slot.area.(*cowArea))
		})
	}
}

func privatePages(t testing.TB, s *Slot) int {
	t.Helper()
	n, err := s.Resident()
	if err != nil {
		t.Fatal(err)
	}
	return int(n / osPage)
}

// writePages uses the slot once, writing to the first n OS pages, and returns the number of pages
// reset.
func writePages(t testing.TB, s *Slot, n int) int {
	t.Helper()
	mem := start(t, s.NewLease(reserve), imageSize)
	for p := range n {
		mem[p*int(osPage)]++
	}
	return resetSlot(t, s)
}

func TestImageIsSealed(t *testing.T) {
	image, _ := newPair(t, imageSize, reserve, newStore)
	fd := image.store.(*cowStore).fd
	_, write := unix.Pwrite(fd, []byte{1}, 0)
	_, share := unix.Mmap(fd, 0, PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	_, seal := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, 0)
	for operation, err := range map[string]error{
		"write":        write,
		"shared write": share,
		"grow":         unix.Ftruncate(fd, imageSize+PageSize),
		"shrink":       unix.Ftruncate(fd, 0),
		"punch":        unix.Fallocate(fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, PageSize),
		"more seals":   seal,
	} {
		if !errors.Is(err, unix.EPERM) {
			t.Errorf("%s: %v, want %v", operation, err, unix.EPERM)
		}
	}
	mustFault(t, "writing to the image", func() { image.Bytes()[0]++ })
}

// mustFault checks that f causes a memory fault.
func mustFault(t *testing.T, action string, f func()) {
	t.Helper()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	mustPanic(t, action, f)
}

func TestZeroPagesAreHoles(t *testing.T) {
	mem := make([]byte, 64*PageSize)
	mem[3*PageSize], mem[63*PageSize+PageSize-1] = 1, 1
	fd, err := sealedFile(mem)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Blocks*512 > 2*PageSize {
		t.Errorf("a file with two pages of data takes %d bytes, error %v", st.Blocks*512, err)
	}
}

func TestGuardPages(t *testing.T) {
	_, slot := newPair(t, imageSize, reserve, newStore)
	a := slot.area.(*cowArea)
	for _, at := range []int{len(a.mem), len(a.mem) + PageSize - 1, len(a.span) - 1} {
		mustFault(t, fmt.Sprintf("writing at %#x", at), func() { a.span[at] = 1 })
	}
}

// TestGuardsFollowSize checks that the bytes after the current size of a memory are inaccessible, also
// those that an earlier run has used.
func TestGuardsFollowSize(t *testing.T) {
	if !guarded() {
		t.Skip("this engine has no memory guards")
	}
	forEachTracker(t, func(t *testing.T, slot *Slot, a *cowArea) {
		check := func(size uint64) {
			t.Helper()
			a.mem[size-1]++
			for _, at := range []uint64{size, size + 5000, reserve - 1} {
				mustFault(t, fmt.Sprintf("reading at %#x of %#x", at, size), func() { a.mem[0] = a.mem[at] })
			}
		}
		check(imageSize)
		for range 3 {
			lease := slot.NewLease(reserve)
			start(t, lease, imageSize)
			for _, pages := range []uint64{1, 2, 17} {
				lease.Reallocate(imageSize + pages*PageSize)
				check(imageSize + pages*PageSize)
			}
			if err := slot.Verify(); err == nil {
				t.Error("Verify found no change")
			}
			check(imageSize + 17*PageSize)
			resetSlot(t, slot)
			check(imageSize)
		}
	})
}

func TestReadingKeepsPagesShared(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, a *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		sum := 0
		for _, b := range mem[:imageSize] {
			sum += int(b)
		}
		if n := privatePages(t, slot); n != 0 || sum == 0 {
			t.Errorf("%d pages are private after reading the image", n)
		}
		imageSum := sum
		for _, b := range mem[imageSize:] {
			sum += int(b)
		}
		if sum != imageSum {
			t.Error("the growth area is not zero")
		}
		// page map entries do not identify the kernel's page of zeros
		if n := privatePages(t, slot); n != 0 && a.tracker.entries == nil {
			t.Errorf("%d pages are private after reading the growth area", n)
		}
		mem[0]++
		if n := resetSlot(t, slot); n != int(osPage/reportPage) {
			t.Errorf("%d pages were reset, one OS page was written", n)
		}
	})
}

func TestWrittenPageCount(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		for _, n := range []int{100, 7, 0, 101} {
			if got := writePages(t, slot, n); got != n*int(osPage/reportPage) {
				t.Errorf("%d pages were reset, %d OS pages were written", got, n)
			}
		}
	})
}

func TestHotPagesStayPrivate(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		const hot, cold = 100, 1
		writePages(t, slot, hot+cold)
		for n := 1; n < maxResets-1; n++ {
			writePages(t, slot, hot)
		}
		if n := privatePages(t, slot); n != hot+cold {
			t.Errorf("%d private pages before reset %d, want %d", n, maxResets, hot+cold)
		}
		writePages(t, slot, hot)
		if n := privatePages(t, slot); n != 0 {
			t.Errorf("%d private pages after reset %d, want none", n, maxResets)
		}
	})
}

// TestIdlePagesAreDiscarded checks that the private pages of one heavy run do not slow down many
// light ones.
func TestIdlePagesAreDiscarded(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		const few = 3
		writePages(t, slot, imageSize/int(osPage))
		for range 2 * maxIdleChecks {
			writePages(t, slot, few)
		}
		if n := privatePages(t, slot); n > few {
			t.Errorf("%d private pages, runs write to %d", n, few)
		}
	})
}

// TestGrownPagesAreDiscarded is the same for pages of the growth area that later runs do not have.
func TestGrownPagesAreDiscarded(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		for p := imageSize; p < len(mem); p += int(osPage) {
			mem[p] = 1
		}
		resetSlot(t, slot)
		if n := privatePages(t, slot); n != (reserve-imageSize)/int(osPage) {
			t.Errorf("%d private pages after the run, want %d", n, (reserve-imageSize)/int(osPage))
		}
		for range 2 * maxIdleChecks {
			writePages(t, slot, 3)
		}
		if n := privatePages(t, slot); n > 3 {
			t.Errorf("%d private pages, runs write to 3", n)
		}
	})
}

func TestVerifyBeyondLease(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, a *cowArea) {
		if err := a.whileOpen(func() error { a.mem[reserve-1] = 1; return nil }); err != nil { // beyond every lease
			t.Fatal(err)
		}
		if err := slot.Verify(); err == nil {
			t.Error("Verify did not find a changed byte beyond the lease")
		}
	})
}

// TestManyRuns writes every second page, which makes more runs than fit into the tracker's buffer.
func TestManyRuns(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, a *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		written := 0
		for p := 0; p < len(mem); p += 2 * int(osPage) {
			mem[p]++
			written++
		}
		if written < 2*len(a.tracker.runs) {
			t.Fatalf("%d runs are too few for this test, which needs %d", written, 2*len(a.tracker.runs))
		}
		if n := resetSlot(t, slot); n != written*int(osPage/reportPage) {
			t.Errorf("%d pages were reset, %d OS pages were written", n, written)
		}
		if err := slot.Verify(); err != nil {
			t.Error(err)
		}
	})
}

// TestTrackerFailure makes the page map fail after it has worked.
func TestTrackerFailure(t *testing.T) {
	forEachTracker(t, func(t *testing.T, slot *Slot, a *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		mem[5], mem[reserve-1] = ^mem[5], 1
		fd := a.tracker.fd
		a.tracker.fd = -1
		resetSlot(t, slot)
		a.tracker.fd = fd
		if err := slot.Verify(); err != nil {
			t.Error(err)
		}
		if n := privatePages(t, slot); n != 0 {
			t.Errorf("%d pages are private after discarding all", n)
		}
	})
}

func TestMethodFallback(t *testing.T) {
	image, _ := newPair(t, imageSize, reserve, newStore)
	text := filepath.Join(t.TempDir(), "pagemap")
	if err := os.WriteFile(text, []byte("not a page map"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]method{
		filepath.Join(t.TempDir(), "missing"): byRemap,
		text:                                  byRemap,
		os.DevNull:                            byRemap,
	} {
		fd := openPagemap(path)
		p := selectMethod(fd, byScan, image.Bytes())
		if fd >= 0 {
			defer unix.Close(fd)
		}
		if p.method != want || p.fd != -1 || p.newTracker() != nil {
			t.Errorf("%s: method %v, want %v", path, p.method, want)
		}
	}
	if p := selectMethod(ownPagemap(), byPagemap, image.Bytes()); p.method == byScan {
		t.Error("selectMethod selected a better method than requested")
	}
}

// TestMemoryStaysConstant checks that the process does not grow between run 100 and run 1000, with
// different pages written in each run.
func TestMemoryStaysConstant(t *testing.T) {
	for name, open := range storeKinds {
		t.Run(name, func(t *testing.T) {
			_, slot := newPair(t, imageSize, reserve, open)
			var early uint64
			for run := range 1000 {
				l := slot.NewLease(reserve)
				start(t, l, imageSize)
				mem := l.Reallocate(imageSize + uint64(run%16)*PageSize)
				for p := run % 97 * 4096; p < len(mem); p += 97 * 4096 {
					mem[p]++
				}
				resetSlot(t, slot)
				if run == 100 {
					early = residentOfProcess(t)
				}
			}
			if late := residentOfProcess(t); late > early+8<<20 {
				t.Errorf("the process has %d KiB after 100 runs, %d KiB after 1000", early>>10, late>>10)
			}
		})
	}
}

func residentOfProcess(t testing.TB) uint64 {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var total, pages uint64
	if _, err := fmt.Fscan(bytes.NewReader(text), &total, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * osPage
}
