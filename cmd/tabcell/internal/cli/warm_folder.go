package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
)

// checkReplaceable tells why a folder may not be replaced: it holds something else than compiled code.
func checkReplaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	}
	if _, err := runtime.ReadBundle(dir); err != nil {
		return fmt.Errorf("%s is there, and no folder of compiled code: it is left alone; name another, or empty it", dir)
	}
	return nil
}

// makeStagingFolder makes an empty private folder beside dir; remove removes what is left of it.
func makeStagingFolder(dir string) (made string, remove func(), err error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", nil, err
	}
	made, err = os.MkdirTemp(parent, "."+buildinfo.CodeFolder+"-")
	return made, func() { _ = os.RemoveAll(made) }, err
}

// replaceFolder puts made in the place of dir.
func replaceFolder(made, dir string) error {
	old := made + "-old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(made, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// copyCached copies what the cache has of a guest, so that it need not be compiled again: the digests that seal it are proven, as always, at
// the start. What cannot be copied is compiled.
func copyCached(cache, to, name string) {
	load := server.Guests[name]
	if cache == "" || load == nil {
		return
	}
	guest, err := load()
	if err != nil {
		return
	}
	folder := runtime.CodeFolder(runtime.Guest(guest))
	if err := os.CopyFS(filepath.Join(to, folder), os.DirFS(filepath.Join(cache, folder))); err != nil {
		_ = os.RemoveAll(filepath.Join(to, folder))
	}
}
