package doctor

import (
	"os"
	"path/filepath"
)

// space is the room on a file system.
type space struct {
	bytes   uint64 // that this user may still write
	noFiles bool   // no more files can be created
}

// existing returns dir, or its nearest parent that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
