package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
)

const (
	repairInterval = 15 * time.Second
	sweepInterval  = 10 * time.Minute
	verifyInterval = 10 * time.Second
)

// keepBlobs fetches missing blobs, verifies the others one after the other, and removes unused ones,
// until ctx is done.
func (p *replica) keepBlobs(ctx context.Context) {
	repair, sweep, verify := time.NewTicker(repairInterval), time.NewTicker(sweepInterval), time.NewTicker(verifyInterval)
	defer repair.Stop()
	defer sweep.Stop()
	defer verify.Stop()
	last := ""
	for {
		select {
		case <-p.blobs.changed:
			p.fetchMissing(ctx)
		case <-repair.C:
			p.fetchMissing(ctx)
		case <-verify.C:
			last = p.verifyAfter(ctx, last)
		case <-sweep.C:
			if p.isSynced() {
				if err := p.blobs.sweep(); err != nil {
					p.logger.Warn().Err(err).Msg("unused models could not be removed")
				}
			}
		case <-ctx.Done():
			return
		}
	}
}

// fetchMissing fetches the blobs that endpoints need and that are not on the disk.
func (p *replica) fetchMissing(ctx context.Context) {
	var missing []registry.Version
	for _, e := range p.registry.List() {
		for _, v := range e.Versions {
			if !p.registry.HasCode(v) {
				missing = append(missing, v)
			}
		}
	}
	missing = distinct(missing)
	p.blobs.setMissing(len(missing))
	queue := make(chan registry.Version, len(missing))
	for _, v := range missing {
		queue <- v
	}
	close(queue)
	var group sync.WaitGroup
	for range min(maxFetches-1, len(missing)) {
		group.Go(func() {
			for v := range queue {
				p.fetchOne(ctx, v)
			}
		})
	}
	group.Wait()
}

// fetchOne fetches a missing blob.
func (p *replica) fetchOne(ctx context.Context, v registry.Version) {
	err := p.blobs.fetch(ctx, v, p.sources([]string{p.log.leader()}), p.peers)
	if err == nil {
		p.blobs.arrived()
	} else if ctx.Err() == nil {
		p.logger.Warn().Err(err).Str("sum", v.Sum).Msg("a model's code could not be fetched from the other nodes")
	}
}

// verifyAfter verifies the blob whose sum follows last, replaces it from another node if it is
// damaged, and returns its sum.
func (p *replica) verifyAfter(ctx context.Context, last string) string {
	next, first := registry.Version{}, registry.Version{}
	for _, e := range p.registry.List() {
		for _, v := range e.Versions {
			if first.Sum == "" || v.Sum < first.Sum {
				first = v
			}
			if v.Sum > last && (next.Sum == "" || v.Sum < next.Sum) {
				next = v
			}
		}
	}
	if next.Sum == "" {
		next = first
	}
	if next.Sum != "" && !p.blobs.intact(next) {
		_ = p.repair(ctx, next) // logs its error
	}
	return next.Sum
}

// repair replaces a damaged or missing blob by that of another node.
func (p *replica) repair(ctx context.Context, v registry.Version) error {
	damaged := p.registry.HasCode(v)
	err := p.blobs.fetch(ctx, v, p.sources([]string{p.log.leader()}), p.peers)
	if err == nil && damaged { // a node that has joined just now lacks all of them
		p.logger.Warn().Str("sum", v.Sum).Msg("a damaged model was replaced from another node")
	} else if err != nil && ctx.Err() == nil {
		p.logger.Error().Err(err).Str("sum", v.Sum).Msg("a model is damaged or missing here, and no other node has it")
	}
	return err
}

const repairTimeout = 30 * time.Second

// content returns the code of a version, from another node if it is damaged or missing here. If it
// cannot be stored, because the disk is full, it is fetched for each call.
func (p *replica) content(v registry.Version) ([]byte, error) {
	content, err := p.registry.Content(v)
	if err == nil || !errors.Is(err, registry.ErrDamaged) {
		return content, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), repairTimeout)
	defer cancel()
	err = p.repair(ctx, v)
	if _, ok := errors.AsType[*registry.StorageError](err); ok {
		return p.fetchContent(ctx, v)
	}
	if err != nil {
		return nil, err
	}
	return p.registry.Content(v)
}

// fetchContent returns the code of a version from another node, and stores nothing.
func (p *replica) fetchContent(ctx context.Context, v registry.Version) ([]byte, error) {
	var errs []error
	for _, node := range p.sources([]string{p.log.leader()}) {
		content, err := p.readFrom(ctx, node, v)
		if err == nil {
			return content, nil
		}
		errs = append(errs, fmt.Errorf("from node %s: %w", node, err))
	}
	return nil, fmt.Errorf("%w: the disk of this node is full, and no other node sent it: %v", registry.ErrDamaged, errors.Join(errs...))
}

func (p *replica) readFrom(ctx context.Context, node string, v registry.Version) ([]byte, error) {
	body, err := p.peers.fetch(ctx, node, v)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(body, v.Size+1))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	if int64(len(content)) != v.Size || osfile.Digest(content) != v.Sum {
		return nil, fmt.Errorf("%w: the checksum of %d bytes is not %s", registry.ErrDamaged, len(content), v.Sum)
	}
	return content, nil
}
