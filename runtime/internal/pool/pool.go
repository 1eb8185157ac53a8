package pool

import (
	"context"
	"errors"
	"sync"

	"tabcell/runtime/internal/snapshot"
)

// Pool creates workers and keeps idle ones, up to a number.
type Pool struct {
	template *snapshot.Template
	reserve  uint64
	maxIdle  int

	mu       sync.Mutex
	idle     []*Worker // guarded by mu; the last one is used first, because its slot's pages are warm
	size     int       // guarded by mu; number of workers, including those in use
	retained uint64    // guarded by mu; bytes that idle slots hold in addition to the image
}

// New returns an empty pool. The reserve, in bytes, is the largest memory limit that a call may
// have. Nested calls may need more workers than maxIdle at a time, but they need them rarely.
func New(t *snapshot.Template, reserve uint64, maxIdle int) *Pool {
	return &Pool{template: t, reserve: reserve, maxIdle: maxIdle}
}

// Size returns the number of workers, including those in use. Each has a slot.
func (p *Pool) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// Retained returns the memory in bytes that the slots hold in addition to the image. For a worker
// in use, it counts the memory that its slot held before the call.
func (p *Pool) Retained() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.retained
}

// Get returns an idle worker, or a new one if there is none. Its slot equals the image.
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

// Put closes the worker's instance, resets its slot and keeps the worker for another call. If
// verify is set, it also compares the slot, and a fresh instance over it, with the image. If an
// error occurs, Put discards the worker. It returns the number of written pages of 4096 bytes.
func (p *Pool) Put(w *Worker, verify bool) (pages int, err error) {
	pages, err = w.recycle()
	if err == nil && verify {
		err = w.verify()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retained -= w.retained
	if err != nil || len(p.idle) >= p.maxIdle {
		p.size--
		return pages, errors.Join(err, w.close())
	}
	w.retained = w.slot.Retained()
	p.retained += w.retained
	p.idle = append(p.idle, w)
	return pages, nil
}

// Trim removes the idle workers from the pool and returns a function that frees them.
func (p *Pool) Trim() (free func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := p.idle
	for _, w := range idle {
		p.retained -= w.retained
	}
	p.size -= len(idle)
	p.idle = nil
	return func() error {
		var errs []error
		for _, w := range idle {
			errs = append(errs, w.close())
		}
		return errors.Join(errs...)
	}
}

// Close frees the idle workers. No call may be running.
func (p *Pool) Close() error { return p.Trim()() }
