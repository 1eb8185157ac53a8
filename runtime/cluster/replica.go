package cluster

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// replica keeps the registry of one node equal to the machine's state, and makes changes. It knows
// the other nodes through consensus and peers only.
type replica struct {
	self     string
	registry *registry.Registry
	limits   registry.Options // of new endpoints
	machine  *machine
	log      consensus
	peers    peers
	blobs    *blobs
	logger   zerolog.Logger
	onChange func(old, e registry.Endpoint)
	// found, if not nil, makes the other parts of the state of a new cluster, before the endpoints in
	// the folder are imported. Only the first node has it.
	found func(ctx context.Context) error

	leaderWait time.Duration // how long a change waits for a leader

	planning chan struct{} // has room for one: the change that the leader computes or commits

	folder  sync.Mutex // held while commands are applied and while the folder is written
	synced  bool       // the folder has the machine's state; guarded by folder
	problem error      // why the folder could not be written; guarded by folder
	once    bool       // synced was true before; guarded by folder

	mu       sync.Mutex
	progress chan struct{} // closed and replaced when something was applied
}

func newReplica(self string, r *registry.Registry, limits registry.Options, log zerolog.Logger) *replica {
	p := &replica{
		self: self, registry: r, limits: limits, machine: newMachine(), logger: log,
		onChange: func(_, _ registry.Endpoint) {}, progress: make(chan struct{}), planning: make(chan struct{}, 1),
		leaderWait: leaderWait,
	}
	p.blobs = newBlobs(r, limits.MaxBytes)
	return p
}

// apply applies a command to the machine and to the folder.
func (p *replica) apply(index uint64, text []byte) result {
	p.folder.Lock()
	defer p.folder.Unlock()
	r := p.machine.apply(index, text)
	if errors.Is(r.err, ErrHalted) {
		p.synced, p.problem = false, r.err
		p.logger.Error().Err(r.err).Msg("this node stops applying changes; it serves the endpoints that it has")
		return r
	}
	if r.changed && p.synced {
		p.store(r)
	}
	p.advance()
	return r
}

// store writes a changed endpoint to the folder. If that fails, the folder is written later.
func (p *replica) store(r result) {
	var err error
	if r.now.Name == "" {
		err = p.registry.Delete(r.old.Name)
	} else {
		err = p.registry.Put(r.now)
	}
	if err != nil {
		p.synced, p.problem = false, err
		p.logger.Error().Err(err).Str("endpoint", r.old.Name+r.now.Name).Msg("a change of the cluster could not be stored; this node tries it again")
		return
	}
	p.blobs.wake()
	p.onChange(r.old, r.now)
}

// restore replaces the machine's state by a snapshot.
func (p *replica) restore(r io.Reader) error {
	p.folder.Lock()
	defer p.folder.Unlock()
	p.synced = false
	return p.machine.restore(r)
}

// advance wakes all that wait for a command. The caller holds p.folder.
func (p *replica) advance() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.progress)
	p.progress = make(chan struct{})
}

// await waits until check returns true.
func (p *replica) await(ctx context.Context, check func() bool) error {
	for {
		p.mu.Lock()
		changed := p.progress
		p.mu.Unlock()
		if check() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

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

// startPlan waits until no other change is computed or committed here. The caller then must call
// endPlan.
func (p *replica) startPlan(ctx context.Context) error {
	select {
	case p.planning <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *replica) endPlan() { <-p.planning }

// put proposes a command of the present revision.
func (p *replica) put(ctx context.Context, c command) error {
	if err := p.startPlan(ctx); err != nil {
		return err
	}
	defer p.endPlan()
	_ = p.machine.view(p.limits, func(_ registry.View, revision uint64) error {
		c.Base = revision
		return nil
	})
	r, err := p.propose(ctx, c)
	return errors.Join(err, r.err)
}

// propose proposes a command. It returns ErrUpgrade if a member does not know it.
func (p *replica) propose(ctx context.Context, c command) (result, error) {
	if c.Version == 0 {
		c.Version = 1
	}
	if known := p.machine.commands(); c.Version > known {
		return result{}, ErrUpgrade
	}
	text, err := encodeCommand(c)
	if err == nil {
		_, err = decodeCommand(text)
	}
	if err != nil {
		return result{}, err
	}
	return p.log.propose(ctx, text)
}
