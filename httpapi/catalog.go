package httpapi

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// catalogue joins what is deployed with what is known of its loading and use.
type catalog struct {
	Models
	runner Runner

	// changing is held while a change is stored and made known. Nobody waits for a cell meanwhile: scripts change endpoints, too, and hold
	// the cells that others wait for.
	changeMu sync.Mutex

	mu      sync.Mutex         // guards known and what is in it
	records map[string]*record // by the model's name
}

// record is what is known of a model beyond what is stored.
type record struct {
	version   int
	loaded    bool
	lastError string // why it is not; "" while nobody tried
	permanent bool   // trying again makes no sense
	info      runtime.ModelInfo
	calls     callStats
}

// The states of an endpoint, as TabPy calls them.
const (
	loadSuccessful = "LoadSuccessful"
	loadInProgress = "LoadInProgress"
	loadFailed     = "LoadFailed"
)

func newCatalog(d Deps) *catalog {
	c := &catalog{Models: d.Models, runner: d.Runner, records: map[string]*record{}}
	if c.Models == nil {
		c.Models = noModels{}
	}
	return c
}

// model is an endpoint's current version as the runner takes it.
func (c *catalog) model(e registry.Endpoint) runtime.Model {
	v := e.Current()
	return runtime.Model{
		Name: e.Name, Version: v.Number, Kind: runtime.ModelKind(v.Kind), Function: v.Function, Requires: v.Requires, Digest: v.Digest(),
		Content: func(context.Context) ([]byte, error) { return c.Content(v) },
	}
}

// candidate is a deployment that is not stored yet.
func newModel(d registry.Deployment, version int) runtime.Model {
	return runtime.Model{
		Name: d.Name, Version: version, Kind: runtime.ModelKind(d.Code.Kind), Function: d.Code.Function, Requires: d.Code.Requires, Digest: d.Code.Digest(),
		Content: func(context.Context) ([]byte, error) { return d.Code.Content, nil },
	}
}

// unloadable is a model that was not deployed since it does not load.
type unloadableError struct{ cause error }

func (e *unloadableError) Error() string { return e.cause.Error() }
func (e *unloadableError) Unwrap() error { return e.cause }

// deploy loads a model, stores it, and lets it be queried, in this order: until it is stored the version before it is. Where loading
// fails, strict leaves everything as it was; otherwise the model is stored all the same, and its status says what is wrong, as in TabPy.
func (c *catalog) deploy(ctx context.Context, d registry.Deployment, strict bool) (e registry.Endpoint, created bool, err error) {
	old, exists := c.Get(d.Name)
	switch {
	case c.runner == nil:
		return e, false, errDeployUnavailable
	case exists && !d.Replace:
		return e, false, registry.ErrExists
	case d.Target != "":
		return c.store(ctx, d, runtime.ModelInfo{}, nil)
	}
	info, failed := c.load(ctx, newModel(d, old.Version+1))
	switch {
	case failed != nil && !isModelFault(failed):
		return e, false, failed
	case failed != nil && strict:
		return e, false, &unloadableError{failed}
	}
	if d.Docstring == "" {
		d.Docstring = orText(info.Docstring, registry.NoDocstring)
	}
	if e, created, err = c.store(ctx, d, info, failed); err != nil {
		c.forgetUnused(d.Code.Digest())
	}
	return e, created, err
}

// store makes a change that needs no more preparation.
func (c *catalog) store(ctx context.Context, d registry.Deployment, info runtime.ModelInfo, failed error) (registry.Endpoint, bool, error) {
	c.changeMu.Lock()
	defer c.changeMu.Unlock()
	old, exists := c.Get(d.Name)
	e, err := c.Models.Deploy(d)
	if err != nil {
		return e, false, err
	}
	if e.Type == registry.TypeModel {
		c.recordLoad(e, info, failed)
	}
	c.forgetReplaced(old)
	logChange(ctx, "deployed", e, d.Author)
	return e, !exists, nil
}

// tellChange writes who changed which endpoint; the line has the call's id, and with it the address that it came from.
func logChange(ctx context.Context, what string, e registry.Endpoint, author string) {
	line := zerolog.Ctx(ctx).Info().Str("endpoint", e.Name).Int("version", e.Version)
	if len(e.Versions) > 0 {
		line = line.Str("sha256", e.Current().Sum)
	}
	if e.Target != "" {
		line = line.Str("target", e.Target)
	}
	if author != "" {
		line = line.Str("by", sanitize(author, maxLoggedName))
	}
	line.Msg("an endpoint was " + what)
}

