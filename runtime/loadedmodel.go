package runtime

import (
	"context"
	"errors"

	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"
)

// templateKey identifies a loaded model, or a set of imported modules.
type templateKey struct {
	engine  *Engine
	digest  string
	name    string // of the endpoint if the choice of the function depends on it, "" otherwise
	imports string // the modules, separated by blanks; "" for a model
}

// key returns the key of a model.
func (e *Engine) key(m Model) templateKey {
	key := templateKey{engine: e, digest: m.Digest}
	if m.Kind == ModelSource && m.Function == "" {
		key.name = m.Name
	}
	return key
}

// loadedModel is the captured memory of an interpreter that has loaded a model, or imported modules
// for scripts, and the slots over it.
type loadedModel struct {
	key      templateKey
	ready    chan struct{} // closed once the next four fields are set
	err      error
	info     ModelInfo
	template *snapshot.Template
	workers  *pool.Pool

	users   int    // guarded by templateCache.mu; calls that use the model or build it
	lastUse uint64 // guarded by templateCache.mu; value of the clock
	bytes   uint64 // guarded by templateCache.mu; of the image and of what idle slots retain
	slots   int    // guarded by templateCache.mu
	dropped bool   // guarded by templateCache.mu; the last user closes the model
}

// isReady reports whether the build has finished.
func (l *loadedModel) isReady() bool {
	select {
	case <-l.ready:
		return true
	default:
		return false
	}
}

func (l *loadedModel) close() error {
	if l.template == nil {
		return nil
	}
	return errors.Join(l.workers.Close(), l.template.Close(context.Background()))
}
