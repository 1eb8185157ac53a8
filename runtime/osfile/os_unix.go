//go:build unix

package osfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// HasModes reports whether the permissions of files are mode bits on this system.
const HasModes = true

// OwnerOf returns the id of the user who owns a file, and -1 if it is unknown.
func OwnerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// flushFolder calls fsync. Some network file systems do not support that for folders.
func flushFolder(in folder, name string) error {
	f, err := in.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
