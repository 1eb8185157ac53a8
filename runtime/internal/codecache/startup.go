package codecache

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"

	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/wasmbin"

	"github.com/tetratelabs/wazero"
)

// IsPrepared tells whether a start finds all that it needs in what was shipped or in the cache, as far as names tell; the start itself proves it.
func IsPrepared(cfg Config) bool {
	image := cfg.Key.imageName(cfg.program().Digest)
	for _, dir := range []string{cfg.BundleDir, cfg.CacheDir} {
		folder := filepath.Join(dir, cfg.Key.Folder())
		if dir == "" || image == "" {
			continue
		}
		_, err := os.Stat(filepath.Join(folder, image))
		if marks, _ := filepath.Glob(filepath.Join(folder, standInPrefix+"*")); err == nil && len(marks) > 0 {
			return true
		}
	}
	return false
}

// Cache is a guest's folder as its start sees it.
type Cache struct {
	*codeCache
	ctx     context.Context
	program string      // digest
	image   string      // imageName
	used    atomic.Bool // something of an earlier start
}

// Open opens the guest's folder in the bundle if it can be used, and in the cache folder otherwise.
func Open(ctx context.Context, cfg Config) (*Cache, error) {
	c, err := openCode(ctx, cfg)
	if err != nil {
		return nil, err
	}
	program := cfg.program().Digest
	return &Cache{codeCache: c, ctx: ctx, program: program, image: cfg.Key.imageName(program)}, nil
}

// Shipped reports whether the folder is a bundle's.
func (k *Cache) Shipped() bool { return k.shipped }

// Used reports whether something of an earlier start was used.
func (k *Cache) Used() bool { return k.used.Load() }

func (k *Cache) Rewritten(rewrite snapshot.Rewrite) (*wasmbin.Prepared, error) {
	return k.prepared(k.ctx, k.program, rewrite)
}

func (k *Cache) Compiled(code []byte, compile snapshot.Compile) (wazero.CompiledModule, error) {
	m, fetched, err := k.compiled(k.ctx, code, compile)
	k.used.CompareAndSwap(false, fetched)
	return m, err
}

func (k *Cache) Image() *snapshot.State {
	s := k.readImage(k.image)
	k.used.CompareAndSwap(false, s != nil)
	return s
}

func (k *Cache) SaveImage(s snapshot.State) { k.keepImage(k.ctx, k.image, s) }

// ForgetNext removes what a start was spoilt by, the cheapest to make anew first: the image, or else all.
func (c *codeCache) ForgetNext() error {
	for name := range c.known {
		if isImage(name) {
			return c.forget(isImage)
		}
	}
	return c.forget(func(string) bool { return true })
}

// forget removes known files.
func (c *codeCache) forget(meant func(name string) bool) error {
	for name := range c.known {
		if meant(name) {
			if err := os.Remove(c.path(name)); err != nil {
				return err
			}
			delete(c.known, name)
		}
	}
	return nil
}
