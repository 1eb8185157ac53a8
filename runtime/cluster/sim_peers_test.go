package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"tabcell/runtime/registry"
)

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// simPeers implements peers for one life of a node. A message can be lost on its way, and so can its
// reply.
type simPeers struct {
	node *simNode
	base context.Context
}

// call calls handle on another node, as httpPeers and the handlers do.
func (p *simPeers) call(ctx context.Context, id string, handle func(ctx context.Context, target *replica) error) error {
	w := p.node.world
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.base, cancel)()
	target := w.find(id)
	if !pause(ctx, w.latency(p.node.id+id)) {
		return fmt.Errorf("%w: %w", errUnreachable, context.Cause(ctx))
	}
	w.mu.Lock()
	arrives, life, remote := w.reaches(p.node, target), target.ctx, target.replica
	var group = target.group
	if arrives {
		group.Add(1)
	}
	w.mu.Unlock()
	if !arrives {
		return errUnreachable
	}
	there, end := context.WithCancel(ctx)
	stop := context.AfterFunc(life, end)
	err := handle(there, remote)
	stop()
	end()
	group.Done()
	if !pause(ctx, w.latency(id+p.node.id)) {
		return ErrUnclear
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.reaches(target, p.node) || target.replica != remote {
		return ErrUnclear
	}
	return toWire(err).err(id)
}

func (w *simWorld) find(id string) *simNode {
	for _, n := range w.nodes {
		if n.id == id {
			return n
		}
	}
	panic("there is no node " + id)
}

func (p *simPeers) forward(ctx context.Context, node string, q changeRequest) (reply changeReply, err error) {
	err = p.call(ctx, node, func(ctx context.Context, target *replica) (err error) {
		copied := q
		reply, err = target.lead(ctx, copied)
		return err
	})
	if err != nil {
		reply = changeReply{}
	}
	return reply, err
}

func (p *simPeers) ensure(ctx context.Context, node string, b blob) error {
	return p.call(ctx, node, func(ctx context.Context, target *replica) error {
		return target.blobs.fetch(ctx, b.version(), target.sources(b.From), target.peers)
	})
}

// fetch returns a blob, which is damaged on the way once in a while.
func (p *simPeers) fetch(ctx context.Context, node string, v registry.Version) (io.ReadCloser, error) {
	var content []byte
	err := p.call(ctx, node, func(_ context.Context, target *replica) (err error) {
		content, err = target.registry.Content(v)
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.node.world.chance(p.node.id+v.Sum, 20) {
		content = append(bytes.Clone(content[:len(content)-1]), '!')
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (p *simPeers) awaitServed(ctx context.Context, node string, index uint64) error {
	ctx, cancel := context.WithTimeout(ctx, membersWait)
	defer cancel()
	return p.call(ctx, node, func(ctx context.Context, target *replica) error { return target.awaitServed(ctx, index) })
}

func (p *simPeers) readIndex(ctx context.Context, node string) (index uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, shortTimeout)
	defer cancel()
	err = p.call(ctx, node, func(ctx context.Context, target *replica) (err error) {
		index, err = target.readIndex(ctx)
		return err
	})
	return index, err
}
