package codecache

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tabcell/runtime/osfile"

	"golang.org/x/sys/unix"
)

// watched counts the calls of Watch that have not been stopped.
var watched atomic.Int32

// Watch permits this process to execute code in files that its user can change. The kernel then
// delays changes by other processes, and changed is called. It must end the process within
// MaxChangeDelay; otherwise the process would run the changed code. Watch does nothing if the
// kernel does not delay changes for that long.
//
// A process that restricts itself after its start must not be able to write to these files either.
func Watch(changed func()) (stop func()) {
	if leaseBreakTime() <= MaxChangeDelay {
		return func() {}
	}
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, unix.SIGIO)
	watched.Add(1)
	go func() {
		select {
		case <-signals:
			changed()
		case <-done:
		}
	}()
	return func() {
		watched.Add(-1)
		signal.Stop(signals)
		close(done)
	}
}

// leaseBreakTime returns the time for which the kernel delays a change.
func leaseBreakTime() time.Duration {
	text, _ := os.ReadFile("/proc/sys/fs/lease-break-time")
	seconds, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return time.Duration(seconds) * time.Second
}

// protect returns the reason why an open file may change, or nil. A file of another user, such as
// root, is as safe as the program itself. For a file of this user it takes a lease, which exists
// until the last mapping of the file is gone: a process that opens the file for writing waits, and
// this process gets SIGIO.
func protect(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	user := osfile.CurrentUser()
	switch {
	case osfile.Exposed(info, 0o022) != 0:
		return errors.New("other users can write to it")
	case user != 0 && osfile.OwnerOf(info) != user:
		return nil
	case watched.Load() == 0:
		return errors.New("this process does not watch for changes")
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK); err != nil {
		return fmt.Errorf("the file system does not delay changes: %w", err)
	}
	return nil
}

// mapsFiles reports whether mapFile exists on this system.
const mapsFiles = true

// mapFile maps a part of a file, executable or for data. The mapping is never writable.
func mapFile(f *os.File, at int64, size int, executable bool) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size()-int64(size) < at { // the kernel ends a process that reads beyond the end
		return nil, fmt.Errorf("the file has %d bytes, but %d bytes are to be mapped at %d", info.Size(), size, at)
	}
	protection := unix.PROT_READ
	if executable {
		protection |= unix.PROT_EXEC
	}
	return unix.Mmap(int(f.Fd()), at, size, protection, unix.MAP_PRIVATE)
}

func unmap(code []byte) error { return unix.Munmap(code) }
