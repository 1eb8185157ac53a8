package runtimetest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"tabcell/runtime"
)

// FakeModels is a fake for the part of the engine that loads and runs models. It recognizes models
// by their code: code that was registered with On or Fail, and code that begins with "answer ",
// which returns the JSON text after it. Other code fails to load.
type FakeModels struct {
	mu     sync.Mutex // guards the fields below
	known  map[string]fakeModel
	loaded map[string]string // code by digest
	loads  int
}

type fakeModel struct {
	info     runtime.ModelInfo
	behavior Behavior
	fail     error // if not nil, the error of loading
}

// NewFakeModels returns a fake without registered models.
func NewFakeModels() *FakeModels {
	return &FakeModels{known: map[string]fakeModel{}, loaded: map[string]string{}}
}

// On registers a model with its information and its behavior.
func (f *FakeModels) On(code string, info runtime.ModelInfo, behavior Behavior) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[code] = fakeModel{info: info, behavior: behavior}
}

// Fail makes loading a model fail with err. If err is nil, the model is no longer registered.
func (f *FakeModels) Fail(code string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[code] = fakeModel{fail: err}
	if err == nil {
		delete(f.known, code)
	}
}

// Loaded returns the number of models that are loaded now.
func (f *FakeModels) Loaded() int { f.mu.Lock(); defer f.mu.Unlock(); return len(f.loaded) }

// Loads returns how many times a model was loaded.
func (f *FakeModels) Loads() int { f.mu.Lock(); defer f.mu.Unlock(); return f.loads }

// LoadModel loads a model, unless a model with its digest is loaded already.
func (f *FakeModels) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	t, err := f.load(ctx, m)
	return t.info, err
}

func (f *FakeModels) load(ctx context.Context, m runtime.Model) (fakeModel, error) {
	f.mu.Lock()
	code, there := f.loaded[m.Digest]
	f.mu.Unlock()
	if !there {
		content, err := m.Content(ctx)
		if err != nil {
			return fakeModel{}, err
		}
		code = string(content)
	}
	t := f.find(code)
	if t.fail != nil {
		return t, t.fail
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !there {
		f.loads++
		f.loaded[m.Digest] = code
	}
	return t, ctx.Err()
}

func (f *FakeModels) find(code string) fakeModel {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, ok := f.known[code]; ok {
		return t
	}
	if text, ok := strings.CutPrefix(code, "answer "); ok {
		return fakeModel{behavior: Returns(text)}
	}
	return fakeModel{fail: &runtime.ModelError{Class: "NotImplementedError", Text: "the fake engine does not know this model"}}
}

// QueryModel runs the behavior of a model, after loading it if necessary.
func (f *FakeModels) QueryModel(ctx context.Context, m runtime.Model, call runtime.Call) (runtime.Result, error) {
	t, err := f.load(ctx, m)
	if err != nil {
		return runtime.Result{}, err
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(call.Body, &body); err != nil {
		return runtime.Result{}, &runtime.ScriptError{Kind: runtime.KindQueryBody, Class: "JSONDecodeError", Text: err.Error()}
	}
	return t.behavior(ctx, call, body["data"])
}

// ForgetModel unloads the model with the given digest.
func (f *FakeModels) ForgetModel(digest string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.loaded, digest)
}
