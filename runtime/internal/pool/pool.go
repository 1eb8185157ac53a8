package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tabcell/runtime/internal/snapshot"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// stageUses is how many instances one stage serves: its table remembers every one of them.
const stageUses = 256

// Pool lends workers. There are as many as calls ran at once.
type Pool struct {
	template *snapshot.Template
	reserve  uint64

	mu   sync.Mutex
	idle []*Worker // guarded by mu; the last one used first: its slot's pages are warm
	size int       // guarded by mu; workers that exist
	kept uint64    // guarded by mu; bytes that idle slots hold beside the image
}

// New is an empty pool. reserve is the largest memory cap in bytes that a call may have.
func New(t *snapshot.Template, reserve uint64) *Pool { return &Pool{template: t, reserve: reserve} }

// Size is the number of workers that exist, each with a slot.
func (p *Pool) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// Retained is the memory in bytes that the workers' slots hold beside the image, as it was when each was last put back.
func (p *Pool) Retained() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept
}

// Get lends a worker with a clean slot.
func (p *Pool) Get(ctx context.Context) (*Worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return w, nil
	}
	w, err := newWorker(p.template, p.reserve)
	if err == nil {
		p.size++
	}
	return w, err
}

// Put closes the worker's instance, makes its slot the image again, and keeps it for the next call. pages counts what was written, in
// pages of 4096 bytes. With verify the slot and a fresh instance over it are compared with the image. What is not clean is thrown away.
func (p *Pool) Put(w *Worker, verify bool) (pages int, err error) {
	pages, err = w.restore()
	if err == nil && verify {
		err = w.verify()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept -= w.kept
	if err != nil {
		p.size--
		return pages, errors.Join(err, w.close())
	}
	w.kept = w.slot.Retained()
	p.kept += w.kept
	p.idle = append(p.idle, w)
	return pages, nil
}

// Close frees the idle workers. No call may run.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, w := range p.idle {
		errs = append(errs, w.close())
	}
	p.size -= len(p.idle)
	p.idle, p.kept = nil, 0
	return errors.Join(errs...)
}

// Allocate implements experimental.MemoryAllocator for the worker's instances: each gets the lease that was made for it.
func (w *Worker) Allocate(size, most uint64) experimental.LinearMemory {
	return w.lease.Allocate(size, most)
}

// Instantiate makes the call's instance, with at most limit bytes of memory.
func (w *Worker) Instantiate(limit uint64) (err error) {
	if w.stage == nil || w.uses >= stageUses {
		if err := w.renewStage(); err != nil {
			return err
		}
	}
	w.uses++
	w.lease = w.slot.NewLease(limit)
	w.cell, err = w.template.Instantiate(w.ctx)
	return err
}

// Call runs the instance's entry on the stage's native stack. ctx reaches the host functions. After an error the stage is not used
// again: its stack may have grown to its limit.
func (w *Worker) Call(ctx context.Context) (uint64, error) {
	w.result[0] = 0
	err := w.entry.CallWithStack(ctx, w.result[:])
	if err != nil {
		w.dropStage()
	}
	return w.result[0], err
}

// MemoryDenied tells whether the instance was refused memory.
func (w *Worker) MemoryDenied() bool { return w.lease != nil && w.lease.Denied() }

func (w *Worker) renewStage() (err error) {
	w.dropStage()
	if w.stage, err = w.template.Stage(context.Background()); err != nil {
		return err
	}
	w.uses = 0
	if w.entry = w.stage.ExportedFunction("call0"); w.entry == nil {
		return fmt.Errorf("pool: the stage has no entry")
	}
	return nil
}

func (w *Worker) current() api.Module { return w.stage }