func orText(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (c *catalog) load(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	info, err := c.runner.LoadModel(ctx, m)
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		zerolog.Ctx(ctx).Debug().Str("traceback", truncateLogged(fault.Traceback)).Str("model", m.Name).Msg("model error")
	}
	return info, err
}

// modelsFault tells whether a load failed by what the model is, and not by what the server was doing.
func isModelFault(err error) bool {
	_, fault := errors.AsType[*runtime.ModelError](err)
	return fault || errors.Is(err, runtime.ErrTimeout) || errors.Is(err, runtime.ErrMemory) || errors.Is(err, runtime.ErrOutput) || errors.Is(err, runtime.ErrCrash)
}

// note remembers how loading a version went, unless the endpoint has become another meanwhile.
func (c *catalog) recordLoad(e registry.Endpoint, info runtime.ModelInfo, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.current(e) {
		return
	}
	r := c.record(e)
	if err != nil {
		r.setFailed(err)
		return
	}
	r.loaded, r.lastError, r.permanent, r.info = true, "", false, info
}

// current tells whether an endpoint is what it was.
func (c *catalog) current(e registry.Endpoint) bool {
	now, ok := c.Get(e.Name)
	return ok && now.Version == e.Version && now.Current().Digest() == e.Current().Digest()
}

func (r *record) setFailed(err error) {
	r.loaded, r.lastError = false, loadErrorText(err)
	_, r.permanent = errors.AsType[*runtime.ModelError](err)
}

// loadErrorText is what TabPy's status says.
func loadErrorText(err error) string {
	text := err.Error()
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		text = fault.Text
	}
	return truncate("Load failed: " + text)
}

// record is that of an endpoint's current version; a new version begins a new one. c.mu is held.
func (c *catalog) record(e registry.Endpoint) *record {
	r := c.records[e.Name]
	if r == nil || r.version != e.Version {
		r = &record{version: e.Version}
		c.records[e.Name] = r
	}
	return r
}

// look is a copy of what is known of an endpoint's current version.
func (c *catalog) snapshot(e registry.Endpoint) record {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.records[e.Name]; r != nil && r.version == e.Version {
		return *r
	}
	return record{version: e.Version}
}

func (r record) state() string {
	switch {
	case r.loaded:
		return loadSuccessful
	case r.lastError != "":
		return loadFailed
	}
	return loadInProgress
}

// settle is called after an endpoint changed: what only its old version needed is forgotten.
func (c *catalog) forgetReplaced(old registry.Endpoint) {
	if now, ok := c.Get(old.Name); !ok || now.Type == registry.TypeAlias {
		c.mu.Lock()
		delete(c.records, old.Name)
		c.mu.Unlock()
	}
	if len(old.Versions) > 0 {
		c.forgetUnused(old.Current().Digest())
	}
}

// forget drops the template of what no endpoint is now.
func (c *catalog) forgetUnused(digest string) {
	used := slices.ContainsFunc(c.List(), func(e registry.Endpoint) bool { return len(e.Versions) > 0 && e.Current().Digest() == digest })
	if !used {
		c.runner.ForgetModel(digest)
	}
}

// retryLoad is how long loading at the start waits when all cells are busy.
const loadRetryDelay = 200 * time.Millisecond

// LoadModels loads what is deployed, one after the other, so that /status tells how it went and first queries need not wait. It returns when
// all is loaded, or with ctx.
func (a *API) LoadModels(ctx context.Context) {
	for _, e := range a.models.List() {
		if e.Type == registry.TypeModel && a.models.loadStored(ctx, e.Name) != nil {
			return
		}
	}
}

func (c *catalog) loadStored(ctx context.Context, name string) error {
	for {
		e, ok := c.Get(name)
		if !ok || e.Type != registry.TypeModel || c.snapshot(e).state() != loadInProgress {
			return nil
		}
		info, err := c.load(ctx, c.model(e))
		if !errors.Is(err, runtime.ErrBusy) {
			if err == nil || isModelFault(err) || errors.Is(err, registry.ErrDamaged) || errors.Is(err, runtime.ErrNoModels) {
				c.recordLoad(e, info, err)
			}
			return context.Cause(ctx)
		}
		select {
		case <-time.After(loadRetryDelay):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
