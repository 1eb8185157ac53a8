package snapshot

import (
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"

	"github.com/tetratelabs/wazero/api"
)

// bootMemory is the minimum memory limit during the boot, in bytes. The size of the image is known
// only afterwards.
const bootMemory = 1 << 30

// boot instantiates the guest over a temporary image of its data segments, initializes it, and
// captures its memory.
func (t *Template) boot(ctx context.Context, o Options) (err error) {
	slot, closeSlot, err := t.bootSlot(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSlot()) }()
	stage, err := t.Stage(ctx)
	if err != nil {
		return err
	}
	defer stage.Close(ctx)
	lease := slot.NewLease(max(o.MaxMemory, bootMemory))
	m, err := t.runtime.InstantiateModule(Context(lease, func() api.Module { return stage }), t.code, t.config)
	if err != nil {
		return err
	}
	defer m.Close(ctx)
	t.initial = t.readGlobals(m)
	if err := initialize(ctx, m, o); err != nil {
		return err
	}
	if err := t.findInterruption(ctx, m, o); err != nil {
		return err
	}
	return t.capture(m, linmem.NewImage)
}

// bootSlot returns a slot over an image of the module's data segments, and a function that closes
// both.
func (t *Template) bootSlot(o Options) (*linmem.Slot, func() error, error) {
	if t.prepared.ReadData != nil {
		data, err := t.prepared.ReadData()
		if err != nil {
			return nil, nil, err
		}
		t.prepared.Data = data
	}
	mem := make([]byte, uint64(t.prepared.MinPages)*linmem.PageSize)
	for _, s := range t.prepared.Data {
		copy(mem[s.Offset:], s.Bytes)
	}
	t.prepared.Data = nil
	image, err := linmem.NewImage(mem)
	if err != nil {
		return nil, nil, err
	}
	slot, err := image.NewSlot(max(o.MaxMemory, bootMemory))
	if err != nil {
		return nil, nil, errors.Join(err, image.Close())
	}
	return slot, func() error { return errors.Join(slot.Close(), image.Close()) }, nil
}

// initialize starts the interpreter and makes the warm-up calls, so that the image contains the
// state that the interpreter creates at first use.
func initialize(ctx context.Context, m api.Module, o Options) error {
	if f := m.ExportedFunction(guest.Initialize); f != nil {
		if err := o.Boot(ctx, -1, func(ctx context.Context) error { _, err := f.Call(ctx); return err }); err != nil {
			return err
		}
	}
	if err := callZero(ctx, m, guest.Init, -1, o); err != nil {
		return err
	}
	for n := range o.WarmUp {
		if err := callZero(ctx, m, guest.Evaluate, n, o); err != nil {
			return err
		}
	}
	return nil
}

// callZero calls an export that must return 0.
func callZero(ctx context.Context, m api.Module, name string, warmUp int, o Options) error {
	return o.Boot(ctx, warmUp, func(ctx context.Context) error {
		r, err := m.ExportedFunction(name).Call(ctx)
		if err == nil && r[0] != 0 {
			err = fmt.Errorf("%s returned %d, want 0", name, r[0])
		}
		return err
	})
}

func (t *Template) findInterruption(ctx context.Context, m api.Module, o Options) error {
	return o.Boot(ctx, -1, func(ctx context.Context) error {
		r, err := m.ExportedFunction(guest.Interrupt).Call(ctx)
		if err != nil {
			return err
		}
		t.interruption, err = guest.ReadInterruption(guest.MemoryOf(m), uint32(r[0]))
		return err
	})
}

func (t *Template) readGlobals(m api.Module) []uint64 {
	values := make([]uint64, len(t.prepared.Globals))
	for i, name := range t.prepared.Globals {
		values[i] = m.ExportedGlobal(name).Get()
	}
	return values
}

// capture makes an image of the instance's memory and records the globals that have changed. The
// fuel counter is not recorded, since each cell starts with full fuel.
func (t *Template) capture(m api.Module, newImage func([]byte) (*linmem.Image, error)) (err error) {
	for i, v := range t.readGlobals(m) {
		if name := t.prepared.Globals[i]; v != t.initial[i] && name != t.prepared.FuelGlobal {
			t.globals = append(t.globals, GlobalValue{name, v})
		}
	}
	mem, ok := m.Memory().Read(0, m.Memory().Size())
	if !ok {
		return errors.New("the memory cannot be read")
	}
	t.image, err = newImage(mem)
	return err
}
