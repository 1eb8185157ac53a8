package cluster

import (
	"context"
	"errors"

	"tabcell/runtime/registry"
)

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
