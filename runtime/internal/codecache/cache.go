package codecache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

const lockName = "LOCK"

// maxUnused is the time after which the folder of a guest that no start has used is removed. It is
// long, because an older version of the program may be installed again.
const maxUnused = 30 * 24 * time.Hour

// Cache is the folder of one guest during one start of the engine. It implements
// snapshot.StartCache. A Cache without a folder keeps nothing.
type Cache struct {
	ctx      context.Context // of the start; log messages go to its logger
	dir      string          // the guest's folder; empty if nothing is cached
	wazero   wazero.CompilationCache
	lock     io.Closer            // held until the digests are written: other processes wait for them
	mu       sync.Mutex           // guards verified and code
	verified map[string]string    // path below dir -> digest; proven when the cache was opened
	blocks   map[string]string    // path of compiled code -> recorded digest by blocks
	code     map[string]*codeFile // path below dir -> open file, until wazero or Library takes it
	maps     bool                 // wazero can map code
	bundle   bool                 // dir is in a code bundle, and must not be written to
	frozen   bool                 // Freeze was called
	program  string               // digest of the program; "" if it is unknown
	image    string               // name of the image's file; "" if the image is not cached
	used     atomic.Bool          // this start has used a file of an earlier one
}

// errUntrusted is the error of a cache folder that other users can write to.
var errUntrusted = errors.New("the cache folder cannot be trusted")

// Open opens the guest's folder in the code bundle if that can be used, and in the cache folder
// otherwise. It waits while another process starts the same guest. If the cache folder cannot be
// read or written, it logs a warning, and nothing is cached. It fails if other users can write to
// the folder, or if this process may not open enough files.
func Open(ctx context.Context, cfg Config) (*Cache, error) {
	c, err := openBundle(cfg)
	if err != nil {
		WarnUnused(ctx, cfg, err)
	}
	if c == nil || err != nil {
		c, err = openFolder(ctx, cfg.CacheDir, cfg.Key.Folder())
	}
	switch {
	case err != nil && (errors.Is(err, errUntrusted) || errors.Is(err, syscall.EMFILE) || ctx.Err() != nil):
		return nil, err // with too few files, a start fails in the end, after it has compiled the guest
	case err != nil:
		warnUnusable(ctx, cfg, err)
		c = &Cache{}
	}
	c.ctx = ctx
	// The digest of the program comes last: it may be computed while the files above are read.
	c.program = cfg.program().Digest
	c.image = cfg.Key.imageName(c.program)
	return c, nil
}

// warnUnusable logs the reason why the cache folder is not used. A start without it is slow, but a
// server that starts slowly is better than none.
func warnUnusable(ctx context.Context, cfg Config, reason error) {
	zerolog.Ctx(ctx).Warn().Err(reason).Str("folder", cfg.CacheDir).Str("guest", cfg.Key.Guest).
		Msg("the cache folder cannot be used, so the guest is compiled for this start only; " +
			"correct the cause, or choose another folder with TABCELL_CACHE_DIR")
}

// openFolder creates, checks and locks a guest's folder in the cache folder dir.
func openFolder(ctx context.Context, dir, folder string) (*Cache, error) {
	if dir == "" {
		return &Cache{ctx: ctx}, nil
	}
	own := filepath.Join(dir, folder)
	if err := os.MkdirAll(own, 0o700); err != nil {
		return nil, fmt.Errorf("the cache folder cannot be created: %w", err)
	}
	private := osfile.Policy{Folder: true, Denied: 0o022, Owners: []int{osfile.CurrentUser()}}
	for _, d := range []string{dir, own} {
		if err := private.CheckPath(d); err != nil {
			return nil, fmt.Errorf("%w: %w, or choose another folder with TABCELL_CACHE_DIR", errUntrusted, err)
		}
	}
	lock, err := lockFile(ctx, filepath.Join(own, lockName))
	if err != nil {
		return nil, fmt.Errorf("the cache folder cannot be locked: %w", err)
	}
	c := &Cache{ctx: ctx, dir: own, lock: lock}
	if err = c.removeUnverified(); err == nil {
		err = c.openWazero()
	}
	if err != nil {
		return nil, errors.Join(err, c.closeCode(), c.unlock())
	}
	removeUnused(dir, own)
	return c, nil
}

