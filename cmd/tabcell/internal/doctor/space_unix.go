//go:build linux || darwin

package doctor

import (
	"golang.org/x/sys/unix"
)

// spaceOf returns the room that this user has on the file system of a folder, or of the nearest
// parent that exists.
func spaceOf(dir string) (space, bool) {
	var stat unix.Statfs_t
	if unix.Statfs(existing(dir), &stat) != nil {
		return space{}, false
	}
	// File systems without a fixed number of files report 0 in all.
	return space{bytes: stat.Bavail * uint64(stat.Bsize), noFiles: stat.Files > 0 && stat.Ffree == 0}, true
}
