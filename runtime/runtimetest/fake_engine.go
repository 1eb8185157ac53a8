package runtimetest

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/runtime"
)

// Behavior handles the calls of one script or model. The argument data is the "data" of the
// request body, as JSON.
type Behavior func(ctx context.Context, call runtime.Call, data json.RawMessage) (runtime.Result, error)

// FakeEngine is an evaluator for registered scripts. It validates requests as the guest does, as
// far as the contract requires. Use NewFakeEngine to create one.
type FakeEngine struct {
	mu        sync.Mutex // guards behaviors and last
	behaviors map[string]Behavior
	last      runtime.Call

	calls, running, cancelled atomic.Int64
}

// NewFakeEngine returns a fake engine with the scripts of the contract.
func NewFakeEngine() *FakeEngine {
	f := &FakeEngine{behaviors: map[string]Behavior{}}
	f.On("return 1", Returns("1"))
	f.On("return _arg1", func(_ context.Context, _ runtime.Call, data json.RawMessage) (runtime.Result, error) {
		var arguments map[string]json.RawMessage
		err := json.Unmarshal(data, &arguments)
		return runtime.Result{Body: arguments["_arg1"]}, err
	})
	f.On("raise ValueError('x')", Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "x", Line: 1}))
	f.On("raise KeyError('response')", Fails(&runtime.ScriptError{Kind: runtime.KindNoResponse, Class: "KeyError", Text: "'response'"}))
	f.On("raise TimeoutError('mine')", Fails(&runtime.ScriptError{Kind: runtime.KindTimeout, Class: "TimeoutError", Text: "mine"}))
	f.On("while True: pass", Blocks(nil))
	return f
}

// On registers a script with its behavior.
func (f *FakeEngine) On(script string, behavior Behavior) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.behaviors[script] = behavior
}

// Returns returns a behavior with the given JSON text as its response.
func Returns(body string) Behavior {
	return func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{Body: []byte(body), Timing: runtime.Timing{Run: time.Millisecond}}, nil
	}
}

// Fails returns a behavior that fails with err.
func Fails(err error) Behavior {
	return func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{}, err
	}
}

// Blocks returns a behavior that blocks until its context is done. If started is not nil, the
// behavior sends a value to it when it starts.
func Blocks(started chan<- struct{}) Behavior {
	return func(ctx context.Context, _ runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		if started != nil {
			started <- struct{}{}
		}
		<-ctx.Done()
		return runtime.Result{}, ctx.Err()
	}
}

// Calls returns the number of calls so far.
func (f *FakeEngine) Calls() int64 { return f.calls.Load() }

// Running returns the number of calls that are running.
func (f *FakeEngine) Running() int64 { return f.running.Load() }

// Cancelled returns the number of calls that ended because their context was done.
func (f *FakeEngine) Cancelled() int64 { return f.cancelled.Load() }

// Last returns the latest call.
func (f *FakeEngine) Last() runtime.Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// Evaluate runs the behavior of a script. A script that is not registered fails with a
// NotImplementedError.
func (f *FakeEngine) Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	f.calls.Add(1)
	f.running.Add(1)
	defer f.running.Add(-1)
	script, data, err := checkBody(call.Body, call.Table != nil)
	behavior := f.find(call, script)
	if err != nil {
		return runtime.Result{}, err
	}
	if ctx.Err() != nil {
		f.cancelled.Add(1)
		return runtime.Result{}, ctx.Err()
	}
	result, err := behavior(ctx, call, data)
	if call.Trace != nil {
		call.Trace(runtime.Trace{Timing: result.Timing, In: uint64(len(call.Body)), Out: uint64(len(result.Body))})
	}
	if err != nil && ctx.Err() != nil {
		f.cancelled.Add(1)
	}
	return result, err
}

func (f *FakeEngine) find(call runtime.Call, script string) Behavior {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = call
	f.last.Body = append([]byte(nil), call.Body...) // the caller may reuse it after the call
	if behavior, ok := f.behaviors[script]; ok {
		return behavior
	}
	return Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "NotImplementedError", Text: "the fake engine does not know this script"})
}

// checkBody validates a body in the order in which TabPy does: JSON, script, data, argument names. A
// table replaces the data.
func checkBody(body []byte, table bool) (script string, data json.RawMessage, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", nil, &runtime.ScriptError{Kind: runtime.KindScript, Class: "JSONDecodeError", Text: err.Error()}
	}
	if _, ok := fields["script"]; !ok {
		return "", nil, &runtime.ScriptError{Kind: runtime.KindEmpty}
	}
	if err := json.Unmarshal(fields["script"], &script); err != nil {
		return "", nil, &runtime.ScriptError{Kind: runtime.KindScript, Class: "AttributeError", Text: "no attribute 'splitlines'"}
	}
	if table {
		return script, nil, nil
	}
	return script, fields["data"], checkData(fields["data"])
}

func checkData(data json.RawMessage) error {
	if data == nil || string(data) == "null" {
		return &runtime.ScriptError{Kind: runtime.KindScript, Class: "TypeError", Text: "argument after ** must be a mapping, not NoneType"}
	}
	var arguments map[string]json.RawMessage
	if json.Unmarshal(data, &arguments) != nil {
		return &runtime.ScriptError{Kind: runtime.KindData}
	}
	for i := range len(arguments) {
		if _, ok := arguments[argumentName(i+1)]; !ok {
			return &runtime.ScriptError{Kind: runtime.KindNames}
		}
	}
	return nil
}
