package cluster

import (
	"context"
	"errors"
	"fmt"

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
