package runtimetest

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"tabcell/runtime"
)

// Evaluator is the interface that Contract tests.
type Evaluator interface {
	Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error)
}

func argumentName(i int) string { return "_arg" + strconv.Itoa(i) }

// clause is a request body and its expected result: the response, or the kind and class of the
// error.
type clause struct {
	name, body, response string
	kind                 runtime.Kind
	class                string // if empty, any class
}

var clauses = []clause{
	{name: "number", body: `{"script": "return 1", "data": {}}`, response: "1"},
	{name: "argument", body: `{"script": "return _arg1", "data": {"_arg1": 7, "_arg2": 8}}`, response: "7"},
	{name: "exception", body: `{"script": "raise ValueError('x')", "data": {}}`, kind: runtime.KindScript, class: "ValueError"},
	{name: "no response", body: `{"script": "raise KeyError('response')", "data": {}}`, kind: runtime.KindNoResponse, class: "KeyError"},
	{name: "the script's own timeout", body: `{"script": "raise TimeoutError('mine')", "data": {}}`, kind: runtime.KindTimeout, class: "TimeoutError"},
	{name: "invalid JSON", body: `{`, kind: runtime.KindScript, class: "JSONDecodeError"},
	{name: "empty body", body: ``, kind: runtime.KindScript, class: "JSONDecodeError"},
	{name: "no script", body: `{"data": {}}`, kind: runtime.KindEmpty},
	{name: "script is not a string", body: `{"script": 5, "data": {}}`, kind: runtime.KindScript, class: "AttributeError"},
	{name: "no data", body: `{"script": "return 1"}`, kind: runtime.KindScript, class: "TypeError"},
	{name: "data is not an object", body: `{"script": "return 1", "data": [1]}`, kind: runtime.KindData},
	{name: "gap in the argument names", body: `{"script": "return 1", "data": {"_arg1": 1, "_arg3": 3}}`, kind: runtime.KindNames},
}

// Contract tests the behavior that all evaluators have in common.
func Contract(t *testing.T, e Evaluator) {
	for _, c := range clauses {
		t.Run(c.name, func(t *testing.T) { c.check(t, e) })
	}
	t.Run("trace", func(t *testing.T) {
		traces := make(chan runtime.Trace, 1)
		call := runtime.Call{Body: []byte(clauses[0].body), Trace: func(trace runtime.Trace) { traces <- trace }}
		r, err := e.Evaluate(context.Background(), call)
		if err != nil {
			t.Fatal(err)
		}
		if trace := <-traces; trace.Timing != r.Timing || trace.Out != uint64(len(r.Body)) {
			t.Errorf("trace %+v does not match result %+v", trace, r)
		}
	})
	t.Run("cancellation", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_, err := e.Evaluate(ctx, runtime.Call{Body: []byte(`{"script": "while True: pass", "data": {}}`)})
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want the context's", err)
		}
	})
}

func (c clause) check(t *testing.T, e Evaluator) {
	body := []byte(c.body)
	result, err := e.Evaluate(context.Background(), runtime.Call{ID: "contract", Body: body, Context: runtime.CallContext{Protocol: "http"}})
	if !bytes.Equal(body, []byte(c.body)) {
		t.Error("Evaluate changed the body of the call")
	}
	if c.response != "" {
		if err != nil || string(result.Body) != c.response {
			t.Fatalf("response %q, error %v; want %q", result.Body, err, c.response)
		}
		return
	}
	var scriptErr *runtime.ScriptError
	if !errors.As(err, &scriptErr) || scriptErr.Kind != c.kind || (c.class != "" && scriptErr.Class != c.class) {
		t.Fatalf("error %#v, want kind %d and class %q", err, c.kind, c.class)
	}
	if got := errors.Is(err, runtime.ErrTimeout); got != (c.kind == runtime.KindTimeout) {
		t.Errorf("errors.Is(err, ErrTimeout) is %v", got)
	}
}
