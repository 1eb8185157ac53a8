//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// osPage is the size of an OS page in bytes: 4096, and up to 65536 on some arm64 kernels.
var osPage = uint64(os.Getpagesize())

const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL

// sealedFile returns an unnamed file with copies of the parts, one after the other, that no
// process, including this one, can change. Pages of zeros are holes in the file.
func sealedFile(parts ...[]byte) (fd int, err error) {
	return sealedWith(func(fd int) error { return fill(fd, parts) })
}

// sealedFileOf is like sealedFile for a file of a size with parts at their offsets.
func sealedFileOf(size uint64, parts []Part) (fd int, err error) {
	return sealedWith(func(fd int) error {
		for _, p := range parts {
			if err := writeAt(fd, p.Bytes, int64(p.At)); err != nil {
				return fmt.Errorf("pwrite: %w", err)
			}
		}
		return unix.Ftruncate(fd, int64(size))
	})
}

func sealedWith(fill func(fd int) error) (fd int, err error) {
	fd, err = newFile()
	if err != nil {
		return -1, fmt.Errorf("memfd_create: %w", err)
	}
	if err := fill(fd); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return -1, errors.Join(fmt.Errorf("sealing: %w", err), unix.Close(fd))
	}
	return fd, nil
}

// newFile creates an unnamed file that cannot be executed, because hosts may require that
// (vm.memfd_noexec=2). Kernels before 6.3 do not support the flag.
func newFile() (int, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("tabcell-image", flags|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) {
		return unix.MemfdCreate("tabcell-image", flags)
	}
	return fd, err
}

func fill(fd int, parts [][]byte) error {
	at := int64(0)
	for _, part := range parts {
		if err := fillPart(fd, part, at); err != nil {
			return fmt.Errorf("pwrite: %w", err)
		}
		at += int64(len(part))
	}
	if err := unix.Ftruncate(fd, at); err != nil { // the file may end with a hole
		return fmt.Errorf("ftruncate: %w", err)
	}
	return nil
}

func fillPart(fd int, mem []byte, at int64) error {
	for from := 0; from < len(mem); {
		to := from
		for to < len(mem) && !isZero(mem[to:to+int(osPage)]) {
			to += int(osPage)
		}
		if err := writeAt(fd, mem[from:to], at+int64(from)); err != nil {
			return err
		}
		from = to + int(osPage)
	}
	return nil
}

func writeAt(fd int, p []byte, offset int64) error {
	for len(p) > 0 {
		n, err := unix.Pwrite(fd, p, offset)
		if err != nil {
			return err
		}
		p, offset = p[n:], offset+int64(n)
	}
	return nil
}

func isZero(p []byte) bool { return bytes.Equal(p, zeros[:len(p)]) }
