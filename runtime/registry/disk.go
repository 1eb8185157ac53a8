package registry

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

const (
	endpointsDir = "endpoints"
	codeDir      = "code"
	tempDir      = "tmp"
	lockName     = "lock"
)

// disk writes files so that they are there whole or not at all, whenever the process or the machine stops. Nothing outside its folder can
// be reached through it, whatever lies in there.
type disk struct {
	root *os.Root
	// before is asked ahead of each operation that changes something; its error stands for the operation's. Tests let it fail or stop there.
	before func(op string) error
}

// makeFolders creates what is missing, for the owner only.
func (d disk) makeFolders() error {
	for _, dir := range []string{endpointsDir, codeDir, tempDir} {
		if err := d.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		info, err := d.root.Lstat(dir)
		if err != nil {
			return err
		}
		if err := checkPrivate(dir, info); err != nil {
			return err
		}
	}
	return d.syncFolder(".")
}

// write makes or replaces the file name.
func (d disk) write(name string, data []byte) error {
	temp := tempDir + "/" + rand.Text()
	if err := d.writeTemp(temp, data); err != nil {
		return errors.Join(err, ignoreMissing(d.root.Remove(temp)))
	}
	if err := d.before("rename"); err != nil {
		return errors.Join(err, d.root.Remove(temp))
	}
	if err := d.root.Rename(temp, name); err != nil {
		return errors.Join(err, d.root.Remove(temp))
	}
	return d.syncFolder(path.Dir(name))
}

func (d disk) writeTemp(temp string, data []byte) (err error) {
	if err := d.before("create"); err != nil {
		return err
	}
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := d.before("write"); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := d.before("sync"); err != nil {
		return err
	}
	return f.Sync()
}

// remove removes a file for good.
func (d disk) remove(name string) error {
	if err := d.before("remove"); err != nil {
		return err
	}
	if err := d.root.Remove(name); err != nil {
		return err
	}
	return d.syncFolder(path.Dir(name))
}

// syncFolder forces a folder's entries to the disk.
func (d disk) syncFolder(name string) error {
	if err := d.before("sync folder"); err != nil {
		return err
	}
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(f), f.Close())
}

// read reads a file of at most most bytes.
func (d disk) read(name string, most int64) ([]byte, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return data, err
}

// names are the files in a folder.
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
