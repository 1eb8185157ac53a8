//go:build !unix

package authn

import (
	"io/fs"
	"os"
)

// copyOwner does nothing and returns false.
func copyOwner(fs.FileInfo, *os.File) bool { return false }
