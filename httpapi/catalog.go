package httpapi

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// catalog combines the deployed endpoints with the state of their loading and their use.
type catalog struct {
	Models
	runner Runner

	// changeMu is held while a change is stored and published. No call may wait for a cell while it
	// holds changeMu: scripts change endpoints too, and they occupy the cells that others wait for.
	changeMu sync.Mutex

	mu      sync.Mutex         // guards records and their content
	records map[string]*record // by model name
}

// record is the state of one version of a model, as far as it is not stored.
type record struct {
	version   int
	loaded    bool
	lastError string // why the version is not loaded; "" before the first attempt
	permanent bool   // another attempt would fail as well
	info      runtime.ModelInfo
	calls     callStats
}

// The states of an endpoint, in TabPy's words.
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

// model returns the current version of e in the form that the runner takes.
func (c *catalog) model(e registry.Endpoint) runtime.Model {
	v := e.Current()
	return runtime.Model{
		Name: e.Name, Version: v.Number, Kind: runtime.ModelKind(v.Kind), Function: v.Function, Requires: v.Requires, Digest: v.Digest(),
		Content: func(context.Context) ([]byte, error) { return c.Content(v) },
	}
}

// newModel returns a deployment that is not stored yet, in the form that the runner takes.
func newModel(deployment registry.Deployment, version int) runtime.Model {
	return runtime.Model{
		Name: deployment.Name, Version: version, Kind: runtime.ModelKind(deployment.Code.Kind), Function: deployment.Code.Function, Requires: deployment.Code.Requires, Digest: deployment.Code.Digest(),
		Content: func(context.Context) ([]byte, error) { return deployment.Code.Content, nil },
	}
}

// unloadableError reports that a model was not deployed because it does not load.
type unloadableError struct{ cause error }

func (e *unloadableError) Error() string { return e.cause.Error() }
func (e *unloadableError) Unwrap() error { return e.cause }

// deploy loads a model, stores it, and makes it available, in this order. Until then, queries use
// the previous version. If the model does not load, the result depends on strict: either nothing is
// changed, or, as in TabPy, the model is stored all the same and its status shows the error.
func (c *catalog) deploy(ctx context.Context, deployment registry.Deployment, strict bool) (e registry.Endpoint, created bool, err error) {
	old, exists := c.Get(deployment.Name)
	switch {
	case c.runner == nil:
		return e, false, errDeployUnavailable
	case exists && !deployment.Replace:
		return e, false, registry.ErrExists
	case deployment.Target != "":
		return c.store(ctx, deployment, runtime.ModelInfo{}, nil)
	}
	info, loadErr := c.load(ctx, newModel(deployment, old.Version+1))
	switch {
	case loadErr != nil && !isModelFault(loadErr):
		return e, false, loadErr
	case loadErr != nil && strict:
		return e, false, &unloadableError{loadErr}
	}
	if deployment.Docstring == "" {
		deployment.Docstring = cmp.Or(info.Docstring, registry.NoDocstring)
	}
	if e, created, err = c.store(ctx, deployment, info, loadErr); err != nil {
		c.forgetUnused(deployment.Code.Digest())
	}
	return e, created, err
}

// store stores a deployment and publishes it. loadErr is the error of loading it.
func (c *catalog) store(ctx context.Context, deployment registry.Deployment, info runtime.ModelInfo, loadErr error) (registry.Endpoint, bool, error) {
	c.changeMu.Lock()
	defer c.changeMu.Unlock()
	old, exists := c.Get(deployment.Name)
	e, err := c.Models.Deploy(deployment)
	if err != nil {
		return e, false, err
	}
	if e.Type == registry.TypeModel {
		c.recordLoad(e, info, loadErr)
	}
	c.forgetReplaced(old)
	logChange(ctx, "deployed", e, deployment.Author)
	return e, !exists, nil
}

