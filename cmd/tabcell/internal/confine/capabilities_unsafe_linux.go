//go:build linux && (amd64 || arm64)

package confine

import (
	"fmt"
	"io/fs"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// maxChecked limits the files of one folder whose access is checked. A folder with more is judged
// by these.
const maxChecked = 10_000

// capabilities are the arguments of capset.
type capabilities struct {
	header unix.CapUserHeader
	data   [2]unix.CapUserData
}

func newCapabilities(kept uint32) *capabilities {
	c := &capabilities{header: unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}}
	c.data[0].Effective, c.data[0].Permitted = kept, kept
	return c
}

// dropCapabilities drops the capabilities of all threads. Root keeps the right to open files of
// other users if a file of the plan needs it; Landlock limits that right to the plan.
func dropCapabilities(plan Plan) error {
	if !hasCapabilities() {
		return nil
	}
	kept := uint32(0)
	foreign := firstForeign(plan)
	if foreign != "" {
		kept = 1 << unix.CAP_DAC_OVERRIDE
	}
	c := newCapabilities(kept)
	_, _, errno := psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&c.header)), uintptr(unsafe.Pointer(&c.data)), 0)
	goruntime.KeepAlive(c)
	switch {
	case errno != 0:
		return fmt.Errorf("the capabilities cannot be dropped: %w", errno)
	case foreign != "":
		return fmt.Errorf("CAP_DAC_OVERRIDE is kept, because the server runs as root and %s belongs to another user; run the server as that user", foreign)
	}
	return nil
}

// hasCapabilities reports whether this thread has any capability. If that is unknown, it returns
// true.
func hasCapabilities() bool {
	c := newCapabilities(0)
	err := unix.Capget(&c.header, &c.data[0])
	return err != nil || c.data[0].Permitted|c.data[1].Permitted != 0
}

// firstForeign returns a path of the plan that this process can access only with capabilities, or
// "". It tries on a thread without capabilities, which ends with its goroutine.
func firstForeign(plan Plan) string {
	result := make(chan string)
	go func() {
		goruntime.LockOSThread() // never unlocked: the thread ends with the goroutine
		c := newCapabilities(0)
		if unix.Capset(&c.header, &c.data[0]) != nil {
			result <- "" // capabilities of this thread cannot be dropped, so neither can others
			return
		}
		result <- firstDenied(plan)
	}()
	return <-result
}

// firstDenied returns a path of the plan that this thread cannot access, or "".
func firstDenied(plan Plan) string {
	for _, folders := range []struct {
		paths []string
		mode  uint32
	}{{plan.Read, unix.R_OK}, {plan.Write, unix.R_OK | unix.W_OK}, {plan.Prepare, unix.R_OK | unix.W_OK}, {plan.Logs, unix.W_OK}} {
		for _, path := range folders.paths {
			if denied := deniedBelow(path, folders.mode); denied != "" {
				return denied
			}
		}
	}
	return ""
}

// deniedBelow returns a path at or below root that this thread cannot access, or "". Paths that do
// not exist are skipped, and so are the files of the kernel, which has some for root alone.
func deniedBelow(root string, mode uint32) (denied string) {
	if strings.HasPrefix(root, "/proc/") || strings.HasPrefix(root, "/sys/") {
		return ""
	}
	checked := 0
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, _ error) error {
		if checked++; checked > maxChecked {
			return fs.SkipAll
		}
		if d != nil && d.Type()&fs.ModeSymlink != 0 && path != root {
			return nil
		}
		if err := unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS); err == unix.EACCES {
			denied = path
			return fs.SkipAll
		}
		return nil
	})
	return denied
}
