package runtime

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
	image := imageName(cfg, cfg.Limits.filled().pages())
	for _, dir := range []string{cfg.BundleDir, cfg.CacheDir} {
		folder := filepath.Join(dir, CodeFolder(cfg.Guest))
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

// keptFiles is a guest's folder as its start sees it.
type keptFiles struct {
	*codeCache
	ctx     context.Context
	program string      // digest
	image   string      // imageName
	used    atomic.Bool // something of an earlier start
	ready   func()      // loads the library
}

func (k *keptFiles) Rewritten(rewrite snapshot.Rewrite) (*wasmbin.Prepared, error) {
	return k.prepared(k.ctx, k.program, rewrite)
}

func (k *keptFiles) Compiled(code []byte, compile snapshot.Compile) (wazero.CompiledModule, error) {
	m, fetched, err := k.compiled(k.ctx, code, compile)
	k.used.CompareAndSwap(false, fetched)
	return m, err
}

func (k *keptFiles) Image() *snapshot.State {
	s := k.readImage(k.image)
	k.used.CompareAndSwap(false, s != nil)
	return s
}

func (k *keptFiles) Booted(s snapshot.State) { k.keepImage(k.ctx, k.image, s) }

// forgetNext removes what a start was spoilt by, the cheapest to make anew first: the image, or else all.
func (c *codeCache) forgetNext() error {
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
