package pool

import (
	"context"
	"errors"

	"tabcell/runtime/internal/linmem"
	"tabcell/runtime/internal/snapshot"

	"github.com/tetratelabs/wazero/api"
)

// Worker is a slot and a stage, used by one call at a time.
type Worker struct {
	template *snapshot.Template
	slot     *linmem.Slot
	ctx      context.Context // to instantiate with: finds the lease and the stage
	lease    *linmem.Lease   // the running instance's memory
	cell     api.Module      // the running instance
	stage    api.Module      // nil: make one before the next call
	entry    api.Function    // the stage's
	uses     int             // instances that the stage served
	kept     uint64          // what the slot held when it was last put back; the pool's
	result   [1]uint64
}

func newWorker(t *snapshot.Template, reserve uint64) (*Worker, error) {
	slot, err := t.Image().NewSlot(max(reserve, t.Image().Size()))
	if err != nil {
		return nil, err
	}
	w := &Worker{template: t, slot: slot}
	w.ctx = snapshot.Context(w, w.current)
	return w, nil
}

// Fuel is what the running instance has left.
func (w *Worker) Fuel() int32 { return w.template.Fuel(w.cell) }

// restore closes the instance, if there is one, and puts the written pages back.
func (w *Worker) restore() (pages int, err error) {
	if w.cell != nil {
		err = w.cell.Close(context.Background())
		w.cell = nil
	}
	pages, restored := w.slot.Reset()
	w.lease = nil
	return pages, errors.Join(err, restored)
}

// verify compares everything with the image: the slot's bytes, and size and globals of a fresh instance over it.
func (w *Worker) verify() error {
	if err := w.slot.Verify(); err != nil {
		return err
	}
	if err := w.Instantiate(0); err != nil {
		return err
	}
	err := w.template.Verify(w.cell)
	_, restored := w.restore()
	return errors.Join(err, restored)
}

func (w *Worker) dropStage() {
	if w.stage != nil {
		_ = w.stage.Close(context.Background()) // it has no resources whose release could fail
		w.stage, w.entry = nil, nil
	}
}

func (w *Worker) close() error {
	w.dropStage()
	return w.slot.Close()
}
