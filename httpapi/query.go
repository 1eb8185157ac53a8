package httpapi

import (
	"bytes"
	"context"
	"crypto/md5" // for ETags only: TabPy uses MD5 here
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// query handles GET and POST /query/NAME.
func (a *API) query(req *request) (response, error) {
	name, err := a.lastSegment(req, "/query/")
	if err != nil {
		return response{}, err
	}
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	req.logScript(body)
	req.endpoint = unescape(name) // TabPy decodes the name twice
	result, err := a.queryModel(req.Request().Context(), req.endpoint, a.call(req, body))
	req.timing = result.Timing
	req.logOutput(result.Output)
	if err != nil {
		return response{}, err
	}
	req.Response().Header().Set("Etag", result.etag())
	if err := req.memory().resize(2 * int64(cap(result.Body))); err != nil { // the response is a copy of the result
		return response{}, err
	}
	return response{http.StatusOK, jsonUTF8, result.body()}, nil
}

// queryResult is the result of a query. Body contains only the JSON of the model's return value.
type queryResult struct {
	runtime.Result
	name  string // the name in the request, which may be an alias
	model registry.Endpoint
}

// body returns the response body, as TabPy writes it.
func (result queryResult) body() []byte {
	text := make([]byte, 0, len(result.Body)+bytes.Count(result.Body, closingTag)+200)
	text = append(text, `{"response": `...)
	text = appendEscaped(text, result.Body)
	return fmt.Appendf(text, `, "version": %d, "model": "%s", "uuid": "%s"}`, result.model.Version, result.model.Name, newUUID())
}

// etag returns the ETag. It is equal for equal results of the same version.
func (result queryResult) etag() string {
	h := md5.New()
	fmt.Fprintf(h, `{"uri": "%s", "version": %d, "response": `, result.name, result.model.Version)
	h.Write(result.Body) // fmt would copy it
	fmt.Fprint(h, `, "type": "QuerySuccessful"}`)
	return `"` + hex.EncodeToString(h.Sum(nil)) + `"`
}

// queryFailedError reports that a model raised an exception or returned an invalid result.
type queryFailedError struct {
	uri, text string
	cause     error
}

func (e *queryFailedError) Error() string { return e.text }

func (e *queryFailedError) Unwrap() error { return e.cause }

// queryModel calls a deployed model in a new cell. TabPy checks the body before the name; the cell
// checks the body of a model that exists, and unavailableError that of one that does not.
func (a *API) queryModel(ctx context.Context, name string, call runtime.Call) (queryResult, error) {
	result := queryResult{name: name}
	for retried := false; ; retried = true {
		e, err := a.models.Resolve(name)
		result.model = e
		if err == nil {
			err = a.models.checkLoaded(e)
		}
		if err != nil {
			return result, a.unavailableError(name, call.Body, err)
		}
		start := time.Now()
		result.Result, err = a.models.runner.QueryModel(ctx, a.models.model(ctx, e), call)
		a.models.recordCall(e, result.Timing.Run, time.Since(start), err)
		if errors.Is(err, registry.ErrDamaged) && !retried {
			continue // the version may have been replaced in the meantime
		}
		return result, a.queryError(name, err)
	}
}

// errNotLoaded reports that a model has failed to load and that another attempt would fail as well.
var errNotLoaded = errors.New("the model is not loaded")

// checkLoaded returns errNotLoaded if e cannot be queried.
func (c *catalog) checkLoaded(e registry.Endpoint) error {
	if rec := c.snapshot(e); rec.permanent {
		return fmt.Errorf("%w: %s", errNotLoaded, rec.lastError)
	}
	return nil
}

// unavailableError returns the error of a query whose model does not exist or is not loaded.
func (a *API) unavailableError(name string, body []byte, cause error) error {
	if err := checkQueryBody(body); err != nil {
		return err
	}
	if errors.Is(cause, errNotLoaded) {
		return &queryFailedError{name, "There is no query object associated to the endpoint: " + name, cause}
	}
	return &unknownEndpointError{name: name, query: true}
}

// queryError converts an error of the runner to the error that /query reports.
func (a *API) queryError(name string, err error) error {
	script, raised := errors.AsType[*runtime.ScriptError](err)
	_, unloadable := errors.AsType[*runtime.ModelError](err)
	switch {
	case raised && script.Kind == runtime.KindQueryBody:
		return &queryBodyError{script.Error()}
	case raised && script.Kind == runtime.KindQuery && script.Class == "":
		return &queryFailedError{name, script.Text, err}
	case raised && script.Kind == runtime.KindQuery:
		return &queryFailedError{name, script.Error(), err}
	case unloadable, errors.Is(err, registry.ErrDamaged):
		return &queryFailedError{name, "There is no query object associated to the endpoint: " + name, err}
	case errors.Is(err, runtime.ErrMemory), errors.Is(err, runtime.ErrOutput), errors.Is(err, runtime.ErrCrash):
		return &queryFailedError{name, a.failureOf(err).info.(string), err}
	}
	return err
}

// queryBodyError reports an invalid body of a query. Its text becomes the message of the response.
type queryBodyError struct{ text string }

func (e *queryBodyError) Error() string { return e.text }

// checkQueryBody checks the outermost object of a query's body, as TabPy does.
func checkQueryBody(body []byte) error {
	if len(body) == 0 {
		return &queryBodyError{"AttributeError : 'dict' object has no attribute 'decode'"}
	}
	v, err := pyjson.Parse(body, "data", "method")
	switch {
	case err != nil:
		return &queryBodyError{err.Error()}
	case v.Kind != '{':
		return &queryBodyError{"RuntimeError : Input data must be a dictionary"}
	case v.Members["data"] == nil && v.Members["method"] == nil:
		return &queryBodyError{`RuntimeError : Input data must be a dictionary with a key called "data"`}
	}
	return nil
}
