package snapshot

import (
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"

	"github.com/tetratelabs/wazero/api"
)

// bootMemory is what the start may take at least, bytes: how much the image needs is known when it is there.
const bootMemory = 1 << 30

// boot runs the interpreter's start over a throw-away image of its data segments, and captures what it left.
func (t *Template) boot(ctx context.Context, o Options) (err error) {
	slot, done, err := t.firstSlot(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	stage, err := t.Stage(ctx)
	if err != nil {
		return err
	}
	defer stage.Close(ctx)
	m, err := t.runtime.InstantiateModule(Context(slot.NewLease(max(o.MaxMemory, bootMemory)), func() api.Module { return stage }), t.code, t.config)
	if err != nil {
		return err
	}
	defer m.Close(ctx)
	t.initial = t.readGlobals(m)
	if err := start(ctx, m, o); err != nil {
		return err
	}
	if err := t.findInterruption(ctx, m, o); err != nil {
		return err
	}
	return t.capture(m, linmem.NewImage)
}

// firstSlot is a slot over the module's data segments.
func (t *Template) firstSlot(o Options) (*linmem.Slot, func() error, error) {
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

// start initialises the interpreter and runs the warm-up calls, so that their lazy first steps are in the image.
func start(ctx context.Context, m api.Module, o Options) error {
	if f := m.ExportedFunction(guest.Initialize); f != nil {
		if err := o.Boot(ctx, -1, func(ctx context.Context) error { _, err := f.Call(ctx); return err }); err != nil {
			return err
		}
	}
	if err := zero(ctx, m, guest.Init, -1, o); err != nil {
		return err
	}
	for n := range o.WarmUp {
		if err := zero(ctx, m, guest.Evaluate, n, o); err != nil {
			return err
		}
	}
	return nil
}

// zero calls an export that must answer 0.
func zero(ctx context.Context, m api.Module, name string, warmUp int, o Options) error {
	return o.Boot(ctx, warmUp, func(ctx context.Context) error {
		r, err := m.ExportedFunction(name).Call(ctx)
		if err == nil && r[0] != 0 {
			err = fmt.Errorf("%s answered %d", name, r[0])
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

// capture copies the memory into an image and notes the globals that changed; fuel starts anew in each cell.
func (t *Template) capture(m api.Module, image func([]byte) (*linmem.Image, error)) (err error) {
	for i, v := range t.readGlobals(m) {
		if name := t.prepared.Globals[i]; v != t.initial[i] && name != t.prepared.FuelGlobal {
			t.globals = append(t.globals, GlobalValue{name, v})
		}
	}
	mem, ok := m.Memory().Read(0, m.Memory().Size())
	if !ok {
		return errors.New("the memory cannot be read")
	}
	t.image, err = image(mem)
	return err
}
