package httpapi

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"tabcell/httpapi/console"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// consoleEndpoints implements console.Endpoints.
type consoleEndpoints struct{ api *API }

// List implements console.Endpoints.
func (c consoleEndpoints) List(search string, limit int) (list []console.Endpoint, total int) {
	search = strings.ToLower(search)
	for _, e := range c.api.models.List() {
		if !strings.Contains(strings.ToLower(e.Name), search) && !strings.Contains(strings.ToLower(e.Description), search) {
			continue
		}
		if total++; len(list) < limit {
			list = append(list, c.api.consoleEndpoint(e))
		}
	}
	return list, total
}

// consoleEndpoint describes an endpoint. The state and the calls of an alias are those of its model.
func (a *API) consoleEndpoint(e registry.Endpoint) console.Endpoint {
	rec := a.resolvedRecord(e)
	out := console.Endpoint{
		Name: e.Name, State: rec.state(), Version: e.Version, Type: e.Type, Target: e.Target, Description: e.Description,
		Calls: rec.calls.calls, Errors: rec.calls.failures, Error: rec.lastError,
	}
	p50, p99 := rec.calls.percentiles()
	out.P50, out.P99 = milliseconds(p50), milliseconds(p99)
	if last := rec.calls.last; !last.IsZero() {
		last = last.UTC().Truncate(time.Millisecond)
		out.LastUsed = &last
	}
	return out
}

// resolvedRecord returns the record of an endpoint's model.
func (a *API) resolvedRecord(e registry.Endpoint) record {
	model, err := a.models.Resolve(e.Name)
	rec := a.models.snapshot(model)
	if err != nil {
		rec.setFailed(err)
	}
	return rec
}

// Get implements console.Endpoints.
func (c consoleEndpoints) Get(name string, at console.URL, withSource bool) (console.EndpointDetail, bool) {
	e, ok := c.api.models.Get(name)
	if !ok {
		return console.EndpointDetail{}, false
	}
	u, types := c.api.usageOf(e, publicURL{scheme: at.Scheme, host: at.Host, prefix: at.Prefix})
	out := console.EndpointDetail{
		Endpoint: c.api.consoleEndpoint(e), Usage: console.Usage{Formula: u.Tableau.Script, ModelExtension: u.Tableau.Model, Curl: u.Curl},
		Docstring: e.Docstring, Signature: u.Signature, Parameters: []console.Parameter{}, Schema: e.Schema, Versions: []console.Version{}, Grants: []console.Grant{},
		LoadError: c.api.loadError(e), Advice: u.Advice,
	}
	if out.Schema == nil {
		out.Schema = json.RawMessage("null")
	}
	for i, p := range u.Parameters {
		out.Parameters = append(out.Parameters, console.Parameter{Name: p.Name, Type: string(types[i]), Kind: p.Kind, Default: p.Default})
	}
	for _, g := range u.Grants {
		out.Grants = append(out.Grants, console.Grant(g))
	}
	for i, v := range e.Versions {
		out.Versions = append(out.Versions, newConsoleVersion(v, i == 0))
	}
	if withSource {
		out.Source = c.api.sourceOf(e)
	}
	return out, true
}

func newConsoleVersion(v registry.Version, current bool) console.Version {
	return console.Version{
		Number: v.Number, Kind: string(v.Kind), Created: time.Unix(v.Deployed, 0).UTC(), Author: v.Author, Size: v.Size, SHA256: v.Sum, CopyOf: v.CopyOf,
		Current: current,
	}
}

// loadError returns the error with which the model of an endpoint does not load, or nil.
func (a *API) loadError(e registry.Endpoint) *console.LoadError {
	rec := a.resolvedRecord(e)
	if rec.loaded || rec.lastError == "" {
		return nil
	}
	in := "server"
	if rec.faultClass != "" {
		in = "script"
	}
	return &console.LoadError{Class: rec.faultClass, Message: strings.TrimPrefix(rec.lastError, "Load failed: "), Line: rec.faultLine, In: in}
}

// maxShownSource is the size of a source that the console shows, in bytes. A larger one is in a
// download.
const maxShownSource = 1 << 20

// sourceOf returns the source of an endpoint that was deployed as source, or "".
func (a *API) sourceOf(e registry.Endpoint) string {
	v := e.Current()
	if v.Kind != registry.Source || v.Size > maxShownSource {
		return ""
	}
	content, err := a.models.Content(v)
	if err != nil {
		return "" // the load error tells about it
	}
	return string(content)
}

// newLoadError describes an exception with which a model was not deployed. Its traceback has lines of
// the source, but no data.
func newLoadError(err error) console.LoadError {
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		return console.LoadError{Class: fault.Class, Message: truncateTo(maxLoadError, fault.Text), Line: fault.Line, In: "script", Traceback: truncateTo(maxLoadError, fault.Traceback)}
	}
	return console.LoadError{Message: truncateTo(maxLoadError, err.Error()), In: "server"}
}
