package codecache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

// The cache folder has a folder for each guest, with what is made of it: compiled code, and the rewritten module that it was compiled from.

// sealName is the file with the digests of what is in a guest's folder: "sha256  path" lines, sorted.
const sealName = "DIGESTS"

const lockName = "LOCK"

// unusedTime is after how long a guest's folder is removed: another version of this program may have been put in its place, or come back.
const unusedTime = 30 * 24 * time.Hour

// codeCache keeps what is made of one guest between starts. wazero checks only a crc of what it loads, so the folder is private to its owner,
// and a file whose sha256 is not the sealed one is removed before anything sees it.
type codeCache struct {
	dir     string // the guest's folder; "": nothing is kept
	cache   wazero.CompilationCache
	lock    io.Closer         // held from opening to sealing: another process that starts meanwhile waits, and finds all compiled
	known   map[string]string // path below dir -> digest: sealed, and proven at opening
	shipped bool              // the folder is somebody else's (cache_shipped.go): nothing is written
}

// codeFolder are the names that CodeFolder makes.
var codeFolder = regexp.MustCompile(`^(.+-)?[0-9a-f]{32}$`)

// openCache checks the folders; an empty dir is no cache at all.
func openCache(ctx context.Context, dir, folder string) (*codeCache, error) {
	if dir == "" {
		return &codeCache{}, nil
	}
	own := filepath.Join(dir, folder)
	if err := os.MkdirAll(own, 0o700); err != nil {
		return nil, fmt.Errorf("runtime: the cache folder cannot be made: %w", err)
	}
	for _, d := range []string{dir, own} {
		if err := checkPrivate(d); err != nil {
			return nil, err
		}
	}
	lock, err := lockFile(ctx, filepath.Join(own, lockName))
	if err != nil {
		return nil, fmt.Errorf("runtime: the cache folder cannot be locked: %w", err)
	}
	c := &codeCache{dir: own, lock: lock, known: readSeal(filepath.Join(own, sealName))}
	if err = c.removeStrangers(ctx); err == nil {
		c.cache, err = wazero.NewCompilationCacheWithDir(own)
	}
	if err != nil {
		return nil, errors.Join(err, c.unlock())
	}
	removeUnused(dir, own)
	return c, nil
}

// removeUnused removes the folders of guests that have not been started for long. What cannot be removed stays.
func removeUnused(dir, own string) {
	now := time.Now()
	_ = os.Chtimes(own, now, now)
	folders, _ := filepath.Glob(filepath.Join(dir, "*", sealName))
	for _, seal := range folders {
		folder := filepath.Dir(seal)
		if !codeFolder.MatchString(filepath.Base(folder)) {
			continue // somebody else's
		}
		if info, err := os.Stat(folder); err == nil && now.Sub(info.ModTime()) > unusedTime {
			_ = os.RemoveAll(folder)
		}
	}
}

func (c *codeCache) unlock() error {
	if c.lock == nil {
		return nil
	}
	lock := c.lock
	c.lock = nil
	return lock.Close()
}

func (c *codeCache) Wazero() wazero.CompilationCache { return c.cache }

// warm tells whether no compiled code came since the cache was opened.
func (c *codeCache) Warm() bool {
	files, err := c.files()
	return err == nil && len(files) > 0 && !slices.ContainsFunc(files, func(name string) bool {
		return c.known[name] == "" && !isPrepared(name) && !isMark(name) && !isImage(name)
	})
}

func (c *codeCache) Close(ctx context.Context) error {
	if c.cache == nil {
		return c.unlock()
	}
	return errors.Join(c.cache.Close(ctx), c.unlock())
}

// files are those that are kept, by path below the folder.
func (c *codeCache) files() (files []string, err error) {
	err = filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != sealName && d.Name() != lockName {
			name, _ := filepath.Rel(c.dir, path)
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	return files, err
}

func (c *codeCache) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// removeStrangers removes what is not sealed or was changed since; known is what stays.
func (c *codeCache) removeStrangers(ctx context.Context) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	sealed := c.known
	c.known = map[string]string{}
	for name, digest := range c.digests(files) {
		if digest == sealed[name] {
			c.known[name] = digest
			continue
		}
		zerolog.Ctx(ctx).Warn().Str("file", name).Msg("compiled code without a valid digest was removed from the cache")
		if err := os.Remove(c.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// seal writes down the digests of what is there now, and lets other processes in.
func (c *codeCache) Seal() error {
	files, err := c.files()
	if c.dir == "" || c.shipped || err == nil && len(files) == len(c.known) && c.Warm() {
		return c.unlock()
	}
	return errors.Join(err, c.writeSeal(files), c.unlock())
}

func (c *codeCache) writeSeal(files []string) error {
	var lines strings.Builder
	digests := c.digests(files)
	for _, name := range files {
		if digests[name] == "" {
			return fmt.Errorf("runtime: %s in the cache cannot be read", name)
		}
		fmt.Fprintf(&lines, "%s  %s\n", digests[name], name)
	}
	return replaceFile(c.path(sealName), []byte(lines.String()))
}

// replaceFile is there whole or not at all.
func replaceFile(path string, content []byte) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func readSeal(path string) map[string]string {
	known := map[string]string{}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return known
	}
	for line := range strings.Lines(string(b)) {
		if digest, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			known[name] = digest
		}
	}
	return known
}

// digests are those of the files, read at the same time; "" for one that cannot be read.
func (c *codeCache) digests(files []string) map[string]string {
	all := make([]string, len(files))
	var group sync.WaitGroup
	for i, name := range files {
		group.Go(func() { all[i], _ = digestOf(c.path(name)) })
	}
	group.Wait()
	digests := map[string]string{}
	for i, name := range files {
		digests[name] = all[i]
	}
	return digests
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
