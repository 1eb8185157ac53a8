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
		kinds[m.String()] = func(mem []byte) (store, error) { return newCowStore(mem, m) }
	}
}

// tracked runs f for each way of telling private pages that this kernel has.
func tracked(t *testing.T, f func(t *testing.T, slot *Slot, a *cowArea)) {
	for m := byPagemap; m <= byScan; m++ {
		t.Run(m.String(), func(t *testing.T) {
			image, slot := newPair(t, imageSize, reserve, kinds[m.String()])
			if image.ResetMethod() != m.String() {
				t.Skip("this host does not have it, but", image.ResetMethod())
			}
			f(t, slot, slot.area.(*cowArea))
		})
	}
}

func residentPages(t testing.TB, s *Slot) int {
	t.Helper()
	n, err := s.Resident()
	if err != nil {
		t.Fatal(err)
	}
	return int(n / osPage)
}

// touch runs once, writing to the first n OS pages.
func touch(t testing.TB, s *Slot, n int) int {
	t.Helper()
	mem := start(t, s.NewLease(reserve), imageSize)
	for p := range n {
		mem[p*int(osPage)]++
	}
	return restore(t, s)
}

func TestImageIsSealed(t *testing.T) {
	image, _ := newPair(t, imageSize, reserve, newStore)
	fd := image.store.(*cowStore).fd
	_, write := unix.Pwrite(fd, []byte{1}, 0)
	_, share := unix.Mmap(fd, 0, PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	_, seal := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, 0)
	for what, err := range map[string]error{
		"write":        write,
		"shared write": share,
		"grow":         unix.Ftruncate(fd, imageSize+PageSize),
		"shrink":       unix.Ftruncate(fd, 0),
		"punch":        unix.Fallocate(fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, PageSize),
		"more seals":   seal,
	} {
		if !errors.Is(err, unix.EPERM) {
			t.Errorf("%s: %v, want %v", what, err, unix.EPERM)
		}
	}
	mustFault(t, "writing to the image", func() { image.Bytes()[0]++ })
}

func mustFault(t *testing.T, what string, f func()) {
	t.Helper()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	mustPanic(t, what, f)
}

func TestZeroPagesTakeNoRoom(t *testing.T) {
	mem := make([]byte, 64*PageSize)
	mem[3*PageSize], mem[63*PageSize+PageSize-1] = 1, 1
	fd, err := sealedFile(mem)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Blocks*512 > 2*PageSize {
		t.Errorf("two pages take %d bytes: %v", st.Blocks*512, err)
	}
}

func TestBeyondTheReserveIsAWall(t *testing.T) {
	_, slot := newPair(t, imageSize, reserve, newStore)
	a := slot.area.(*cowArea)
	for _, at := range []int{len(a.mem), len(a.mem) + PageSize - 1, len(a.span) - 1} {
		mustFault(t, fmt.Sprintf("writing at %#x", at), func() { a.span[at] = 1 })
	}
}

func TestReadingIsNotWriting(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, a *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		sum := 0
		for _, b := range mem[:imageSize] {
			sum += int(b)
		}
		if n := residentPages(t, slot); n != 0 || sum == 0 {
			t.Errorf("%d pages are private after reading the image", n)
		}
		read := sum
		for _, b := range mem[imageSize:] {
			sum += int(b)
		}
		if sum != read {
			t.Error("the growth area is not zero")
		}
		if n := residentPages(t, slot); n != 0 && a.tracker.entries == nil { // entries do not tell the kernel's page of zeros
			t.Errorf("%d pages are private after reading beyond the image", n)
		}
		mem[0]++
		if n := restore(t, slot); n != int(osPage/reportPage) {
			t.Errorf("%d pages put back, one was written", n)
		}
	})
}

func TestOnlyWrittenPagesAreCounted(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		for _, n := range []int{100, 7, 0, 101} {
			if got := touch(t, slot, n); got != n*int(osPage/reportPage) {
				t.Errorf("%d pages put back, %d were written", got, n)
			}
		}
	})
}

func TestHotPagesStayPrivate(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		const hot, cold = 100, 1
		touch(t, slot, hot+cold)
		for n := 1; n < forgetEvery-1; n++ {
			touch(t, slot, hot)
		}
		if n := residentPages(t, slot); n != hot+cold {
			t.Errorf("%d private pages before all are given back, want %d", n, hot+cold)
		}
		touch(t, slot, hot)
		if n := residentPages(t, slot); n != 0 {
			t.Errorf("%d private pages after restore %d", n, forgetEvery)
		}
	})
}

