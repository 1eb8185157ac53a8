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

// Evaluator is what the contract is about.
type Evaluator interface {
	Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error)
}

func argument(i int) string { return "_arg" + strconv.Itoa(i) }

// clause is a body and what must become of it: the answer, or the kind and class of the error.
type clause struct {
	name, body, answer string
	kind               runtime.Kind
	class              string
}

var clauses = []clause{
	{name: "a number", body: `{"script": "return 1", "data": {}}`, answer: "1"},
	{name: "an argument", body: `{"script": "return _arg1", "data": {"_arg1": 7, "_arg2": 8}}`, answer: "7"},
	{name: "an exception", body: `{"script": "raise ValueError('x')", "data": {}}`, kind: runtime.KindScript, class: "ValueError"},
	{name: "no response", body: `{"script": "raise KeyError('response')", "data": {}}`, kind: runtime.KindNoResponse, class: "KeyError"},
	{name: "a timeout of its own", body: `{"script": "raise TimeoutError('mine')", "data": {}}`, kind: runtime.KindTimeout, class: "TimeoutError"},
	{name: "no JSON", body: `{`, kind: runtime.KindScript, class: "JSONDecodeError"},
	{name: "an empty body", body: ``, kind: runtime.KindScript, class: "JSONDecodeError"},
	{name: "no script", body: `{"data": {}}`, kind: runtime.KindEmpty},
	{name: "a script that is no text", body: `{"script": 5, "data": {}}`, kind: runtime.KindScript, class: "AttributeError"},
	{name: "no data", body: `{"script": "return 1"}`, kind: runtime.KindScript, class: "TypeError"},
	{name: "data is no object", body: `{"script": "return 1", "data": [1]}`, kind: runtime.KindData},
	{name: "a gap in the names", body: `{"script": "return 1", "data": {"_arg1": 1, "_arg3": 3}}`, kind: runtime.KindNames},
}

// Contract tests what every evaluator keeps.
func Contract(t *testing.T, e Evaluator) {
	for _, c := range clauses {
		t.Run(c.name, func(t *testing.T) { c.hold(t, e) })
	}
	t.Run("a trace follows", func(t *testing.T) {
		told := make(chan runtime.Trace, 1)
		r, err := e.Evaluate(context.Background(), runtime.Call{Body: []byte(clauses[0].body), Trace: func(trace runtime.Trace) { told <- trace }})
		if err != nil {
			t.Fatal(err)
		}
		if trace := <-told; trace.Timing != r.Timing || trace.Out != uint64(len(r.Body)) {
			t.Errorf("trace %+v, result %+v", trace, r)
		}
	})
	t.Run("a cancelled call ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_, err := e.Evaluate(ctx, runtime.Call{Body: []byte(`{"script": "while True: pass", "data": {}}`)})
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want the context's", err)
		}
	})
}

func (c clause) hold(t *testing.T, e Evaluator) {
	body := []byte(c.body)
	result, err := e.Evaluate(context.Background(), runtime.Call{ID: "contract", Body: body, Context: runtime.CallContext{Protocol: "http"}})
	if !bytes.Equal(body, []byte(c.body)) {
		t.Error("the call's body was changed")
	}
	if c.answer != "" {
		if err != nil || string(result.Body) != c.answer {
			t.Fatalf("answer %q, error %v; want %q", result.Body, err, c.answer)
		}
		return
	}
	var fault *runtime.ScriptError
	if !errors.As(err, &fault) || fault.Kind != c.kind || (c.class != "" && fault.Class != c.class) {
		t.Fatalf("error %#v, want kind %d of class %q", err, c.kind, c.class)
	}
	if got := errors.Is(err, runtime.ErrTimeout); got != (c.kind == runtime.KindTimeout) {
		t.Errorf("is a timeout: %v", got)
	}
}
