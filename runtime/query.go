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

// A deployed model is loaded once, in a cell like any other: deadline, memory cap and all. What that leaves in memory is captured, over the
// interpreter's own image, and each query is a fresh instance of it. So a query costs what a trivial script costs besides the model's own work,
// and nothing of one query is seen by the next.

// ErrNoModels: the guest is older than deployed models.
var ErrNoModels = errors.New("the Python guest of this build cannot run deployed models")

const (
	mostTold = 1 << 20 // bytes of what a model says about itself
	// warmUpQuery is the query with which the guest warms itself up once the model is loaded; no model sees it.
	warmUpQuery = `{"data": [[1, 2.5, "x"]]}`
)

// LoadModel loads a model, unless it is there already, so that queries find it. Errors: *ModelError for what its code is to blame for; an error of
// its Content; ErrNoModels; and those of Evaluate.
func (e *Engine) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	info, _, err := e.loadModel(ctx, m)
	return info, err
}

func (e *Engine) loadModel(ctx context.Context, m Model) (ModelInfo, []string, error) {
	t := e.newTurn(ctx, Limits{})
	defer t.end()
	l, err := t.model(m)
	if err != nil {
		return ModelInfo{}, nil, err
	}
	defer t.release()
	defer e.models.release(l)
	return l.info, l.missing, nil
}

// QueryModel answers one query in a cell of its own; the model is loaded first if it is not there. Result.Body is the model's result as JSON, with
// Python's literals for what is no finite number. Errors: *ScriptError with KindQueryBody or KindQuery; those of LoadModel and Evaluate.
func (e *Engine) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	t := e.newTurn(ctx, c.Limits)
	defer t.end()
	l, err := t.model(m)
	if err != nil {
		return Result{}, err
	}
	return t.run(c, l.template, l.workers, func() {
		e.models.release(l)
		t.release()
	})
}

// ForgetModel drops what was loaded of a model; running calls finish. An unknown digest is no error.
func (e *Engine) ForgetModel(digest string) {
	_ = e.models.forget(func(k templateKey) bool { return k.digest == digest })
}

// TemplateStats tells of loaded models, also of those of engines beside this one.
func (e *Engine) TemplateStats() TemplateStats { return e.models.now() }

func (e *Engine) key(m Model) templateKey {
	key := templateKey{engine: e, digest: m.Digest}
	if m.Kind == ModelSource && m.Function == "" {
		key.name = m.Name
	}
	return key
}

// model gets the turn its place and the model. Whoever has no place yet waits without one while another call builds.
func (t *turn) model(m Model) (*loadedModel, error) {
	key := t.engine.key(m)
	if err := t.engine.models.wait(t.ctx, key); err != nil {
		if t.ctx.Err() != nil {
			err = t.engine.stopped(err)
		}
		return nil, err
	}
	if err := t.wait(); err != nil {
		return nil, err
	}
	l, err := t.engine.models.take(t.ctx, key, func(l *loadedModel) error { return t.engine.build(t.ctx, m, l) })
	if err != nil {
		t.release()
	}
	return l, err
}

// build loads the model in a fresh cell and captures that.
func (e *Engine) build(ctx context.Context, m Model, l *loadedModel) error {
	code, err := m.Content(ctx)
	if err != nil {
		return fmt.Errorf("the code of the model cannot be read: %w", err)
	}
	cell, err := e.template.NewCell(ctx, e.limits.Memory)
	if err != nil {
		return fmt.Errorf("%w: no memory slot: %w", ErrCrash, err)
	}
	defer func() { _ = cell.Close() }() // what was captured needs nothing of it
	e.counts.instances.Add(1)
	c := e.loadCall(ctx, m, code)
	err = cell.Load(withCall(ctx, c))
	if errors.Is(err, snapshot.ErrUnsupported) {
		return ErrNoModels
	}
	if err := e.explain(c, cell, err); err != nil {
		return err
	}
	if err := c.told(l); err != nil {
		return err
	}
	l.template, err = cell.Capture(e.models.budget)
	if errors.Is(err, snapshot.ErrTooLarge) {
		return &ModelError{Class: "MemoryError", Text: fmt.Sprintf("the loaded model takes more memory than all models together may (%d MB)", e.models.budget>>20)}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCrash, err)
	}
	l.workers = pool.New(l.template, e.limits.Memory)
	return nil
}

// loadCall is the host's side of a load: it may ask for nothing, and knows nobody's request.
func (e *Engine) loadCall(ctx context.Context, m Model, code []byte) *call {
	limits := e.limits
	limits.Output = mostTold
	c := newCall(ctx, Call{Body: []byte(warmUpQuery)}, limits, e.template.Interruption())
	head, _ := json.Marshal(map[string]any{ // texts: nothing in it can fail
		"kind": m.Kind, "name": m.Name, "function": m.Function, "requires": append([]string{}, m.Requires...),
	})
	c.model = bytes.Join([][]byte{head, code}, []byte("\n"))
	return c
}

// explain turns how a load ended into its error.
func (e *Engine) explain(c *call, cell *snapshot.Cell, err error) error {
	if said := c.output.kept.Len(); said > 0 {
		zerolog.Ctx(c.ctx).Debug().Bytes("output", c.output.bytes()).Msg("a model printed while it was loaded")
	}
	switch c.memoryDenied = cell.MemoryDenied(); {
	case err == nil && c.graceEnd.IsZero():
		return nil
	case !c.graceEnd.IsZero(): // its code may have swallowed the exception
		return e.stopped(ErrTimeout)
	case !errors.Is(err, snapshot.ErrNotLoaded):
		return e.broken(c, err)
	}
	told := &ModelError{}
	if json.Unmarshal(c.reply, told) != nil || c.kind == 0 {
		e.counts.crashes.Add(1)
		return fmt.Errorf("%w: its error report cannot be read", ErrCrash)
	}
	return told
}

// told reads what the model said about itself.
func (c *call) told(l *loadedModel) error {
	var said struct {
		ModelInfo
		Missing []string `json:"missing"`
	}
	if err := json.Unmarshal(c.reply, &said); err != nil || c.kind != 0 {
		return fmt.Errorf("%w: its description cannot be read", ErrCrash)
	}
	l.info, l.missing = said.ModelInfo, said.Missing
	return nil
}
