package runtime

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
	"strings"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

// sealName is the file with the digests of the compiled code: "sha256  path" lines, sorted.
const sealName = "DIGESTS"

const lockName = "LOCK"

// codeCache keeps compiled code between starts. wazero checks only a crc of what it loads, so the folder is private to its owner, and a
// file whose sha256 is not the sealed one is removed before wazero sees it.
type codeCache struct {
	dir   string
	cache wazero.CompilationCache
	lock  io.Closer         // held from opening to sealing: another process that starts meanwhile waits, and finds all compiled
	known map[string]string // path below dir -> digest: sealed, and proven at opening
}

// openCache checks the folder; an empty dir is no cache at all.
func openCache(ctx context.Context, dir string) (*codeCache, error) {
	if dir == "" {
		return &codeCache{}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("runtime: the cache folder cannot be made: %w", err)
	}
	if err := checkPrivate(dir); err != nil {
		return nil, err
	}
	lock, err := lockFile(ctx, filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("runtime: the cache folder cannot be locked: %w", err)
	}
	c := &codeCache{dir: dir, lock: lock, known: readSeal(filepath.Join(dir, sealName))}
	if err = c.removeStrangers(ctx); err == nil {
		c.cache, err = wazero.NewCompilationCacheWithDir(dir)
	}
	if err != nil {
		return nil, errors.Join(err, c.unlock())
	}
	return c, nil
}

func (c *codeCache) unlock() error {
	if c.lock == nil {
		return nil
	}
	lock := c.lock
	c.lock = nil
	return lock.Close()
}

func (c *codeCache) wazero() wazero.CompilationCache { return c.cache }

// warm tells whether no file came since the cache was opened.
func (c *codeCache) warm() bool {
	files, err := c.files()
	return err == nil && len(files) > 0 && len(files) == len(c.known)
}

func (c *codeCache) close(ctx context.Context) error {
	if c.cache == nil {
		return c.unlock()
	}
	return errors.Join(c.cache.Close(ctx), c.unlock())
}

// files are the compiled modules, by path below the folder.
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

// removeStrangers removes what is not sealed or was changed since; known is what stays.
func (c *codeCache) removeStrangers(ctx context.Context) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	sealed := c.known
	c.known = map[string]string{}
	for _, name := range files {
		path := filepath.Join(c.dir, filepath.FromSlash(name))
		if digest, err := digestOf(path); err == nil && digest == sealed[name] {
			c.known[name] = digest
			continue
		}
		zerolog.Ctx(ctx).Warn().Str("file", name).Msg("compiled code without a valid digest was removed from the cache")
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// seal writes down the digests of what is there now, and lets other processes in.
func (c *codeCache) seal() error {
	if c.dir == "" || c.warm() {
		return c.unlock()
	}
	return errors.Join(c.writeSeal(), c.unlock())
}

func (c *codeCache) writeSeal() error {
	files, err := c.files()
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, name := range files {
		digest, err := digestOf(filepath.Join(c.dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s  %s\n", digest, name)
	}
	temp := filepath.Join(c.dir, sealName+".new")
	if err := os.WriteFile(temp, []byte(lines.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(c.dir, sealName))
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
