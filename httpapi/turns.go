package httpapi

import (
	"context"
	"sync"
)

// turns lets those who change an endpoint do so one after the other, by name.
type turns struct {
	mu    sync.Mutex
	taken map[string]*turn // guarded by mu
}

// turn is one name's: the channel holds a value while somebody has the turn.
type turn struct {
	held chan struct{}
	here int // who has it or waits; guarded by turns.mu
}

// take waits for the turn and returns what gives it back; ctx's error when it ends first.
func (t *turns) take(ctx context.Context, name string) (func(), error) {
	mine := t.join(name)
	select {
	case mine.held <- struct{}{}:
		return func() { <-mine.held; t.leave(name) }, nil
	case <-ctx.Done():
		t.leave(name)
		return nil, context.Cause(ctx)
	}
}

func (t *turns) join(name string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken == nil {
		t.taken = map[string]*turn{}
	}
	if t.taken[name] == nil {
		t.taken[name] = &turn{held: make(chan struct{}, 1)}
	}
	t.taken[name].here++
	return t.taken[name]
}

func (t *turns) leave(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken[name].here--; t.taken[name].here == 0 {
		delete(t.taken, name)
	}
}
