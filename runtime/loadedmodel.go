package runtime

import (
	"context"
	"encoding/json"
	"errors"

	"tabcell/runtime/internal/hostfs"
	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"
)

// templateKey identifies a loaded model, or a set of imported modules. It has everything that the
// load is given: the engine with its limits, the head and the code.
type templateKey struct {
	engine  *Engine
	digest  string // Model.Digest, which stands for the code; "" for imported modules
	head    string
	imports bool   // a set of imported modules, not a model
	folders string // that the model may read while it is loaded
}

// headLine returns the first line of the input of a guest that loads a model or imports modules.
// Equal values have equal lines.
func headLine(head map[string]any) string {
	line, _ := json.Marshal(head) // strings always marshal, and the keys are sorted
	return string(line)
}

// head returns everything but the code that a guest gets when it loads the model.
func (m Model) head() string {
	return headLine(map[string]any{
		"kind": m.Kind, "name": m.Name, "function": m.Function, "requires": append([]string{}, m.Requires...),
	})
}

// key returns the key of a model.
func (e *Engine) key(m Model) templateKey {
	return templateKey{engine: e, digest: m.Digest, head: m.head(), folders: folderKey(m.Grants)}
}

// loadedModel is the captured memory of an interpreter that has loaded a model, or imported modules
// for scripts, and the slots over it.
type loadedModel struct {
	key      templateKey
	ready    chan struct{} // closed once the next six fields are set
	err      error
	narrowed bool // the call that built it had less memory than others, so they may build it again
	info     ModelInfo
	files    *hostfs.State // of the granted folders, as far as the load has used them; nil if it has none
	template *snapshot.Template
	workers  *pool.Pool

	users   int    // guarded by templateCache.mu; calls that use the model or build it
	lastUse uint64 // guarded by templateCache.mu; value of the clock
	bytes   uint64 // guarded by templateCache.mu; of the image and of what idle slots retain
	slots   int    // guarded by templateCache.mu; all of them are idle if users is 0
	maps    int    // guarded by templateCache.mu; memory mappings of the image and the slots
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
