package pool

import (
	"context"
	"errors"

	"tabcell/runtime/internal/linmem"
	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/memfile"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// maxStageUses is the number of instances that one stage serves. The stage's table keeps a
// reference to each of them, so that a stage that is used forever would leak memory.
const maxStageUses = 256

// Worker is a slot and a stage. It runs one call at a time.
type Worker struct {
	template *snapshot.Template
	slot     *linmem.Slot
	ctx      context.Context // for instantiating: leads to the lease and the stage
	lease    *linmem.Lease   // memory of the current instance
	cell     api.Module      // current instance; nil between calls
	stage    api.Module      // nil if the next call needs a new one
	entry    api.Function    // exported by the stage
	uses     int             // number of instances that the stage has served
	retained uint64          // memory that the slot held when it was last put back; guarded by Pool.mu
	result   [1]uint64
}

func newWorker(t *snapshot.Template, reserve uint64) (*Worker, error) {
	slot, err := t.Image().NewSlot(max(reserve, t.Image().Size()))
	if err != nil {
		return nil, err
	}
	w := &Worker{template: t, slot: slot}
	w.ctx = snapshot.Context(w, func() api.Module { return w.stage })
	return w, nil
}

// Allocate implements experimental.MemoryAllocator. It gives the instance that is being created the
// lease that Instantiate has made for it.
func (w *Worker) Allocate(size, maxSize uint64) experimental.LinearMemory {
	return w.lease.Allocate(size, maxSize)
}

// Instantiate creates the instance for a call. Its memory may have at most limit bytes.
func (w *Worker) Instantiate(limit uint64) (err error) {
	if w.stage == nil || w.uses >= maxStageUses {
		if err := w.renewStage(); err != nil {
			return err
		}
	}
	w.uses++
	w.lease = w.slot.NewLease(limit)
	w.cell, err = w.template.Instantiate(w.ctx)
	return err
}

// Call runs the instance's entry function on the stage's native stack and returns its result. The
// host functions get ctx. After an error the stage is closed, because its stack may have grown to
// its limit.
func (w *Worker) Call(ctx context.Context) (uint64, error) {
	w.result[0] = 0
	err := w.entry.CallWithStack(ctx, w.result[:])
	if err != nil {
		w.closeStage()
	}
	return w.result[0], err
}

// Fuel returns the fuel that the current instance has left.
func (w *Worker) Fuel() int32 { return w.template.Fuel(w.cell) }

// MemoryDenied reports whether the current instance was refused memory because of its limit.
func (w *Worker) MemoryDenied() bool { return w.lease != nil && w.lease.Denied() }

// Fill announces that the bytes between two offsets of the current instance's memory are about to be
// written; see linmem.Lease.
func (w *Worker) Fill(from, to uint64) {
	if w.lease != nil {
		w.lease.Fill(from, to)
	}
}

// Map makes the current instance's memory have the bytes of a chunk at an offset; see linmem.Lease.
func (w *Worker) Map(at uint64, c *memfile.Chunk) (bool, error) {
	if w.lease == nil {
		return false, nil
	}
	return w.lease.Map(at, c)
}

// Origin returns the part of a mapped chunk that the current instance's memory has between two
// offsets; see linmem.Lease.
func (w *Worker) Origin(from, to uint64) *memfile.Chunk {
	if w.lease == nil {
		return nil
	}
	return w.lease.Origin(from, to)
}

// PeakMemory returns the largest size in bytes that the memory of the current instance had.
func (w *Worker) PeakMemory() uint64 {
	if w.lease == nil {
		return 0
	}
	return w.lease.Peak()
}

// recycle closes the instance, if there is one, and resets the slot. It returns the number of
// written pages of 4096 bytes.
func (w *Worker) recycle() (pages int, err error) {
	if w.cell != nil {
		err = w.cell.Close(context.Background())
		w.cell = nil
	}
	pages, resetErr := w.slot.Reset()
	w.lease = nil
	return pages, errors.Join(err, resetErr)
}

// verify compares the slot with the image, and then the memory size and the globals of a fresh
// instance.
func (w *Worker) verify() error {
	if err := w.slot.Verify(); err != nil {
		return err
	}
	if err := w.Instantiate(0); err != nil {
		return err
	}
	err := w.template.Verify(w.cell)
	_, recycleErr := w.recycle()
	return errors.Join(err, recycleErr)
}

func (w *Worker) renewStage() (err error) {
	w.closeStage()
	if w.stage, err = w.template.Stage(context.Background()); err != nil {
		return err
	}
	w.uses = 0
	if w.entry = w.stage.ExportedFunction("call0"); w.entry == nil {
		return errors.New("pool: the stage does not export call0")
	}
	return nil
}

func (w *Worker) closeStage() {
	if w.stage != nil {
		_ = w.stage.Close(context.Background()) // a stage has no resources whose release could fail
		w.stage, w.entry = nil, nil
	}
}

func (w *Worker) close() error {
	w.closeStage()
	return w.slot.Close()
}
