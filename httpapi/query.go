package httpapi

import (
	"context"
	"crypto/md5" // an ETag is no secret: TabPy's is MD5 here
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// query answers GET and POST /query/NAME.
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
	found, err := a.queryModel(req.Request().Context(), unescape(name), a.call(req, body)) // TabPy decodes the name once more
	req.timing = found.Timing
	req.logOutput(found.Output)
	if err != nil {
		return response{}, err
	}
	req.Response().Header().Set("Etag", found.etag())
	text := found.body()
	_ = req.reserve(int64(len(text))) // it exists already: later requests are refused instead
	return response{http.StatusOK, jsonUTF8, text}, nil
}

// found is a model's answer: Body is the JSON of its result alone.
type queryResult struct {
	runtime.Result
	name  string // as it was asked for
	model registry.Endpoint
}

// text is the answer as TabPy writes it.
func (result queryResult) body() []byte {
	text := make([]byte, 0, len(result.Body)+200)
	text = append(text, `{"response": `...)
	text = append(text, result.Body...)
	text = fmt.Appendf(text, `, "version": %d, "model": "%s", "uuid": "%s"}`, result.model.Version, result.model.Name, newUUID())
	return escapeClosingTags(text)
}

// tag is the ETag: the same for the same result of the same version.
func (result queryResult) etag() string {
	h := md5.New()
	fmt.Fprintf(h, `{"uri": "%s", "version": %d, "response": %s, "type": "QuerySuccessful"}`, result.name, result.model.Version, result.Body)
	return `"` + hex.EncodeToString(h.Sum(nil)) + `"`
}

// queryFailed is a model that failed, or its result.
type queryFailedError struct {
	uri, text string
	cause     error
}

func (e *queryFailedError) Error() string { return e.text }
func (e *queryFailedError) Unwrap() error { return e.cause }

// ask calls a deployed model, in a cell of its own. TabPy looks at the body before the name: where a cell sees the body, it does so there.
func (a *API) queryModel(ctx context.Context, name string, call runtime.Call) (queryResult, error) {
	result := queryResult{name: name}
	for again := false; ; again = true {
		e, err := a.models.Resolve(name)
		result.model = e
		if err == nil {
			err = a.models.checkLoaded(e)
		}
		if err != nil {
			return result, a.unavailableError(name, call.Body, err)
		}
		begun := time.Now()
		result.Result, err = a.models.runner.QueryModel(ctx, a.models.model(e), call)
		a.models.recordCall(e, result.Timing.Run, time.Since(begun), err)
		if errors.Is(err, registry.ErrDamaged) && !again {
			continue // it may have been replaced meanwhile
		}
		return result, a.queryError(name, err)
	}
}

// errNotLoaded is a model that cannot be loaded however often one tries.
var errNotLoaded = errors.New("the model is not loaded")

// usable is nil for a model that can be asked.
func (c *catalog) checkLoaded(e registry.Endpoint) error {
	if known := c.snapshot(e); known.permanent {
		return fmt.Errorf("%w: %s", errNotLoaded, known.lastError)
	}
	return nil
}

// noteCall remembers how a call went, unless the endpoint has become another meanwhile.
func (c *catalog) recordCall(e registry.Endpoint, run, whole time.Duration, err error) {
	if errors.Is(err, runtime.ErrBusy) || errors.Is(err, runtime.ErrClosed) {
		return // it was never called
	}
	if run == 0 {
		run = whole
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.current(e) {
		return
	}
	r := c.record(e)
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		r.setFailed(fault)
	} else if script, ok := errors.AsType[*runtime.ScriptError](err); err == nil || ok && script.Kind == runtime.KindQuery {
		r.loaded, r.lastError, r.permanent = true, "", false // it was built on demand if it had not been
	}
	r.calls.add(run, err != nil, time.Now())
}

// unanswered is the error of a query that reaches no model.
func (a *API) unavailableError(name string, body []byte, cause error) error {
	if err := checkQueryBody(body); err != nil {
		return err
	}
	if errors.Is(cause, errNotLoaded) {
		return &queryFailedError{name, "There is no query object associated to the endpoint: " + name, cause}
	}
	return &unknownEndpointError{name: name, query: true}
}

// queryError is an error of the runner as /query tells it.
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

// queryBody is a query whose body is wrong; its text is the answer's message.
type queryBodyError struct{ text string }

func (e *queryBodyError) Error() string { return e.text }

// checkQuery looks at the outermost level of a query's body, as TabPy does.
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
