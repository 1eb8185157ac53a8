//go:build unix

package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// checkPrivate refuses a folder that is not this user's alone.
func checkPrivate(name string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", name)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("others may reach into the folder %s (mode %04o): chmod 700 it", name, info.Mode().Perm())
	case ok && st.Uid != uint32(os.Geteuid()):
		return fmt.Errorf("the folder %s belongs to user %d, this process runs as %d", name, st.Uid, os.Geteuid())
	}
	return nil
}

// checkFolder refuses a folder in which anybody can replace ours. A group may write to it: container platforms mount volumes that way.
func checkFolder(dir string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("everybody may write to the folder %s (mode %04o): chmod 700 it, or choose another", dir, info.Mode().Perm())
	}
	return nil
}

func syncFolder(f *os.File) error {
	err := f.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) { // some network file systems have no such thing
		return nil
	}
	return err
}

// lock takes the lock, which goes with the process, so that none is ever left behind; ErrLocked when another one has it.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
