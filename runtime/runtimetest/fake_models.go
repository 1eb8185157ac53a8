package runtimetest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"tabcell/runtime"
)

// Models is a stand-in for what loads and runs models. It knows models by their code: what it was taught, and code that begins with
// "answer ", which answers the JSON that follows. All other code does not load.
type Models struct {
	mu     sync.Mutex // guards what follows
	known  map[string]taught
	loaded map[string]string // code by digest
	loads  int
}

type taught struct {
	info runtime.ModelInfo
	act  Act
	fail error // of loading
}

// NewModels knows no model yet.
func NewModels() *Models { return &Models{known: map[string]taught{}, loaded: map[string]string{}} }

// On teaches a model: what it says about itself, and what it does.
func (s *Models) On(code string, info runtime.ModelInfo, act Act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[code] = taught{info: info, act: act}
}

// Fail lets a model's loading fail; nil lets it be unknown again.
func (s *Models) Fail(code string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[code] = taught{fail: err}
	if err == nil {
		delete(s.known, code)
	}
}

// Loaded is how many models are loaded now, Loads how often one was since the beginning.
func (s *Models) Loaded() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.loaded) }
func (s *Models) Loads() int  { s.mu.Lock(); defer s.mu.Unlock(); return s.loads }

// LoadModel looks the code up, unless the digest is loaded.
func (s *Models) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	t, err := s.load(ctx, m)
	return t.info, err
}

func (s *Models) load(ctx context.Context, m runtime.Model) (taught, error) {
	s.mu.Lock()
	code, there := s.loaded[m.Digest]
	s.mu.Unlock()
	if !there {
		content, err := m.Content(ctx)
		if err != nil {
			return taught{}, err
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

func (s *Models) find(code string) taught {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.known[code]; ok {
		return t
	}
	if text, ok := strings.CutPrefix(code, "answer "); ok {
		return taught{act: Answers(text)}
	}
	return taught{fail: &runtime.ModelError{Class: "NotImplementedError", Text: "the stand-in does not know this model"}}
}

// QueryModel acts for the model, loading it if need be.
func (s *Models) QueryModel(ctx context.Context, m runtime.Model, call runtime.Call) (runtime.Result, error) {
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
func (s *Models) ForgetModel(digest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.loaded, digest)
}
