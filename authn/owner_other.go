//go:build !unix

package authn

import (
	"io/fs"
	"os"
)

// hasPermissionBits: permissions are access lists here, which are inherited from the folder.
const hasPermissionBits = false

func copyOwner(fs.FileInfo, *os.File) bool { return false }

func syncDir(string) {}
