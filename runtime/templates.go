package runtime

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"tabcell/runtime/internal/linmem"
)

// maxTemplateMappings is the maximum number of memory mappings of all models and their slots.
const maxTemplateMappings = 32 << 10

// templateCache holds the loaded models, and sets of imported modules, which it treats in the same
// way. When they exceed the memory budget or the number of mappings, the slots of the least
// recently used are freed, and then the least recently used are dropped. Engines that share a queue
// share one cache.
type templateCache struct {
	budget  uint64 // bytes
	maxMaps int    // memory mappings

	mu    sync.Mutex
	all   map[templateKey]*loadedModel // guarded by mu; loaded models and those being built
	clock uint64                       // guarded by mu; counts uses
	maps  int                          // guarded by mu; memory mappings of all models and their slots
	stats TemplateStats                // guarded by mu; without Count and Imports
}

func newTemplateCache(budget uint64) *templateCache {
	maxMaps := min(maxTemplateMappings, MappingLimit()/2)
	return &templateCache{budget: budget, maxMaps: maxMaps, all: map[templateKey]*loadedModel{}}
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
	if l.sharesFault() {
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
		if mustBuild || l.sharesFault() {
			return nil, l.err
		}
	}
}

// sharesFault reports whether the build failed and would fail for other calls, too.
func (l *loadedModel) sharesFault() bool {
	return l.err != nil && isModelFault(l.err) && !l.narrowed
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

// release ends a use of the model. It frees the slots and the models that exceed the limits, and
// this one if it has been dropped and this was its last use.
func (t *templateCache) release(l *loadedModel) {
	t.mu.Lock()
	l.users--
	if !l.dropped {
		t.updateSize(l)
	}
	free := t.evict()
	if l.dropped && l.users == 0 {
		free = append(free, l.close)
	}
	t.mu.Unlock()
	freeAll(free)
}

// freeAll frees what the cache has removed. Memory that cannot be unmapped is lost, without other
// consequences.
func freeAll(free []func() error) {
	for _, f := range free {
		_ = f()
	}
}

// discard ends a use of a model whose files have changed, so that the next call builds it.
func (t *templateCache) discard(l *loadedModel) {
	t.mu.Lock()
	if !l.dropped {
		t.drop(l)
	}
	t.mu.Unlock()
	t.release(l)
}

// updateSize updates the recorded size of a model, because a call may have changed the memory that
// its idle slots retain. It is called with mu held.
func (t *templateCache) updateSize(l *loadedModel) {
	if !l.isReady() {
		return // the call did not wait for the build
	}
	t.forgetSize(l)
	image := l.template.Image()
	l.slots = l.workers.Size()
	l.bytes = image.OwnBytes() + l.workers.Retained()
	l.maps = 1 + l.slots*image.SlotMappings()
	t.stats.Bytes += l.bytes
	t.maps += l.maps
}

// forgetSize subtracts the recorded size of a model from the sums. It is called with mu held.
func (t *templateCache) forgetSize(l *loadedModel) {
	t.stats.Bytes -= l.bytes
	t.maps -= l.maps
}

// evict frees the slots of the least recently used models, and then drops models, until the others
// are within the limits. It drops sets of modules until there are at most maxImportImages of them.
// Models in use and the last used one stay. The caller must call the functions that it returns
// without mu. It is called with mu held.
func (t *templateCache) evict() (free []func() error) {
	for {
		tooLarge := t.stats.Bytes > t.budget || t.maps > t.maxMaps
		manyImports := t.countImports() > maxImportImages
		if !tooLarge && !manyImports {
			return free
		}
		if l := t.oldestIdle(func(l *loadedModel) bool { return l.slots > 0 }); tooLarge && l != nil {
			free = append(free, t.freeSlots(l))
			continue
		}
		oldest := t.oldestIdle(func(l *loadedModel) bool { return l.key.imports || !manyImports })
		if oldest == nil {
			return free
		}
		free = append(free, t.dropIdle(oldest))
	}
}

// freeSlots removes the slots of a model that is not in use. It is called with mu held.
func (t *templateCache) freeSlots(l *loadedModel) (free func() error) {
	free = l.workers.Trim()
	t.updateSize(l)
	return free
}

// dropIdle drops a model that is not in use. It is called with mu held.
func (t *templateCache) dropIdle(l *loadedModel) (free func() error) {
	t.drop(l)
	if !l.key.imports {
		t.stats.Drops++
	}
	return l.close
}

// shrink frees the slots of all models that are not in use or, if they have none, half of these
// models, the least recently used first. It reports whether it has freed anything.
func (t *templateCache) shrink() bool {
	t.mu.Lock()
	var idle []*loadedModel
	var free []func() error
	for _, l := range t.all {
		if l.users > 0 {
			continue
		}
		idle = append(idle, l)
		if l.slots > 0 {
			free = append(free, t.freeSlots(l))
		}
	}
	if len(free) == 0 {
		slices.SortFunc(idle, func(a, b *loadedModel) int { return cmp.Compare(a.lastUse, b.lastUse) })
		for _, l := range idle[:(len(idle)+1)/2] {
			free = append(free, t.dropIdle(l))
		}
	}
	t.mu.Unlock()
	freeAll(free)
	return len(free) > 0
}

// oldestIdle returns the least recently used model that matches and is neither in use nor the last
// used one, or nil. It is called with mu held.
func (t *templateCache) oldestIdle(match func(*loadedModel) bool) (oldest *loadedModel) {
	for _, l := range t.all {
		if l.users == 0 && l.lastUse != t.clock && match(l) && (oldest == nil || l.lastUse < oldest.lastUse) {
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
	t.forgetSize(l)
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
	s.Mappings = linmem.Mappings()
	return s
}
