//go:build unix

package codecache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// checkPrivate refuses a cache folder that others can write: whoever can put compiled code there runs it in this process.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("runtime: the cache folder %s is not a folder", dir)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("runtime: others may write to the cache folder %s (mode %04o): chmod 700 it, or choose another", dir, info.Mode().Perm())
	case ok && st.Uid != uint32(os.Geteuid()):
		return fmt.Errorf("runtime: the cache folder %s belongs to user %d, this process runs as %d", dir, st.Uid, os.Geteuid())
	}
	return nil
}

// ownerOf is the user whom a file belongs to; -1 when that cannot be told.
func ownerOf(path string) int {
	if info, err := os.Stat(path); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			return int(st.Uid)
		}
	}
	return -1
}

// checkOwned refuses what anybody but root and the owner can change: it becomes part of this process.
func checkOwned(path string, owner int) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir() && !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a folder", path)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others may write to %s (mode %04o): chmod go-w it", path, info.Mode().Perm())
	case ok && st.Uid != 0 && int(st.Uid) != owner:
		return fmt.Errorf("%s belongs to user %d, and not to root or the owner of the program", path, st.Uid)
	}
	return nil
}

// lockFile takes the lock, or waits for the process that has it. It goes with the process, so none is ever left behind.
func lockFile(ctx context.Context, path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), f.Close())
		}
	}
}
