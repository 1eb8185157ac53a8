package osfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CheckUser returns an error if this process runs as root, and dir, or the nearest folder above it
// that exists, belongs to another user. Files that root made there would be of no use to a server
// that runs as this user.
func CheckUser(dir string) error {
	if CurrentUser() != 0 {
		return nil
	}
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && OwnerOf(info) > 0:
			return fmt.Errorf("%s belongs to user %d; run the command as the user of the server, for example "+
				"with runuser -u tabcell", dir, OwnerOf(info))
		case err == nil || filepath.Dir(dir) == dir || !errors.Is(err, fs.ErrNotExist):
			return err
		}
		dir = filepath.Dir(dir)
	}
}
