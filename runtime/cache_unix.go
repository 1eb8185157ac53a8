//go:build unix

package runtime

import (
	"fmt"
	"os"
	"syscall"
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
