package registry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"tabcell/runtime/osfile"
)

// The folders of a registry and its lock file.
const (
	endpointsDir = "endpoints"
	codeDir      = "code"
	tempDir      = "tmp"
	lockName     = "lock"
)

// disk gives access to the files of a registry. Nothing outside of its folder can be reached
// through it, not even through symbolic links.
type disk struct {
	root  *os.Root
	files osfile.Writer
}

func openDisk(dir string) (disk, error) {
	root, err := os.OpenRoot(dir)
	return disk{root, osfile.Writer{Root: root, TempDir: tempDir}}, err
}

// makeFolders creates the missing folders. Only the owner has access to them.
func (d disk) makeFolders() error {
	private := osfile.Policy{Folder: true, Denied: 0o077, Owners: []int{osfile.CurrentUser()}}
	for _, dir := range []string{endpointsDir, codeDir, tempDir} {
		if err := d.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		info, err := d.root.Lstat(dir)
		if err != nil {
			return err
		}
		if err := private.Check(dir, info); err != nil {
			return err
		}
	}
	return d.files.FlushFolder(".")
}

// checkFolder returns an error if every user can replace the registry's files in dir. The group of
// the folder may have write access, because container platforms mount volumes that way.
func checkFolder(dir string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSticky != 0 {
		return nil // users can replace only their own files
	}
	return osfile.Policy{Denied: 0o002}.Check(dir, info)
}

// read returns the content of a file. It returns an error if the file has more than maxBytes bytes.
func (d disk) read(name string, maxBytes int64) ([]byte, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && int64(len(data)) > maxBytes {
		err = fmt.Errorf("%s has more than %d bytes", name, maxBytes)
	}
	return data, err
}

// names returns the names of the files in a folder.
func (d disk) names(dir string) ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
