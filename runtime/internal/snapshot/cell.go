package snapshot

import (
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"

	"github.com/tetratelabs/wazero/api"
)

// What Load can answer instead of a template.
var (
	// ErrUnsupported: the guest has no such function.
	ErrUnsupported = errors.New("snapshot: the guest is older than this")
	// ErrNotLoaded: the model does not load, or the script does not compile; the reply that the host has by then says why.
	ErrNotLoaded = errors.New("snapshot: the model does not load")
	// ErrTooLarge: the memory with the model in it differs in more bytes than the image may have of its own.
	ErrTooLarge = linmem.ErrTooLarge
)

// Cell is a fresh instance of the image in which a model is loaded.
type Cell struct {
	template *Template
	slot     *linmem.Slot
	lease    *linmem.Lease
	stage    api.Module
	module   api.Module
}

// NewCell makes one with at most memory bytes. It must be closed, whatever became of it.
func (t *Template) NewCell(ctx context.Context, memory uint64) (*Cell, error) {
	slot, err := t.image.NewSlot(max(memory&^(linmem.PageSize-1), t.image.Size()))
	if err != nil {
		return nil, err
	}
	c := &Cell{template: t, slot: slot, lease: slot.NewLease(memory)}
	if c.stage, err = t.Stage(ctx); err == nil {
		c.module, err = t.Instantiate(Context(c.lease, func() api.Module { return c.stage }))
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Load runs the guest's Load with ctx, which reaches the host functions; nil, or ErrUnsupported, or ErrNotLoaded, or why the guest did not come back.
func (c *Cell) Load(ctx context.Context) error { return c.enter(ctx, guest.Load) }

// Compile runs the guest's Compile in the same way; ErrNotLoaded: the script does not compile.
func (c *Cell) Compile(ctx context.Context) error { return c.enter(ctx, guest.Compile) }

func (c *Cell) enter(ctx context.Context, export string) error {
	f := c.module.ExportedFunction(export)
	if f == nil {
		return ErrUnsupported
	}
	r, err := f.Call(ctx)
	switch {
	case err != nil:
		return err
	case r[0] == 1:
		return ErrNotLoaded
	case r[0] != 0:
		return fmt.Errorf("snapshot: %s answered %d", export, r[0])
	}
	return nil
}

// MemoryDenied tells whether the cell was refused memory.
func (c *Cell) MemoryDenied() bool { return c.lease.Denied() }

// Capture makes a template of the cell as it is after Load. Its image shares all pages that did not change, and may have most bytes of its own;
// with more it is ErrTooLarge.
func (c *Cell) Capture(most uint64) (*Template, error) {
	base := c.template
	t := &Template{
		runtime: base.runtime, code: base.code, stage: base.stage, config: base.config, prepared: base.prepared,
		initial: base.initial, interruption: base.interruption, base: base,
	}
	err := t.capture(c.module, func(mem []byte) (*linmem.Image, error) { return base.image.Derive(mem, most) })
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Close gives the cell's memory back.
func (c *Cell) Close() error {
	var errs []error
	for _, m := range []api.Module{c.module, c.stage} {
		if m != nil {
			errs = append(errs, m.Close(context.Background()))
		}
	}
	return errors.Join(append(errs, c.slot.Close())...)
}
