package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tabcell/runtime/registry"
)

// secure returns nil when a majority of the voters has the blobs of a change on the disk.
func (p *replica) secure(ctx context.Context, q changeRequest) error {
	for _, v := range p.needed(q) {
		err := p.secureBlob(ctx, blob{v.Sum, v.Size, []string{q.Origin, p.self}})
		if errors.Is(err, registry.ErrDamaged) && q.Kind != rollbackChange {
			p.logger.Warn().Err(err).Msg("a change was refused: its model did not arrive")
			err = &UnavailableError{"The model did not reach the leader of the cluster. Nothing was changed.", ErrNoMajority}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// needed returns the versions whose blobs a change needs.
func (p *replica) needed(q changeRequest) []registry.Version {
	switch {
	case q.Kind == deployChange && q.Deployment.Target == "":
		return []registry.Version{{Sum: q.Sum, Size: q.Size}}
	case q.Kind == restoreChange:
		return distinct(q.Endpoint.Versions)
	case q.Kind == rollbackChange:
		if e, ok := p.machine.get(q.Name); ok {
			if v, err := e.Find(q.Number); err == nil { // otherwise the plan fails
				return []registry.Version{v}
			}
		}
	}
	return nil
}

// distinct returns one version for each blob.
func distinct(versions []registry.Version) []registry.Version {
	var all []registry.Version
	seen := map[string]bool{}
	for _, v := range versions {
		if !seen[v.Sum] {
			seen[v.Sum] = true
			all = append(all, v)
		}
	}
	return all
}

// secureBlob returns nil when a majority of the voters, with this leader, has a blob on the disk.
// The other voters go on fetching it.
func (p *replica) secureBlob(ctx context.Context, b blob) error {
	if err := p.blobs.fetch(ctx, b.version(), p.sources(b.From), p.peers); err != nil {
		return err
	}
	voters := p.voters()
	results := make(chan error, len(voters))
	for _, node := range voters {
		if node == p.self {
			results <- nil
			continue
		}
		go func() { // ends when the node is closed at the latest
			background, cancel := context.WithTimeout(context.WithoutCancel(ctx), secureTimeout)
			defer cancel()
			results <- p.peers.ensure(background, node, b)
		}()
	}
	return p.majority(ctx, results, len(voters))
}

// majority waits for the success of a majority of n results.
func (p *replica) majority(ctx context.Context, results <-chan error, n int) error {
	succeeded, errs := 0, []error(nil)
	for range n {
		select {
		case err := <-results:
			if err != nil {
				errs = append(errs, err)
			} else {
				succeeded++
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if succeeded > n/2 {
			return nil
		}
		if len(errs) >= n-n/2 {
			break
		}
	}
	reason := fmt.Sprintf("The model could be stored on %d of the cluster's %d voters only; %d are needed. Nothing was changed.", succeeded, n, n/2+1)
	p.logger.Warn().Err(errors.Join(errs...)).Msg("a change was refused: not enough voters have stored the model")
	return &UnavailableError{reason, ErrNoMajority}
}

func (p *replica) voters() []string {
	var all []string
	for _, s := range p.log.servers() {
		if s.Voter {
			all = append(all, s.ID)
		}
	}
	return all
}

// sources returns the nodes from which a blob can be fetched: the given ones first, and never this
// node.
func (p *replica) sources(first []string) []string {
	var all []string
	seen := map[string]bool{p.self: true, "": true} // there may be no leader
	members := p.log.servers()
	for _, s := range members {
		first = append(first[:len(first):len(first)], s.ID)
	}
	for _, node := range first {
		if !seen[node] {
			seen[node] = true
			all = append(all, node)
		}
	}
	return all
}

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
	left := len(missing)
	p.blobs.setMissing(left)
	for _, v := range missing {
		err := p.blobs.fetch(ctx, v, p.sources([]string{p.log.leader()}), p.peers)
		if err == nil {
			left--
			p.blobs.setMissing(left)
		} else if ctx.Err() == nil {
			p.logger.Warn().Err(err).Str("sum", v.Sum).Msg("a model's code could not be fetched from the other nodes")
		}
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
	err := p.blobs.fetch(ctx, v, p.sources([]string{p.log.leader()}), p.peers)
	if err == nil {
		p.logger.Warn().Str("sum", v.Sum).Msg("a damaged or missing model was replaced from another node")
	} else if ctx.Err() == nil {
		p.logger.Error().Err(err).Str("sum", v.Sum).Msg("a model is damaged or missing here, and no other node has it")
	}
	return err
}

const repairTimeout = 30 * time.Second

// content returns the code of a version, from another node if it is damaged or missing here.
func (p *replica) content(v registry.Version) ([]byte, error) {
	content, err := p.registry.Content(v)
	if err == nil || !errors.Is(err, registry.ErrDamaged) {
		return content, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), repairTimeout)
	defer cancel()
	if err := p.repair(ctx, v); err != nil {
		return nil, err
	}
	return p.registry.Content(v)
}
