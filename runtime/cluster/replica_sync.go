package cluster

import (
	"context"
	"errors"
	"time"
)

// errNotSynced means that a node does not serve the present endpoints yet.
var errNotSynced = errors.New("the node has not caught up yet")

// awaitServed waits until this node serves the endpoints as they are after a command. It returns
// errNotSynced at once if the node has not caught up.
func (p *replica) awaitServed(ctx context.Context, index uint64) error {
	if !p.isSynced() {
		return errNotSynced
	}
	return p.await(ctx, func() bool { return p.machine.applied() >= index && p.isSynced() })
}

func (p *replica) isSynced() bool {
	p.folder.Lock()
	defer p.folder.Unlock()
	return p.synced
}

// wasSynced reports whether the node has caught up once.
func (p *replica) wasSynced() bool {
	p.folder.Lock()
	defer p.folder.Unlock()
	return p.once
}

// folderProblem returns why the folder could not be written, or nil.
func (p *replica) folderProblem() error {
	p.folder.Lock()
	defer p.folder.Unlock()
	if p.synced {
		return nil
	}
	return p.problem
}

// readIndex returns the index of a command, so that everything that was acknowledged before the
// call is at it or before it.
func (p *replica) readIndex(ctx context.Context) (uint64, error) {
	if p.log.established() {
		index := p.machine.applied()
		return index, p.log.verify(ctx)
	}
	leader := p.log.leader()
	if leader == "" || leader == p.self {
		return 0, ErrNoLeader
	}
	ctx, cancel := p.whileLeads(ctx, leader)
	defer cancel()
	return p.peers.readIndex(ctx, leader)
}

const (
	syncRetry   = 200 * time.Millisecond
	syncTimeout = 30 * time.Second
)

// keepSynced makes the folder equal to the machine's state whenever it is not, until ctx is done.
func (p *replica) keepSynced(ctx context.Context) {
	for ctx.Err() == nil {
		if !p.isSynced() {
			if err := p.sync(ctx); err != nil && ctx.Err() == nil {
				p.logger.Debug().Err(err).Msg("this node has not caught up with the cluster yet")
			}
		}
		select {
		case <-time.After(syncRetry):
		case <-ctx.Done():
		}
	}
}

// sync waits until this node has applied as much as the leader, and then reconciles the folder.
func (p *replica) sync(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	if err := p.machine.haltedBy(); err != nil {
		return err
	}
	if !p.machine.imported() {
		if err := p.importFolder(ctx); err != nil {
			return err
		}
	}
	index, err := p.readIndex(ctx)
	if err == nil {
		err = p.await(ctx, func() bool { return p.machine.applied() >= index })
	}
	if err != nil {
		return err
	}
	return p.reconcile()
}

// reconcile makes the folder equal to the machine's state.
func (p *replica) reconcile() error {
	p.folder.Lock()
	defer p.folder.Unlock()
	all, _ := p.machine.endpoints()
	p.problem = p.registry.Reconcile(all, p.onChange)
	if p.problem != nil {
		return p.problem
	}
	if !p.once {
		p.logger.Info().Int("endpoints", len(all)).Msg("this node has caught up with the cluster")
	}
	p.synced, p.once = true, true
	p.blobs.wake()
	p.advance()
	return nil
}

// importFolder makes the endpoints in the folder of the first node part of the state.
func (p *replica) importFolder(ctx context.Context) error {
	if p.found == nil {
		return errNotSynced // the first node does it
	}
	if !p.log.established() {
		return ErrNoLeader
	}
	if err := p.found(ctx); err != nil {
		return err
	}
	for _, e := range p.registry.List() {
		if old, ok := p.machine.get(e.Name); ok && old.Equal(e) {
			continue
		}
		if err := p.put(ctx, command{Type: putCommand, Name: e.Name, Endpoint: &e}); err != nil {
			return err
		}
	}
	return p.put(ctx, command{Type: importedCommand})
}
