//go:build !unix

package authn

import (
	"io/fs"
	"os"
)

// hasModes: permissions are access lists here, which are inherited from the folder.
const hasModes = false

func keepOwner(fs.FileInfo, *os.File) bool { return false }

func syncFolder(string) {}
