//go:build linux && (amd64 || arm64)

package linmem

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// When a guest reads a page of the image, the kernel also maps the fifteen pages around it
// (fault-around). Finding the written pages of a slot walks over all mapped pages, at about 30 ns
// each, so most of that time would be spent on pages that the guest never used. The kernel does not
// map neighbours in a range that is registered for user-space write protection. No page in the
// range is ever protected, so no fault is delivered to user space.

const (
	uffdUserModeOnly = 1    // permitted without privileges
	uffdAPI          = 0xaa // UFFD_API
	// UFFD_FEATURE_WP_ASYNC, which makes file mappings eligible (Linux 6.7)
	uffdWPAsync    = 1 << 15
	uffdioAPI      = 0xc018aa3f // _IOWR(0xaa, 0x3f, struct uffdio_api)
	uffdioRegister = 0xc020aa00 // _IOWR(0xaa, 0x00, struct uffdio_register)
	uffdModeWP     = 1 << 1
)

type (
	uffdioAPIArg      struct{ api, features, ioctls uint64 }
	uffdioRegisterArg struct{ start, length, mode, ioctls uint64 }
)

// openUserfaultfd returns a descriptor for disableFaultAround, or -1 if the kernel does not support
// it or a system call filter forbids it.
func openUserfaultfd() int {
	fd, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|unix.O_NONBLOCK|uffdUserModeOnly, 0, 0)
	if errno != 0 {
		return -1
	}
	arg := uffdioAPIArg{api: uffdAPI, features: uffdWPAsync}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, uffdioAPI, uintptr(unsafe.Pointer(&arg))); errno != 0 {
		_ = unix.Close(int(fd))
		return -1
	}
	return int(fd)
}

// disableFaultAround makes the kernel map only those pages of mem that are accessed. It is an
// optimization, so errors are ignored.
func disableFaultAround(uffd int, mem []byte) {
	if uffd < 0 {
		return
	}
	arg := uffdioRegisterArg{start: addressOf(mem), length: uint64(len(mem)), mode: uffdModeWP}
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(uffd), uffdioRegister, uintptr(unsafe.Pointer(&arg)))
}
