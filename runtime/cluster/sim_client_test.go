package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"tabcell/runtime/registry"
)

// client makes changes and reads on any nodes.
func (r *simRun) client(ctx context.Context, id int) {
	key := fmt.Sprint("client", id)
	for pause(ctx, time.Duration(50+r.number(key, 700))*time.Millisecond+time.Duration(id)*time.Microsecond) {
		in := simInput{name: simNames[r.number(key+"name", len(simNames))], replace: !r.chance(key+"replace", 5)}
		switch r.number(key+"kind", 12) {
		case 0, 1, 2, 3:
			in.kind = deployChange
		case 4, 5:
			in.kind = rollbackChange
		case 6:
			in.kind = removeChange
		case 7, 8:
			in.kind, in.text = metadataChange, fmt.Sprint(id, time.Now().UnixNano())
		default:
			in.kind = readOperation
		}
		r.operate(id, r.nodes[r.number(key+"node", len(r.nodes))], in)
	}
}

// operate performs an operation on a node and adds it to the history.
func (r *simRun) operate(client int, n *simNode, in simInput) {
	r.simWorld.mu.Lock()
	up, p, life := n.up, n.replica, n.ctx
	group := n.group
	if up {
		group.Add(1)
	}
	r.simWorld.mu.Unlock()
	if !up {
		return
	}
	call := time.Now()
	out, err := r.perform(life, p, &in)
	finished := time.Now()
	group.Done()
	r.mu.Lock()
	defer r.mu.Unlock()
	operation := porcupine.Operation{ClientId: client, Input: in, Call: call.UnixNano(), Output: out, Return: finished.UnixNano()}
	r.figures.operations++
	switch {
	case err == nil:
	case in.kind == readOperation || harmless(err):
		r.figures.unavailable++
		return // it changed nothing and shows nothing
	case errors.Is(err, ErrUnclear) || life.Err() != nil:
		r.figures.unknown++
		operation.Output, operation.Return = simOutput{unknown: true}, math.MaxInt64
	default:
		r.violation("%+v: unexpected error: %v", in, err)
		return
	}
	r.history = append(r.history, operation)
}

// harmless reports whether a change that failed with err surely was not made.
func harmless(err error) bool {
	if errors.Is(err, ErrUnclear) {
		return false
	}
	_, unavailable := errors.AsType[*UnavailableError](err)
	_, storage := errors.AsType[*registry.StorageError](err)
	return unavailable || storage || errors.Is(err, ErrNoMajority) || errors.Is(err, registry.ErrDamaged) || strings.Contains(err.Error(), "could not write")
}

// perform performs an operation. The output has the reason of a refusal, which is no error.
func (r *simRun) perform(ctx context.Context, p *replica, in *simInput) (out simOutput, err error) {
	s := (&Node{replica: p}).As(ctx, Caller{User: "ann", Roles: []string{deployRole}})
	var e registry.Endpoint
	switch in.kind {
	case readOperation:
		return read(ctx, p, in.name)
	case deployChange:
		r.mu.Lock()
		r.nextSum++
		code := registry.Code{Kind: registry.Source, Function: "f", Content: fmt.Appendf(nil, "def f(): return %d", r.nextSum)}
		r.mu.Unlock()
		in.sum = sumOf(code.Content)
		e, err = s.Deploy(registry.Deployment{Name: in.name, Code: code, Replace: in.replace})
	case metadataChange:
		e, err = s.UpdateMetadata(in.name, func(m *registry.Metadata) { m.Description = in.text })
	case rollbackChange:
		e, err = s.Rollback(in.name, 0, "ann")
	case removeChange:
		err = s.Remove(in.name)
	}
	for text, refusal := range map[string]error{"exists": registry.ErrExists, "not_found": registry.ErrNotFound, "invalid": registry.ErrInvalid} {
		if errors.Is(err, refusal) {
			return simOutput{refused: text}, nil
		}
	}
	return simOutput{version: e.Version, sum: e.Current().Sum}, err
}

func sumOf(content []byte) string { return secretDigest(string(content)) }

// read reads an endpoint from the folder of a node that has caught up, as a change does that depends
// on the present state.
func read(ctx context.Context, p *replica, name string) (simOutput, error) {
	err := p.catchUp(ctx)
	e, _ := p.registry.Get(name)
	return simOutput{version: e.Version, sum: e.Current().Sum, text: e.Description}, err
}
