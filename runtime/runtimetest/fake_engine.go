package runtimetest

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/runtime"
)

// Behavior is what the stand-in does for a script. data is the body's "data", JSON.
type Behavior func(ctx context.Context, call runtime.Call, data json.RawMessage) (runtime.Result, error)

// FakeEngine evaluates the scripts that it was fakeModel. It checks requests as the guest does, as far as the contract goes. The zero
// value is not ready; use NewFakeEngine.
type FakeEngine struct {
	mu        sync.Mutex // guards behaviors and last
	behaviors map[string]Behavior
	last      runtime.Call

	calls, running, cancelled atomic.Int64
}

// NewFakeEngine knows the scripts of the contract.
func NewFakeEngine() *FakeEngine {
	s := &FakeEngine{behaviors: map[string]Behavior{}}
	s.On("return 1", Returns("1"))
	s.On("return _arg1", func(_ context.Context, _ runtime.Call, data json.RawMessage) (runtime.Result, error) {
		var arguments map[string]json.RawMessage
		err := json.Unmarshal(data, &arguments)
		return runtime.Result{Body: arguments["_arg1"]}, err
	})
	s.On("raise ValueError('x')", Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "x", Line: 1}))
	s.On("raise KeyError('response')", Fails(&runtime.ScriptError{Kind: runtime.KindNoResponse, Class: "KeyError", Text: "'response'"}))
	s.On("raise TimeoutError('mine')", Fails(&runtime.ScriptError{Kind: runtime.KindTimeout, Class: "TimeoutError", Text: "mine"}))
	s.On("while True: pass", Blocks(nil))
	return s
}

// On teaches a script.
func (s *FakeEngine) On(script string, act Behavior) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviors[script] = act
}

// Returns gives a finished JSON text.
func Returns(body string) Behavior {
	return func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{Body: []byte(body), Timing: runtime.Timing{Run: time.Millisecond}}, nil
	}
}

// Fails ends with err.
func Fails(err error) Behavior {
	return func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{}, err
	}
}

// Blocks runs until its context is done. If started is not nil, it is sent a value when the script runs.
func Blocks(started chan<- struct{}) Behavior {
	return func(ctx context.Context, _ runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		if started != nil {
			started <- struct{}{}
		}
		<-ctx.Done()
		return runtime.Result{}, ctx.Err()
	}
}

// Calls is how many calls came; Running how many are at work; Cancelled how many ended with their context.
func (s *FakeEngine) Calls() int64     { return s.calls.Load() }
func (s *FakeEngine) Running() int64   { return s.running.Load() }
func (s *FakeEngine) Cancelled() int64 { return s.cancelled.Load() }

// Last is the call that came last.
func (s *FakeEngine) Last() runtime.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Evaluate looks the script up and behaviors. A script that it was not fakeModel fails with a NotImplementedError.
func (s *FakeEngine) Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	s.calls.Add(1)
	s.running.Add(1)
	defer s.running.Add(-1)
	script, data, err := check(call.Body)
	act := s.find(call, script)
	if err != nil {
		return runtime.Result{}, err
	}
	if ctx.Err() != nil {
		s.cancelled.Add(1)
		return runtime.Result{}, ctx.Err()
	}
	result, err := act(ctx, call, data)
	if call.Trace != nil {
		call.Trace(runtime.Trace{Timing: result.Timing, In: uint64(len(call.Body)), Out: uint64(len(result.Body))})
	}
	if err != nil && ctx.Err() != nil {
		s.cancelled.Add(1)
	}
	return result, err
}

func (s *FakeEngine) find(call runtime.Call, script string) Behavior {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = call
	s.last.Body = append([]byte(nil), call.Body...) // the caller's again after the call
	if act, ok := s.behaviors[script]; ok {
		return act
	}
	return Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "NotImplementedError", Text: "the stand-in does not know this script"})
}

// check reads a body as TabPy does, in its order: JSON, a script, data, names.
func check(body []byte) (script string, data json.RawMessage, err error) {
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
		if _, ok := arguments[argument(i+1)]; !ok {
			return &runtime.ScriptError{Kind: runtime.KindNames}
		}
	}
	return nil
}
