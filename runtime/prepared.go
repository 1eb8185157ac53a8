package runtime

import (
	"context"
	"errors"
	"runtime/debug"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/snapshot"
)

// Prepared is a guest whose compiled code is mapped, and nothing else. Its start makes no more
// memory executable and changes no file, so a process can give up both rights before it knows
// whether it will ever need the guest.
type Prepared struct {
	cfg    Config
	engine *Engine // without an image
	cache  *codecache.Cache
}

// Prepare maps the code of a guest, which takes as long as compiling it unless IsPrepared(cfg). It
// returns the errors of New.
func Prepare(ctx context.Context, cfg Config) (*Prepared, error) {
	e, cache, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if e.template, err = snapshot.NewUnbooted(ctx, e.options(cfg, cache)); err != nil {
		return nil, errors.Join(err, cache.Close(ctx))
	}
	writeDigests(ctx, cache)
	cache.Freeze()
	return &Prepared{cfg, e, cache}, nil
}

// Start starts the guest. It must be called only once, and not after Close.
func (p *Prepared) Start(ctx context.Context) (*Engine, error) {
	defer func() { go debug.FreeOSMemory() }() // the file of the image, which is garbage now
	e := p.engine
	if err := e.template.Boot(ctx, e.options(p.cfg, p.cache)); err != nil {
		return nil, errors.Join(err, e.template.Close(context.WithoutCancel(ctx)))
	}
	if err := e.openPool(ctx); err != nil {
		return nil, err
	}
	if err := e.checkMemoryLimit(); err != nil {
		return nil, errors.Join(err, e.workers.Close(), e.template.Close(ctx))
	}
	e.serve(p.cfg)
	return e, nil
}

// Close frees a guest that was not started.
func (p *Prepared) Close() error { return p.engine.template.Close(context.Background()) }
