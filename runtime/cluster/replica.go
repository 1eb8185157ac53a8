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

	// yield makes a voter without problems the leader in place of this node. It reports whether it has
	// found one.
	yield func(ctx context.Context) bool

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
		leaderWait: leaderWait, yield: func(context.Context) bool { return false },
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
	err := p.machine.restore(r)
	if err != nil {
		p.problem = err
		p.logger.Error().Err(err).Msg("this node cannot use a snapshot of the cluster")
	}
	return err
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
