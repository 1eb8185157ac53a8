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
func (a *API) query(x *exchange) (answer, error) {
	name, err := a.name(x, "/query/")
	if err != nil {
		return answer{}, err
	}
	body, err := a.readBody(x)
	if err != nil {
		return answer{}, err
	}
	x.logScript(body)
	found, err := a.ask(x.Request().Context(), unescape(name), a.call(x, body)) // TabPy decodes the name once more
	x.timing = found.Timing
	x.logOutput(found.Output)
	if err != nil {
		return answer{}, err
	}
	x.Response().Header().Set("Etag", found.tag())
	text := found.text()
	_ = x.hold(int64(len(text))) // it exists already: later requests are refused instead
	return answer{http.StatusOK, jsonUTF8, text}, nil
}

// found is a model's answer: Body is the JSON of its result alone.
type found struct {
	runtime.Result
	name  string // as it was asked for
	model registry.Endpoint
}

// text is the answer as TabPy writes it.
func (f found) text() []byte {
	text := make([]byte, 0, len(f.Body)+200)
	text = append(text, `{"response": `...)
	text = append(text, f.Body...)
	text = fmt.Appendf(text, `, "version": %d, "model": "%s", "uuid": "%s"}`, f.model.Version, f.model.Name, newID())
	return slashed(text)
}

// tag is the ETag: the same for the same result of the same version.
func (f found) tag() string {
	h := md5.New()
	fmt.Fprintf(h, `{"uri": "%s", "version": %d, "response": %s, "type": "QuerySuccessful"}`, f.name, f.model.Version, f.Body)
	return `"` + hex.EncodeToString(h.Sum(nil)) + `"`
}

// queryFailed is a model that failed, or its result.
type queryFailed struct {
	uri, text string
	cause     error
}

func (e *queryFailed) Error() string { return e.text }
func (e *queryFailed) Unwrap() error { return e.cause }

// ask calls a deployed model, in a cell of its own. TabPy looks at the body before the name: where a cell sees the body, it does so there.
func (a *API) ask(ctx context.Context, name string, call runtime.Call) (found, error) {
	f := found{name: name}
	for again := false; ; again = true {
		e, err := a.models.Resolve(name)
		f.model = e
		if err == nil {
			err = a.models.usable(e)
		}
		if err != nil {
			return f, a.unanswered(name, call.Body, err)
		}
		begun := time.Now()
		f.Result, err = a.models.runner.QueryModel(ctx, a.models.model(e), call)
		a.models.noteCall(e, f.Timing.Run, time.Since(begun), err)
		if errors.Is(err, registry.ErrDamaged) && !again {
			continue // it may have been replaced meanwhile
		}
		return f, a.queryError(name, err)
	}
}

// errNotLoaded is a model that cannot be loaded however often one tries.
var errNotLoaded = errors.New("the model is not loaded")

// usable is nil for a model that can be asked.
func (c *catalogue) usable(e registry.Endpoint) error {
	if known := c.look(e); known.permanent {
		return fmt.Errorf("%w: %s", errNotLoaded, known.lastError)
	}
	return nil
}

// noteCall remembers how a call went, unless the endpoint has become another meanwhile.
func (c *catalogue) noteCall(e registry.Endpoint, run, whole time.Duration, err error) {
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
		r.failed(fault)
	} else if script, ok := errors.AsType[*runtime.ScriptError](err); err == nil || ok && script.Kind == runtime.KindQuery {
		r.loaded, r.lastError, r.permanent = true, "", false // it was built on demand if it had not been
	}
	r.recent.add(run, err != nil, time.Now())
}

// unanswered is the error of a query that reaches no model.
func (a *API) unanswered(name string, body []byte, cause error) error {
	if err := checkQuery(body); err != nil {
		return err
	}
	if errors.Is(cause, errNotLoaded) {
		return &queryFailed{name, "There is no query object associated to the endpoint: " + name, cause}
	}
	return &unknownName{name: name, query: true}
}

// queryError is an error of the runner as /query tells it.
func (a *API) queryError(name string, err error) error {
	script, raised := errors.AsType[*runtime.ScriptError](err)
	_, unloadable := errors.AsType[*runtime.ModelError](err)
	switch {
	case raised && script.Kind == runtime.KindQueryBody:
		return &queryBody{script.Error()}
	case raised && script.Kind == runtime.KindQuery && script.Class == "":
		return &queryFailed{name, script.Text, err}
	case raised && script.Kind == runtime.KindQuery:
		return &queryFailed{name, script.Error(), err}
	case unloadable, errors.Is(err, registry.ErrDamaged):
		return &queryFailed{name, "There is no query object associated to the endpoint: " + name, err}
	case errors.Is(err, runtime.ErrMemory), errors.Is(err, runtime.ErrOutput), errors.Is(err, runtime.ErrCrash):
		return &queryFailed{name, a.failureOf(err).info.(string), err}
	}
	return err
}

// queryBody is a query whose body is wrong; its text is the answer's message.
type queryBody struct{ text string }

func (e *queryBody) Error() string { return e.text }

// checkQuery looks at the outermost level of a query's body, as TabPy does.
func checkQuery(body []byte) error {
	if len(body) == 0 {
		return &queryBody{"AttributeError : 'dict' object has no attribute 'decode'"}
	}
	v, err := pyjson.Parse(body, "data", "method")
	switch {
	case err != nil:
		return &queryBody{err.Error()}
	case v.Kind != '{':
		return &queryBody{"RuntimeError : Input data must be a dictionary"}
	case v.Members["data"] == nil && v.Members["method"] == nil:
		return &queryBody{`RuntimeError : Input data must be a dictionary with a key called "data"`}
	}
	return nil
}