// TestIdlePagesAreForgottenEarly: after one heavy run, light runs must not look at its pages for long.
func TestIdlePagesAreForgottenEarly(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		const light = 3
		touch(t, slot, imageSize/int(osPage))
		for range 2 * patience {
			touch(t, slot, light)
		}
		if n := residentPages(t, slot); n > light {
			t.Errorf("%d private pages, but runs need only %d", n, light)
		}
	})
}

// TestGrownPagesAreForgottenEarly is the same for memory that later runs do not even have.
func TestGrownPagesAreForgottenEarly(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, _ *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		for p := imageSize; p < len(mem); p += int(osPage) {
			mem[p] = 1
		}
		restore(t, slot)
		if n := residentPages(t, slot); n != (reserve-imageSize)/int(osPage) {
			t.Errorf("%d private pages right after the run", n)
		}
		for range 2 * patience {
			touch(t, slot, 3)
		}
		if n := residentPages(t, slot); n > 3 {
			t.Errorf("%d private pages, but runs need only 3", n)
		}
	})
}

func TestVerifyLooksBeyondTheLease(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, a *cowArea) {
		a.mem[reserve-1] = 1 // no lease ever reached this
		if err := slot.Verify(); err == nil {
			t.Error("a byte beyond every lease went unnoticed")
		}
	})
}

// TestRunsDoNotFitAtOnce: every second page is written, which makes more runs than the tracker has room for.
func TestRunsDoNotFitAtOnce(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, a *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		written := 0
		for p := 0; p < len(mem); p += 2 * int(osPage) {
			mem[p]++
			written++
		}
		if written < 2*len(a.tracker.runs) {
			t.Fatalf("%d runs are too few for this test", written)
		}
		if n := restore(t, slot); n != written*int(osPage/reportPage) {
			t.Errorf("%d pages put back, %d were written", n, written)
		}
		if err := slot.Verify(); err != nil {
			t.Error(err)
		}
	})
}

// TestTrackerFailsLater: the page map was there at start, but is refused now.
func TestTrackerFailsLater(t *testing.T) {
	tracked(t, func(t *testing.T, slot *Slot, a *cowArea) {
		mem := start(t, slot.NewLease(reserve), reserve)
		mem[5], mem[reserve-1] = ^mem[5], 1
		fd := a.tracker.fd
		a.tracker.fd = -1
		restore(t, slot)
		a.tracker.fd = fd
		if err := slot.Verify(); err != nil {
			t.Error(err)
		}
		if n := residentPages(t, slot); n != 0 {
			t.Errorf("%d pages are private", n)
		}
	})
}

func TestMethodFallsBack(t *testing.T) {
	image, _ := newPair(t, imageSize, reserve, newStore)
	text := filepath.Join(t.TempDir(), "pagemap")
	if err := os.WriteFile(text, []byte("no page map"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]method{
		filepath.Join(t.TempDir(), "missing"): byRemap,
		text:                                  byRemap,
		os.DevNull:                            byRemap,
	} {
		p := openPagemap(path, byScan, image.Bytes())
		if p.method != want || p.fd != -1 || p.tracker() != nil {
			t.Errorf("%s: %v", path, p.method)
		}
	}
	p := openPagemap("/proc/self/pagemap", byPagemap, image.Bytes())
	defer p.close()
	if p.method == byScan {
		t.Error("more than was asked for")
	}
}

// TestMemoryIsFlat: a thousand runs with changing pages leave the process as large as the first hundred did.
func TestMemoryIsFlat(t *testing.T) {
	for name, open := range kinds {
		t.Run(name, func(t *testing.T) {
			_, slot := newPair(t, imageSize, reserve, open)
			var early uint64
			for c := range 1000 {
				l := slot.NewLease(reserve)
				mem := start(t, l, imageSize)
				mem = l.Reallocate(imageSize + uint64(c%16)*PageSize)
				for p := c % 97 * 4096; p < len(mem); p += 97 * 4096 {
					mem[p]++
				}
				restore(t, slot)
				if c == 100 {
					early = residentOfProcess(t)
				}
			}
			if late := residentOfProcess(t); late > early+8<<20 {
				t.Errorf("%d KiB after 100 runs, %d KiB after 1000", early>>10, late>>10)
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
