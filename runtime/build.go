package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
)

const (
	// maxDescription is the maximum size in bytes of a model's description of itself.
	maxDescription = 1 << 20
	// warmUpQuery is the query with which the guest warms itself up after it has loaded a model.
	// The model does not get it.
	warmUpQuery = `{"data": [[1, 2.5, "x"]]}`
)

// errPrinted is the error of modules that print when they are imported. In an image with them, the
// text would be missing from the later calls.
var errPrinted = errors.New("the modules print when they are imported")

// build loads a model.
func (e *Engine) build(ctx context.Context, m Model, watched []string, l *loadedModel) error {
	code, err := m.Content(ctx)
	if err != nil {
		return fmt.Errorf("the code of the model cannot be read: %w", err)
	}
	return e.load(ctx, code, loadGrants(m.Grants), watched, l)
}

// load gives a fresh cell the head in the key of l and the code of a model, and captures the memory
// of that cell. A guest gets nothing that the key does not stand for, because all calls with that
// key share the image. The state of the files that it reads is kept.
func (e *Engine) load(ctx context.Context, code []byte, grants *Grants, watched []string, l *loadedModel) error {
	limits := e.limits
	if p := permitOf(ctx); p != nil {
		limits = p.used.left(limits)
	}
	l.narrowed = limits.Memory < e.limits.Memory
	var cell *snapshot.Cell
	err := e.withRoom(func() (err error) {
		cell, err = e.template.NewCell(ctx, limits.Memory)
		return err
	})
	if err != nil {
		return fmt.Errorf("%w: no memory slot: %w", ErrCrash, err)
	}
	defer func() { _ = cell.Close() }() // the captured memory does not depend on it
	e.counts.instances.Add(1)
	c := e.newLoadCall(ctx, limits, l.key.head, code)
	c.watched = watched
	c.grants = grantState{grants: grants, record: true}
	err = cell.Load(withCall(ctx, c))
	l.files = c.endGrants()
	if errors.Is(err, snapshot.ErrUnsupported) {
		return ErrNoModels
	}
	if err := e.loadError(c, cell, err); err != nil {
		return err
	}
	if err := l.readDescription(c); err != nil {
		return err
	}
	if l.key.imports && c.output.buf.Len() > 0 {
		return errPrinted
	}
	return e.capture(cell, l)
}

// newLoadCall returns the host's side of a load. It has no services and nothing of a request.
func (e *Engine) newLoadCall(ctx context.Context, limits Limits, head string, code []byte) *call {
	limits.Output = maxDescription
	c := newCall(ctx, Call{Body: []byte(warmUpQuery)}, limits, e.template.Interruption())
	c.model = bytes.Join([][]byte{[]byte(head), code}, []byte("\n"))
	return c
}

// loadError returns the reason why a model was not loaded, or nil. err is the error of Cell.Load.
func (e *Engine) loadError(c *call, cell *snapshot.Cell, err error) error {
	if c.output.buf.Len() > 0 {
		zerolog.Ctx(c.ctx).Debug().Bytes("output", c.output.bytes()).Msg("a model printed while it was loaded")
	}
	switch c.memoryDenied = cell.MemoryDenied(); {
	case err == nil && c.graceEnd.IsZero():
		return nil
	case !c.graceEnd.IsZero(): // even if its code has caught the exception
		return c.limits.withValue(e.countTimeout(ErrTimeout))
	case !errors.Is(err, snapshot.ErrNotLoaded):
		if err = e.crashError(c, err); errors.Is(err, ErrOutput) {
			return fmt.Errorf("%w: the model's description has more than %d bytes", err, maxDescription)
		}
		return c.limits.withValue(err)
	}
	modelErr := &ModelError{}
	if json.Unmarshal(c.reply, modelErr) != nil || c.kind == 0 {
		return e.newCrash("its error report is invalid")
	}
	modelErr = modelErr.bounded()
	var limit error
	if modelErr.Text, limit = c.exceeded(modelErr.Class, modelErr.Text); limit == nil {
		modelErr.Text = e.advise(c, modelErr.Class, modelErr.Text)
	}
	return modelErr
}

// readDescription reads the description that the model gives of itself. It returns a *ModelError if
// the description is not one that a Python function can have.
func (l *loadedModel) readDescription(c *call) error {
	if err := json.Unmarshal(c.reply, &l.info); err != nil || c.kind != 0 {
		return fmt.Errorf("%w: its description is invalid", ErrCrash)
	}
	var err error
	l.info, err = l.info.bounded()
	return err
}

// capture makes a template of the cell.
func (e *Engine) capture(cell *snapshot.Cell, l *loadedModel) (err error) {
	err = e.withRoom(func() (err error) {
		l.template, err = cell.Capture(e.models.budget)
		return err
	})
	if errors.Is(err, snapshot.ErrTooLarge) {
		return &ModelError{Class: "MemoryError", Text: fmt.Sprintf(
			"the loaded model takes more memory than all models together may (%d MB, TABCELL_MODELS_TEMPLATES_MB)", e.models.budget>>20)}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCrash, err)
	}
	l.workers = pool.New(l.template, e.limits.Memory, e.queue.Permits())
	return nil
}
