package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tabcell/runtime/registry"
)

const (
	// maxSecured is how long after the blobs were secured a change may be proposed.
	maxSecured = 10 * time.Minute
	// keepUnused is how long a blob stays without an endpoint. It exceeds maxSecured.
	keepUnused = time.Hour
	// maxFetches limits the number of blobs that a node fetches at once. One of them is left to changes
	// while missing blobs are fetched in the background.
	maxFetches    = 4
	fetchTimeout  = 10 * time.Minute
	secureTimeout = 10 * time.Minute
)

// blob names a blob and the nodes that have it.
type blob struct {
	Sum  string   `json:"sum"`
	Size int64    `json:"size"`
	From []string `json:"from"` // ids of nodes, the best first
}

func (b blob) version() registry.Version { return registry.Version{Sum: b.Sum, Size: b.Size} }

const maxSources = 64

func (b blob) check() error {
	if b.Size < 0 || len(b.From) > maxSources {
		return fmt.Errorf("%w: the blob is malformed", ErrRefused)
	}
	return checkDigest(b.Sum)
}

// blobs manages the blobs in a registry's folder.
type blobs struct {
	registry *registry.Registry
	maxBytes int64 // of a blob that no endpoint needs yet
	slots    chan struct{}
	changed  chan struct{} // has an element if missing blobs are to be fetched

	mu      sync.Mutex
	used    map[string]time.Time // when an unused blob was needed or found
	flights map[string]*flight   // fetches that are running
	missing int                  // blobs that endpoints need and this node lacks
	failed  failure              // the last one to write a blob
}

// flight is a running fetch.
type flight struct {
	done chan struct{}
	err  error
}

func newBlobs(r *registry.Registry, maxBytes int64) *blobs {
	return &blobs{
		registry: r, maxBytes: maxBytes, slots: make(chan struct{}, maxFetches), changed: make(chan struct{}, 1),
		used: map[string]time.Time{}, flights: map[string]*flight{},
	}
}

// wake makes the node look for missing blobs.
func (b *blobs) wake() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// pin keeps a blob for a while, whether an endpoint needs it or not.
func (b *blobs) pin(sum string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used[sum] = time.Now()
}

// sweep removes blobs that no endpoint has needed for a while. The time since this process has
// found a blob counts, which no clock change shortens.
func (b *blobs) sweep() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.registry.Sweep(func(sum string) bool {
		since, known := b.used[sum]
		if !known {
			b.used[sum] = time.Now()
		} else if time.Since(since) > keepUnused {
			delete(b.used, sum)
			return false
		}
		return true
	})
}

// intact reports whether a blob is on the disk and undamaged. It reads it.
func (b *blobs) intact(v registry.Version) bool {
	file, err := b.registry.OpenCode(v)
	return err == nil && file.Close() == nil
}

// fetch makes a blob present and intact. Several calls for one blob share the work.
func (b *blobs) fetch(ctx context.Context, v registry.Version, from []string, p peers) error {
	for {
		b.mu.Lock()
		running := b.flights[v.Sum]
		if running == nil {
			running = &flight{done: make(chan struct{})}
			b.flights[v.Sum] = running
			b.mu.Unlock()
			running.err = b.fetchOnce(ctx, v, from, p)
			b.mu.Lock()
			delete(b.flights, v.Sum)
			b.mu.Unlock()
			close(running.done)
			return running.err
		}
		b.mu.Unlock()
		select {
		case <-running.done:
			if running.err == nil {
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *blobs) fetchOnce(ctx context.Context, v registry.Version, from []string, p peers) error {
	b.pin(v.Sum)
	if b.registry.HasCode(v) && b.intact(v) {
		return nil
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	var errs []error
	for _, node := range from {
		err := b.fetchFrom(ctx, v, node, p)
		if _, ok := errors.AsType[*registry.StorageError](err); err == nil || ok { // the next node does not help
			return err
		}
		errs = append(errs, fmt.Errorf("from node %s: %w", node, err))
	}
	return fmt.Errorf("%w: no other node has it: %v", registry.ErrDamaged, errors.Join(errs...)) // the causes are of other kinds
}

func (b *blobs) fetchFrom(ctx context.Context, v registry.Version, node string, p peers) error {
	content, err := p.fetch(ctx, node, v)
	if err != nil {
		return err
	}
	return errors.Join(b.store(v, content), content.Close())
}

// store writes a blob to the disk, and notes whether the disk can be written.
func (b *blobs) store(v registry.Version, content io.Reader) error {
	err := b.registry.StoreCode(v.Sum, v.Size, content)
	if _, ok := errors.AsType[*registry.StorageError](err); ok || err == nil {
		b.failed.note(err)
	}
	return err
}

// setMissing notes how many blobs the node lacks.
func (b *blobs) setMissing(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.missing = n
}

// arrived notes that the node has one more of the missing blobs.
func (b *blobs) arrived() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.missing--
}

// lacking returns the number of blobs that the node lacks.
func (b *blobs) lacking() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.missing
}
