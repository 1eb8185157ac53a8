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

// checkCacheFolder creates the cache folder if necessary, and returns an error if no files can be
// created in it: a server would start all the same, but without the compiled code.
func checkCacheFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(dir, ".warm"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("the cache folder cannot be written: %w; give this user write permission, or choose another folder with TABCELL_CACHE_DIR", err)
	}
	return nil
}

// checkReplaceable returns an error if dir contains anything but compiled code.
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
		return fmt.Errorf("%s contains files that are not compiled code, and was not changed; choose another folder, or empty it", dir)
	}
	return nil
}

// makeStagingFolder creates an empty private folder next to dir. remove removes it if it still
// exists.
func makeStagingFolder(dir string) (staging string, remove func(), err error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", nil, err
	}
	staging, err = os.MkdirTemp(parent, "."+buildinfo.CodeFolder+"-")
	return staging, func() { _ = os.RemoveAll(staging) }, err
}

// replaceFolder renames staging to dir, and removes the folder that was there.
func replaceFolder(staging, dir string) error {
	old := staging + "-old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(staging, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// copyCached copies the compiled code of a guest from the cache folder, so that it need not be
// compiled again. The start of the guest checks its digests. If the copy fails, the guest is
// compiled.
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
