//go:build linux && (amd64 || arm64)

package linmem

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// When a guest reads a page of the image, the kernel maps the fifteen around it as well. Finding the written pages of a slot walks all
// that are mapped, at some 30 ns each, so that most of that time goes to pages nobody asked for. The kernel leaves the neighbours alone
// in a range that is registered for user-space write protection; nothing is ever protected in it, so no fault comes to user space.

const (
	uffdUserModeOnly = 1          // for processes without privileges
	uffdAPI          = 0xaa       // UFFD_API
	uffdWPAsync      = 1 << 15    // UFFD_FEATURE_WP_ASYNC, which makes file mappings eligible (Linux 6.7)
	uffdioAPI        = 0xc018aa3f // _IOWR(0xaa, 0x3f, struct uffdio_api)
	uffdioRegister   = 0xc020aa00 // _IOWR(0xaa, 0x00, struct uffdio_register)
	uffdModeWP       = 1 << 1
)

type (
	uffdioAPIArg      struct{ api, features, ioctls uint64 }
	uffdioRegisterArg struct{ start, length, mode, ioctls uint64 }
)

// openFaults returns a descriptor to register ranges with, or -1 where the kernel or a filter has none: then all is as it was.
func openFaults() int {
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

// leaveNeighbours keeps the kernel from mapping more of mem than is touched. It is advice: a failure changes nothing but the time.
func leaveNeighbours(faults int, mem []byte) {
	if faults < 0 {
		return
	}
	arg := uffdioRegisterArg{start: addressOf(mem), length: uint64(len(mem)), mode: uffdModeWP}
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(faults), uffdioRegister, uintptr(unsafe.Pointer(&arg)))
}
