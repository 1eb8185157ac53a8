//go:build !unix

package authn

import (
	"io/fs"
	"os"
)

// hasPermissionBits is false: permissions are access control lists, inherited from the directory.
const hasPermissionBits = false

// copyOwner does nothing and returns false.
func copyOwner(fs.FileInfo, *os.File) bool { return false }

// syncDir does nothing.
func syncDir(string) {}
