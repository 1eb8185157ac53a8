package runtime

import (
	"context"
	"errors"
	"sync"

	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"
)

// templateKey names a loaded model. name is the endpoint's where the choice of the function depends on it, "" otherwise.
type templateKey struct {
	engine       *Engine
	digest, name string
}

// loadedModel is an interpreter with a model in it, captured, with the slots that show it.
type loadedModel struct {
	key      templateKey
	ready    chan struct{} // closed when the next fields are set
	err      error
	info     ModelInfo
	missing  []string // modules that the model imports and the guest has not
	template *snapshot.Template
	workers  *pool.Pool

	users   int    // guarded by templates.mu; calls that need it, the one that builds it among them
	stamp   uint64 // guarded by templates.mu; when it was last used
	bytes   uint64 // guarded by templates.mu; of its image and of what its idle slots keep
	slots   int    // guarded by templates.mu
	dropped bool   // guarded by templates.mu; closed when the last user leaves
}

// TemplateStats are gauges and counters of loaded models.
type TemplateStats struct {
	Count  int    // loaded now
	Bytes  uint64 // that they take beside the interpreter's image
	Builds uint64 // loads since start
	Drops  uint64 // models dropped to stay within the budget
}

// mostSlots is how many slots all models together may have when no call needs them. Each has over a hundred mappings on Linux, where a process may
// have 65530.
const mostSlots = 300

// templates keeps loaded models within a budget. Engines beside each other share one.
type templates struct {
	budget uint64

	mu    sync.Mutex
	all   map[templateKey]*loadedModel // guarded by mu; ready ones and those being built
	clock uint64                       // guarded by mu
	slots int                          // guarded by mu; of all models
	stats TemplateStats                // guarded by mu
}

func newTemplates(budget uint64) *templates {
	return &templates{budget: budget, all: map[templateKey]*loadedModel{}}
}

// wait waits while another call builds the model, without claiming it. The error is that of a build that would end alike again, or ctx's cause.
func (t *templates) wait(ctx context.Context, key templateKey) error {
	t.mu.Lock()
	l := t.all[key]
	t.mu.Unlock()
	if l == nil {
		return nil
	}
	select {
	case <-l.ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if l.err != nil && isModels(l.err) {
		return l.err
	}
	return nil
}

// known tells whether a model is loaded.
func (t *templates) known(key templateKey) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.all[key]
	if l == nil {
		return false
	}
	select {
	case <-l.ready:
		return true
	default:
		return false
	}
}

// take lends a model, built by build when it is not there; concurrent callers build once. Every caller must hold a place: whoever builds is
// never behind, in the queue, those that wait for it. release must follow. A failure that is the caller's alone (it went away) is not shared.
func (t *templates) take(ctx context.Context, key templateKey, build func(*loadedModel) error) (*loadedModel, error) {
	for {
		l, mine := t.claim(key)
		if mine {
			l.err = build(l)
			t.settle(l)
			close(l.ready)
		}
		select {
		case <-l.ready:
		case <-ctx.Done():
			t.release(l)
			return nil, context.Cause(ctx)
		}
		if l.err == nil {
			return l, nil
		}
		t.release(l)
		if mine || isModels(l.err) {
			return nil, l.err
		}
	}
}

// isModels tells whether a failed load is the model's own doing, so that trying again would end alike.
func isModels(err error) bool {
	var told *ModelError
	return errors.As(err, &told) || errors.Is(err, ErrTimeout) || errors.Is(err, ErrMemory) || errors.Is(err, ErrCrash) || errors.Is(err, ErrNoModels)
}

func (t *templates) claim(key templateKey) (l *loadedModel, mine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l = t.all[key]; l == nil {
		l, mine = &loadedModel{key: key, ready: make(chan struct{})}, true
		t.all[key] = l
		t.stats.Builds++
	}
	t.clock++
	l.stamp = t.clock
	l.users++
	return l, mine
}

// settle notes what a build came to. A failed one is forgotten, so that the next call tries again.
func (t *templates) settle(l *loadedModel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.err != nil {
		if t.all[l.key] == l {
			delete(t.all, l.key)
		}
		l.dropped = true
	}
}

// release ends a caller's use, which may have changed what the model's idle slots keep. What is over the budget then is closed, and so is what was dropped meanwhile.
func (t *templates) release(l *loadedModel) {
	t.mu.Lock()
	l.users--
	if !l.dropped {
		t.weigh(l)
	}
	victims := t.surplus()
	if l.dropped && l.users == 0 {
		victims = append(victims, l)
	}
	t.mu.Unlock()
	for _, v := range victims {
		_ = v.close() // memory that cannot be unmapped is lost, and nothing else
	}
}

// weigh is called with mu held.
func (t *templates) weigh(l *loadedModel) {
	select {
	case <-l.ready:
	default:
		return // a caller that did not wait for the build
	}
	now := l.template.Image().OwnBytes() + l.workers.Retained()
	t.stats.Bytes += now - l.bytes
	l.bytes = now
	slots := l.workers.Size()
	t.slots += slots - l.slots
	l.slots = slots
}

// surplus takes out the least recently used models until the others fit the budget; those in use and the one used last stay. It is called with
// mu held.
func (t *templates) surplus() (victims []*loadedModel) {
	for t.stats.Bytes > t.budget || t.slots > mostSlots {
		var oldest *loadedModel
		for _, l := range t.all {
			if l.users == 0 && l.stamp != t.clock && (oldest == nil || l.stamp < oldest.stamp) {
				oldest = l
			}
		}
		if oldest == nil {
			break
		}
		t.drop(oldest)
		t.stats.Drops++
		victims = append(victims, oldest)
	}
	return victims
}

// drop is called with mu held.
func (t *templates) drop(l *loadedModel) {
	delete(t.all, l.key)
	t.stats.Bytes -= l.bytes
	t.slots -= l.slots
	l.dropped = true
}

// forget drops the models whose key is meant; those in use are closed when their last call ends.
func (t *templates) forget(meant func(templateKey) bool) error {
	t.mu.Lock()
	var victims []*loadedModel
	for key, l := range t.all {
		if !meant(key) {
			continue
		}
		t.drop(l)
		if l.users == 0 {
			victims = append(victims, l)
		}
	}
	t.mu.Unlock()
	var errs []error
	for _, l := range victims {
		errs = append(errs, l.close())
	}
	return errors.Join(errs...)
}

func (t *templates) now() TemplateStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.Count = len(t.all)
	return s
}

func (l *loadedModel) close() error {
	if l.template == nil {
		return nil
	}
	return errors.Join(l.workers.Close(), l.template.Close(context.Background()))
}