// removeUnused removes the folders of guests that have not been started for maxUnused, except for
// own. It ignores errors: a folder that cannot be removed stays.
func removeUnused(dir, own string) {
	now := time.Now()
	_ = os.Chtimes(own, now, now)
	files, _ := filepath.Glob(filepath.Join(dir, "*", digestsName))
	for _, file := range files {
		folder := filepath.Dir(file)
		if !guestFolder.MatchString(filepath.Base(folder)) {
			continue // not a folder of this package
		}
		if info, err := os.Stat(folder); err == nil && now.Sub(info.ModTime()) > maxUnused {
			_ = os.RemoveAll(folder)
		}
	}
}

func (c *Cache) unlock() error {
	if c.lock == nil {
		return nil
	}
	lock := c.lock
	c.lock = nil
	return lock.Close()
}

// Close releases wazero's cache and the lock.
func (c *Cache) Close(ctx context.Context) error {
	if c.wazero == nil {
		return c.unlock()
	}
	return errors.Join(c.wazero.Close(ctx), c.closeCode(), c.unlock())
}

// Freeze makes the files of the cache read-only for this start: Image and SaveImage do not
// change them.
func (c *Cache) Freeze() { c.frozen = true }

// Wazero returns wazero's cache of compiled code, or nil if nothing is cached.
func (c *Cache) Wazero() wazero.CompilationCache { return c.wazero }

// FromBundle reports whether the files are those of a code bundle.
func (c *Cache) FromBundle() bool { return c.bundle }

// Used reports whether this start has used a file of an earlier one.
func (c *Cache) Used() bool { return c.used.Load() }

// Warm reports whether nothing has been compiled since the cache was opened.
func (c *Cache) Warm() bool {
	files, err := c.files()
	return err == nil && len(files) > 0 && !slices.ContainsFunc(files, func(name string) bool {
		return !c.isVerified(name) && !isRewritten(name) && !isMark(name) && !isImage(name) && !isLibrary(name)
	})
}

// files lists the files in the folder by their paths below it, without the digests and the lock.
func (c *Cache) files() (files []string, err error) {
	err = filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != digestsName && d.Name() != lockName {
			name, _ := filepath.Rel(c.dir, path)
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	return files, err
}

func (c *Cache) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// replace writes a file of the folder as a whole.
func (c *Cache) replace(name string, content []byte) error {
	return osfile.Writer{}.Replace(c.path(name), content)
}

// IsPrepared reports whether the code bundle or the cache folder has the compiled code and the
// image of the guest, judging by the names of the files. The start itself verifies their content.
func IsPrepared(cfg Config) bool {
	image := cfg.Key.imageName(cfg.program().Digest)
	if image == "" {
		return false
	}
	for _, dir := range []string{cfg.BundleDir, cfg.CacheDir} {
		folder := filepath.Join(dir, cfg.Key.Folder())
		if dir != "" && exists(filepath.Join(folder, image)) && exists(filepath.Join(folder, markPrefix+"*")) {
			return true
		}
	}
	return false
}

// HasCode reports whether a start finds the compiled code of the guest in the code bundle, if it
// can use that, or in the cache folder, judging by the names of the files. Unlike IsPrepared, it
// does not ask for the image, which a start makes within seconds.
func HasCode(cfg Config) bool {
	has := func(dir string) bool {
		return dir != "" && exists(filepath.Join(dir, cfg.Key.Folder(), markPrefix+"*"))
	}
	return has(cfg.CacheDir) || has(cfg.BundleDir) && CheckBundle(cfg.BundleDir, cfg.program(), cfg.Key.Engine) == nil
}

// exists reports whether a file matches the pattern.
func exists(pattern string) bool {
	files, _ := filepath.Glob(pattern)
	return len(files) > 0
}
