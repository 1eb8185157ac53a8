package runtime

import (
	"context"
	"errors"
	"sync"
)

// maxIdleSlots is the number of slots that all loaded models together may have when no call uses
// them. Each slot has over a hundred mappings on Linux, where a process may have 65530.
const maxIdleSlots = 300

// templateCache holds the loaded models, and sets of imported modules, which it treats in the same
// way. When they exceed the memory budget, the least recently used are dropped. Engines that share a
// queue share one cache.
type templateCache struct {
	budget uint64 // bytes

	mu    sync.Mutex
	all   map[templateKey]*loadedModel // guarded by mu; loaded models and those being built
	clock uint64                       // guarded by mu; counts uses
	slots int                          // guarded by mu; of all models
	stats TemplateStats                // guarded by mu; without Count and Imports
}

func newTemplateCache(budget uint64) *templateCache {
	return &templateCache{budget: budget, all: map[templateKey]*loadedModel{}}
}

// waitForBuild waits while another call builds the model. It returns the error of that build if
// another build would fail too, or ctx's cause. It returns nil if no call builds the model.
func (t *templateCache) waitForBuild(ctx context.Context, key templateKey) error {
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
	if l.err != nil && isModelFault(l.err) {
		return l.err
	}
	return nil
}

// acquire returns a model, which is built by build if it is not loaded; concurrent callers build it
// once. The caller must call release in the end. An error that concerns only the caller that built
// the model, as when it was canceled, is not shared with the others.
//
// Each caller must have a permit. Otherwise the caller that builds could wait for a permit behind
// those that wait for the model.
func (t *templateCache) acquire(ctx context.Context, key templateKey, build func(*loadedModel) error) (*loadedModel, error) {
	for {
		l, mustBuild := t.claim(key)
		if mustBuild {
			l.err = build(l)
			t.finishBuild(l)
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
		if mustBuild || isModelFault(l.err) {
			return nil, l.err
		}
	}
}

// isModelFault reports whether the model itself made the build fail, so that another build would
// fail too.
func isModelFault(err error) bool {
	if _, ok := errors.AsType[*ModelError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*searchError](err); ok {
		return true
	}
	for _, fault := range []error{ErrTimeout, ErrMemory, ErrCrash, ErrNoModels} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

// claim adds a use of the model. mustBuild is set if the model is new.
func (t *templateCache) claim(key templateKey) (l *loadedModel, mustBuild bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l = t.all[key]; l == nil {
		l, mustBuild = &loadedModel{key: key, ready: make(chan struct{})}, true
		t.all[key] = l
		if !key.imports {
			t.stats.Builds++
		}
	}
	t.clock++
	l.lastUse = t.clock
	l.users++
	return l, mustBuild
}

// finishBuild removes the model if its build failed, so that the next call tries again.
func (t *templateCache) finishBuild(l *loadedModel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.err != nil {
		if t.all[l.key] == l {
			delete(t.all, l.key)
		}
		l.dropped = true
	}
}

// release ends a use of the model. It closes the models that exceed the budget, and this one if it
// has been dropped and this was its last use.
func (t *templateCache) release(l *loadedModel) {
	t.mu.Lock()
	l.users--
	if !l.dropped {
		t.updateSize(l)
	}
	victims := t.evict()
	if l.dropped && l.users == 0 {
		victims = append(victims, l)
	}
	t.mu.Unlock()
	for _, v := range victims {
		_ = v.close() // memory that cannot be unmapped is lost, without other consequences
	}
}

// updateSize updates the recorded size of a model, because a call may have changed the memory that
// its idle slots retain. It is called with mu held.
func (t *templateCache) updateSize(l *loadedModel) {
	if !l.isReady() {
		return // the call did not wait for the build
	}
	bytes := l.template.Image().OwnBytes() + l.workers.Retained()
	t.stats.Bytes += bytes - l.bytes
	l.bytes = bytes
	slots := l.workers.Size()
	t.slots += slots - l.slots
	l.slots = slots
}

// evict drops the least recently used models until the others fit into the budget, and sets of
// modules until there are at most maxImportImages of them. It returns those that it dropped. Models
// in use and the last used one stay. It is called with mu held.
func (t *templateCache) evict() (victims []*loadedModel) {
	for {
		manyImports := t.countImports() > maxImportImages
		if !manyImports && t.stats.Bytes <= t.budget && t.slots <= maxIdleSlots {
			return victims
		}
		oldest := t.oldestIdle(manyImports)
		if oldest == nil {
			return victims
		}
		t.drop(oldest)
		if !oldest.key.imports {
			t.stats.Drops++
		}
		victims = append(victims, oldest)
	}
}

// oldestIdle returns the least recently used model that is neither in use nor the last used one, or
// nil. With onlyImports it looks only for a set of modules. It is called with mu held.
func (t *templateCache) oldestIdle(onlyImports bool) (oldest *loadedModel) {
	for key, l := range t.all {
		idle := l.users == 0 && l.lastUse != t.clock && (key.imports || !onlyImports)
		if idle && (oldest == nil || l.lastUse < oldest.lastUse) {
			oldest = l
		}
	}
	return oldest
}

// countImports returns the number of sets of modules. It is called with mu held.
func (t *templateCache) countImports() (n int) {
	for key := range t.all {
		if key.imports {
			n++
		}
	}
	return n
}

// drop removes a model. It is called with mu held.
func (t *templateCache) drop(l *loadedModel) {
	delete(t.all, l.key)
	t.stats.Bytes -= l.bytes
	t.slots -= l.slots
	l.dropped = true
}

// forget drops the models whose keys match. Those in use are closed when their last call ends.
func (t *templateCache) forget(match func(templateKey) bool) error {
	t.mu.Lock()
	var victims []*loadedModel
	for key, l := range t.all {
		if !match(key) {
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

func (t *templateCache) currentStats() TemplateStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.Imports = t.countImports()
	s.Count = len(t.all) - s.Imports
	return s
}
