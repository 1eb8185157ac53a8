//go:build unix

package authn

import (
	"io/fs"
	"os"
	"syscall"
)

// copyOwner gives the new file the old one's owner and group, and reports whether that succeeded.
// Only root can change a file's owner. For other users the new file is their own, as if they had
// written it with an editor.
func copyOwner(old fs.FileInfo, temp *os.File) bool {
	stat, ok := old.Sys().(*syscall.Stat_t)
	return ok && temp.Chown(int(stat.Uid), int(stat.Gid)) == nil
}
