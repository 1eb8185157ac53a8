package codecache

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tabcell/runtime/osfile"

	"github.com/tetratelabs/wazero"
)

// The patched engine executes compiled code where it is mapped from its file (patch 13), so that
// the code takes no memory of its own, and is read only as far as it runs. The released engine
// copies it.
//
// Pages that have not been used yet come from the file as it is then. So the code is mapped only
// from a file that cannot change any more (protect), and whose digest was computed after that. In
// all other cases it is copied.

// codeFolder is the beginning of the name of the folder that wazero makes in a guest's folder.
const codeFolder = "wazero-"

// MaxChangeDelay is the time within which the process must end after the call of the function that
// Watch has got.
const MaxChangeDelay = 20 * time.Second

// isCode reports whether a file, in a guest's folder or in a bundle, has compiled code.
func isCode(name string) bool { return strings.HasPrefix(path.Base(path.Dir(name)), codeFolder) }

// codeFile is a file to be mapped: compiled code, which wazero reads, or a library (library.go). It
// stays open from the opening of the cache on, so that a file which takes its place is not used.
type codeFile struct {
	file        *os.File
	buffered    *bufio.Reader
	unprotected error // why the file may change; nil if it cannot
	stored      bool  // this start has made the file, and there is no digest yet
}

func openCodeFile(path string) (*codeFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &codeFile{file: f, buffered: bufio.NewReader(f), unprotected: protect(f)}, nil
}

// digest returns the expected digest if the file has the expected digest by blocks. If none is
// expected, because an earlier version has made the file, it returns the digest of the file.
func (f *codeFile) digest(expected, blocks string) (string, error) {
	if blocks == "" {
		digest, err := osfile.DigestReader(f.file)
		_, seekErr := f.file.Seek(0, io.SeekStart)
		return digest, errors.Join(err, seekErr)
	}
	if got, err := blocksOf(f.file); err != nil || got != blocks {
		return "", err
	}
	return expected, nil
}

// Read fills p, because wazero does not expect less.
func (f *codeFile) Read(p []byte) (int, error) { return io.ReadFull(f.buffered, p) }

func (f *codeFile) Close() error { return f.file.Close() }

// MapCode maps the next size bytes executable and skips them.
func (f *codeFile) MapCode(size int) ([]byte, error) {
	if f.unprotected != nil {
		return nil, f.unprotected
	}
	at, err := f.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	at -= int64(f.buffered.Buffered())
	code, err := mapFile(f.file, at, size, true)
	if err != nil {
		return nil, err
	}
	_, err = f.file.Seek(at+int64(size), io.SeekStart)
	f.buffered.Reset(f.file)
	return code, err
}

// openWazero opens wazero's cache in the guest's folder.
func (c *Cache) openWazero() (err error) {
	if c.wazero, err = wazero.NewCompilationCacheWithDir(c.dir); err != nil {
		return err
	}
	type opener interface {
		OpenWith(func(path string) (io.ReadCloser, error))
	}
	if patched, ok := c.wazero.(opener); ok {
		patched.OpenWith(c.openCode)
		c.maps = true
	}
	return nil
}

// openCode opens a file for wazero. If its digest was verified, it is the file that had the digest.
func (c *Cache) openCode(path string) (io.ReadCloser, error) {
	dir, err := filepath.Abs(c.dir) // as wazero's path
	if err != nil {
		return nil, err
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return nil, err
	}
	if f := c.takeCode(filepath.ToSlash(name)); f != nil {
		return f, nil
	}
	return os.Open(path) // was made by this start
}

// takeCode returns the open file and forgets it. It returns nil if there is none.
func (c *Cache) takeCode(name string) *codeFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.code[name]
	if f == nil || c.verified[name] == "" && !f.stored {
		return nil
	}
	delete(c.code, name)
	return f
}

// openAndDigest returns the digest of compiled code, which stays open for wazero.
func (c *Cache) openAndDigest(name, expected string) (string, error) {
	f, err := openCodeFile(c.path(name))
	if err != nil {
		return "", err
	}
	digest, err := f.digest(expected, c.blocks[name])
	if err != nil {
		return "", errors.Join(err, f.Close())
	}
	c.keepCode(name, f)
	return digest, nil
}

// keepCode keeps an open file until wazero opens it.
func (c *Cache) keepCode(name string, f *codeFile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == nil {
		c.code = map[string]*codeFile{}
	}
	c.code[name] = f
}

// CanMap reports whether a start would execute the compiled code of the guest where it is mapped
// from its file, and not copy it, if all of its files are valid.
func CanMap(cfg Config) bool {
	if cfg.Key.Engine == "" {
		return false
	}
	for _, dir := range []string{cfg.BundleDir, cfg.CacheDir} {
		files, _ := filepath.Glob(filepath.Join(dir, cfg.Key.Folder(), codeFolder+"*", "*"))
		if dir != "" && len(files) > 0 {
			return !slices.ContainsFunc(files, func(path string) bool { return tryMap(path) != nil })
		}
	}
	return false
}

// tryMap maps the beginning of a file.
func tryMap(path string) error {
	f, err := openCodeFile(path)
	if err != nil {
		return err
	}
	code, err := f.MapCode(1)
	if err == nil {
		err = unmap(code)
	}
	return errors.Join(err, f.Close())
}

// closeCode closes the files that wazero has not opened.
func (c *Cache) closeCode() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, f := range c.code {
		errs = append(errs, f.Close())
	}
	c.code = nil
	return errors.Join(errs...)
}