// logChange logs a change of an endpoint and its author. The line has the call ID, with which the
// client address can be found.
func logChange(ctx context.Context, verb string, e registry.Endpoint, author string) {
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
	line.Msg("an endpoint was " + verb)
}

// load loads a model and logs the traceback of a failure at debug level.
func (c *catalog) load(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	info, err := c.runner.LoadModel(ctx, m)
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		zerolog.Ctx(ctx).Debug().Str("traceback", truncateLogged(fault.Traceback)).Str("model", m.Name).Msg("model error")
	}
	return info, err
}

// isModelFault reports whether the model itself is the reason of a failed load, and not the state
// of the server.
func isModelFault(err error) bool {
	_, fault := errors.AsType[*runtime.ModelError](err)
	return fault || errors.Is(err, runtime.ErrTimeout) || errors.Is(err, runtime.ErrMemory) || errors.Is(err, runtime.ErrOutput) || errors.Is(err, runtime.ErrCrash)
}

// recordLoad records the result of loading e, unless the endpoint has changed in the meantime.
func (c *catalog) recordLoad(e registry.Endpoint, info runtime.ModelInfo, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isCurrent(e) {
		return
	}
	rec := c.record(e)
	if err != nil {
		rec.setFailed(err)
		return
	}
	rec.loaded, rec.lastError, rec.permanent, rec.info = true, "", false, info
}

// isCurrent reports whether e is still the current version of its endpoint.
func (c *catalog) isCurrent(e registry.Endpoint) bool {
	current, ok := c.Get(e.Name)
	return ok && current.Version == e.Version && current.Current().Digest() == e.Current().Digest()
}

// setFailed records that loading failed with err.
func (r *record) setFailed(err error) {
	r.loaded, r.lastError = false, loadErrorText(err)
	_, r.permanent = errors.AsType[*runtime.ModelError](err)
}

// loadErrorText returns the text of err in TabPy's /status.
func loadErrorText(err error) string {
	text := err.Error()
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		text = fault.Text
	}
	return truncate("Load failed: " + text)
}

// record returns the record of the current version of e, and creates it if necessary. The caller
// holds c.mu.
func (c *catalog) record(e registry.Endpoint) *record {
	rec := c.records[e.Name]
	if rec == nil || rec.version != e.Version {
		rec = &record{version: e.Version}
		c.records[e.Name] = rec
	}
	return rec
}

// snapshot returns a copy of the record of the current version of e.
func (c *catalog) snapshot(e registry.Endpoint) record {
	c.mu.Lock()
	defer c.mu.Unlock()
	if rec := c.records[e.Name]; rec != nil && rec.version == e.Version {
		return *rec
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

// forgetReplaced releases the record and the template of the previous version of a changed
// endpoint.
func (c *catalog) forgetReplaced(old registry.Endpoint) {
	if current, ok := c.Get(old.Name); !ok || current.Type == registry.TypeAlias {
		c.mu.Lock()
		delete(c.records, old.Name)
		c.mu.Unlock()
	}
	if len(old.Versions) > 0 {
		c.forgetUnused(old.Current().Digest())
	}
}

// forgetUnused drops the template of a model unless an endpoint uses it.
func (c *catalog) forgetUnused(digest string) {
	used := slices.ContainsFunc(c.List(), func(e registry.Endpoint) bool { return len(e.Versions) > 0 && e.Current().Digest() == digest })
	if !used {
		c.runner.ForgetModel(digest)
	}
}

// loadRetryDelay is the time between attempts to load a model at the start, while all cells are
// busy.
const loadRetryDelay = 200 * time.Millisecond

// LoadModels loads all deployed models, one after the other, so that /status shows their state and
// the first queries do not have to wait. It returns when all are loaded or ctx is done.
func (a *API) LoadModels(ctx context.Context) {
	for _, e := range a.models.List() {
		if e.Type == registry.TypeModel && a.models.loadStored(ctx, e.Name) != nil {
			return
		}
	}
}

// loadStored loads a deployed model, unless a load has been attempted before. It returns an error
// only if ctx is done.
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
