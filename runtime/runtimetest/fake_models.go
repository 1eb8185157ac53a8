package runtimetest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"tabcell/runtime"
)

// FakeModels is a stand-in for what loads and runs models. It knows models by their code: what it was fakeModel, and code that begins with
// "answer ", which answers the JSON that follows. All other code does not load.
type FakeModels struct {
	mu     sync.Mutex // guards what follows
	known  map[string]fakeModel
	loaded map[string]string // code by digest
	loads  int
}

type fakeModel struct {
	info runtime.ModelInfo
	act  Behavior
	fail error // of loading
}

// NewFakeModels knows no model yet.
func NewFakeModels() *FakeModels {
	return &FakeModels{known: map[string]fakeModel{}, loaded: map[string]string{}}
}

// On teaches a model: what it says about itself, and what it does.
func (s *FakeModels) On(code string, info runtime.ModelInfo, act Behavior) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[code] = fakeModel{info: info, act: act}
}

// Fail lets a model's loading fail; nil lets it be unknown again.
func (s *FakeModels) Fail(code string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[code] = fakeModel{fail: err}
	if err == nil {
		delete(s.known, code)
	}
}

// Loaded is how many models are loaded now, Loads how often one was since the beginning.
func (s *FakeModels) Loaded() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.loaded) }
func (s *FakeModels) Loads() int  { s.mu.Lock(); defer s.mu.Unlock(); return s.loads }

// LoadModel looks the code up, unless the digest is loaded.
func (s *FakeModels) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	t, err := s.load(ctx, m)
	return t.info, err
}

func (s *FakeModels) load(ctx context.Context, m runtime.Model) (fakeModel, error) {
	s.mu.Lock()
	code, there := s.loaded[m.Digest]
	s.mu.Unlock()
	if !there {
		content, err := m.Content(ctx)
		if err != nil {
			return fakeModel{}, err
		}
		code = string(content)
	}
	t := s.find(code)
	if t.fail != nil {
		return t, t.fail
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !there {
		s.loads++
		s.loaded[m.Digest] = code
	}
	return t, ctx.Err()
}

func (s *FakeModels) find(code string) fakeModel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.known[code]; ok {
		return t
	}
	if text, ok := strings.CutPrefix(code, "answer "); ok {
		return fakeModel{act: Returns(text)}
	}
	return fakeModel{fail: &runtime.ModelError{Class: "NotImplementedError", Text: "the stand-in does not know this model"}}
}

// QueryModel behaviors for the model, loading it if need be.
func (s *FakeModels) QueryModel(ctx context.Context, m runtime.Model, call runtime.Call) (runtime.Result, error) {
	t, err := s.load(ctx, m)
	if err != nil {
		return runtime.Result{}, err
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(call.Body, &body); err != nil {
		return runtime.Result{}, &runtime.ScriptError{Kind: runtime.KindQueryBody, Class: "JSONDecodeError", Text: err.Error()}
	}
	return t.act(ctx, call, body["data"])
}

// ForgetModel forgets a digest.
func (s *FakeModels) ForgetModel(digest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.loaded, digest)
}
