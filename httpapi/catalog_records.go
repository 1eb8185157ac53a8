package httpapi

import (
	"errors"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// record holds the state of one version of a model that the registry does not store.
type record struct {
	version   int
	loaded    bool
	lastError string // why the version is not loaded; "" before the first attempt
	permanent bool   // another attempt would fail as well
	// faultClass and faultLine are those of the exception in the code that lastError reports.
	faultClass string
	faultLine  int
	info       runtime.ModelInfo
	calls      callStats
}

// The states of an endpoint, in TabPy's words.
const (
	loadSuccessful = "LoadSuccessful"
	loadInProgress = "LoadInProgress"
	loadFailed     = "LoadFailed"
)

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
	r.loaded, r.lastError, r.faultClass, r.faultLine = false, loadErrorText(err), "", 0
	fault, permanent := errors.AsType[*runtime.ModelError](err)
	if r.permanent = permanent; permanent {
		r.faultClass, r.faultLine = fault.Class, fault.Line
	}
}

// maxLoadError limits the text of a load error, in bytes, because /status has those of all
// endpoints.
const maxLoadError = 4 << 10

// loadErrorText returns the text that /status shows for err, in TabPy's words.
func loadErrorText(err error) string {
	text := err.Error()
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		text = fault.Text
	}
	return truncateTo(maxLoadError, "Load failed: "+text)
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

// recordCall records a call of e, unless the endpoint has changed in the meantime. If run, the time
// inside the cell, is unknown, it counts the whole time.
func (c *catalog) recordCall(e registry.Endpoint, run, total time.Duration, err error) {
	if errors.Is(err, runtime.ErrBusy) || errors.Is(err, runtime.ErrPreparing) || errors.Is(err, runtime.ErrClosed) {
		return // the model was not called
	}
	if run == 0 {
		run = total
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isCurrent(e) {
		return
	}
	rec := c.record(e)
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		rec.setFailed(fault)
	} else if script, ok := errors.AsType[*runtime.ScriptError](err); err == nil || ok && script.Kind == runtime.KindQuery {
		rec.loaded, rec.lastError, rec.permanent = true, "", false // the query has loaded the model if it was not loaded before
	}
	rec.calls.add(run, err != nil, time.Now())
}
