//go:build unix

package authn

import (
	"io/fs"
	"os"
	"syscall"
)

// hasPermissionBits: permissions are bits here.
const hasPermissionBits = true

// copyOwner tells whether the new file now has the old one's owner and group. Only root may give files away; for others the new file is their own,
// as if they had written it with an editor.
func copyOwner(old fs.FileInfo, temp *os.File) bool {
	stat, ok := old.Sys().(*syscall.Stat_t)
	return ok && temp.Chown(int(stat.Uid), int(stat.Gid)) == nil
}

// syncDir makes a rename last. That it may fail on some file systems is no reason to report an edit that happened as failed.
func syncDir(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
