package snapshot

import (
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"

	"github.com/tetratelabs/wazero/api"
)

var (
	// ErrUnsupported means that the guest does not export the function. An older guest may not.
	ErrUnsupported = errors.New("snapshot: the guest does not have this function")
	// ErrNotLoaded means that the model does not load, or the script does not compile. The reply
	// that the host has received gives the reason.
	ErrNotLoaded = errors.New("snapshot: the model does not load")
	// ErrTooLarge means that the memory of the cell differs from the image in more bytes than
	// allowed.
	ErrTooLarge = linmem.ErrTooLarge
)

// Cell is an instance that loads a model or compiles a script.
type Cell struct {
	template *Template
	slot     *linmem.Slot
	lease    *linmem.Lease
	stage    api.Module
	module   api.Module
}

// NewCell creates a cell with at most memory bytes. The cell must be closed.
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

// Load runs the guest's Load. The host functions get ctx. Its errors are ErrUnsupported,
// ErrNotLoaded, and the error with which the guest's execution ended.
func (c *Cell) Load(ctx context.Context) error { return c.run(ctx, guest.Load) }

// Compile runs the guest's Compile. The host functions get ctx. Its errors are those of Load;
// ErrNotLoaded means that the script does not compile.
func (c *Cell) Compile(ctx context.Context) error { return c.run(ctx, guest.Compile) }

func (c *Cell) run(ctx context.Context, export string) error {
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
		return fmt.Errorf("snapshot: %s returned %d, want 0 or 1", export, r[0])
	}
	return nil
}

// MemoryDenied reports whether the cell was refused memory because of its limit.
func (c *Cell) MemoryDenied() bool { return c.lease.Denied() }

// Capture returns a template whose image is the memory of the cell, which must have loaded a model.
// The image shares all unchanged pages with the image that the cell was created from. If more than
// maxOwn bytes have changed, Capture returns ErrTooLarge.
func (c *Cell) Capture(maxOwn uint64) (*Template, error) {
	base := c.template
	t := &Template{
		runtime: base.runtime, code: base.code, stage: base.stage, config: base.config, prepared: base.prepared,
		initial: base.initial, interruption: base.interruption, base: base,
	}
	err := t.capture(c.module, func(mem []byte) (*linmem.Image, error) { return base.image.Derive(mem, maxOwn) })
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Close closes the instances and frees the memory.
func (c *Cell) Close() error {
	var errs []error
	for _, m := range []api.Module{c.module, c.stage} {
		if m != nil {
			errs = append(errs, m.Close(context.Background()))
		}
	}
	return errors.Join(append(errs, c.slot.Close())...)
}
