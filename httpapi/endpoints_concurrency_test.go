package httpapi

import (
	"context"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

// meddler lets somebody else change an endpoint just before each change of what is said about it.
type concurrentEditor struct {
	Models
	meddle func(*registry.Metadata)
}

func (m concurrentEditor) UpdateMetadata(name string, change func(*registry.Metadata)) (registry.Endpoint, error) {
	if e, err := m.Models.UpdateMetadata(name, m.meddle); err != nil {
		return e, err
	}
	return m.Models.UpdateMetadata(name, change)
}

// TestChangesAtOnceKeepEachOther: what a request does not mention stays as it is when the change is
// made.
func TestConcurrentMetadataChanges(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	src := s.stage("m", "1", "answer 1")
	s.do("POST", "/endpoints", deployBody("m", src)).wantStatus(t, 201)
	s.do("POST", "/endpoints", `{"name": "a", "type": "alias", "target": "m"}`).wantStatus(t, 201)
	s.api.models.Models = concurrentEditor{s.api.models.Models, func(about *registry.Metadata) { about.Description = "theirs" }}
	for path, body := range map[string]string{
		"/endpoints/m": `{"docstring": "mine", "src_path": ` + toJSON(src) + `}`,
		"/endpoints/a": `{"docstring": "mine", "target": "m"}`,
	} {
		got := s.do("PUT", path, body)
		if !strings.Contains(got.body, `"description": "theirs"`) || !strings.Contains(got.body, `"docstring": "mine"`) {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
}

// TestStagedFilesAreCounted: small requests that name large files count by what they make the
// server read.
func TestStagedFilesCountAgainstBudget(t *testing.T) {
	s := newEndpointServer(t, nil, func(c *Config) { c.MaxBufferedBytes = 2000 })
	src := s.stage("m", "1", "answer 1"+strings.Repeat(" ", 4000))
	const busy = `{"message": "The server is busy.", "info": "The request bodies and responses in memory reached their limit."}`
	s.do("POST", "/endpoints", deployBody("m", src)).want(t, 503, busy)
	s.do("PUT", "/endpoints/m/source", "answer 1").wantStatus(t, 201)
	s.do("PUT", "/endpoints/m", `{"should_update_version": true, "src_path": `+toJSON(src)+`}`).want(t, 503, busy)
	waitFor(t, "nothing is counted any more", func() bool { return s.api.budget.used.Load() == 0 })
}

// slowRunner loads one code only when it is told to.
type blockingRunner struct {
	*runtimetest.FakeModels
	begun, goOn chan struct{}
}

func (s blockingRunner) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	if code, _ := m.Content(ctx); string(code) == "answer 1" {
		s.begun <- struct{}{}
		<-s.goOn
	}
	return s.FakeModels.LoadModel(ctx, m)
}

// TestNobodyWaitsForALoad: while a deployment waits for a cell, the same endpoint can be changed
// otherwise. A script that deploys holds a cell; if it waited for that deployment, and that for the
// cell, both would wait for their deadlines.
func TestChangesDoNotWaitForLoads(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	slow := blockingRunner{s.models, make(chan struct{}), make(chan struct{})}
	s.api.models.runner = slow
	first := make(chan error, 1)
	deployment := func(code string) registry.Deployment {
		return registry.Deployment{Name: "m", Replace: true, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}}
	}
	go func() {
		_, _, err := s.api.models.deploy(context.Background(), deployment("answer 1"), true)
		first <- err
	}()
	<-slow.begun
	for _, code := range []string{"answer 2", "answer 3"} {
		if _, _, err := s.api.models.deploy(t.Context(), deployment(code), true); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := s.api.models.rollback(t.Context(), "m", 0, ""); err != nil || e.Version != 3 {
		t.Fatalf("%+v, error %v", e, err)
	}
	close(slow.goOn)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	e, _ := s.registry.Get("m")
	if got := s.do("POST", "/query/m", `{"data": []}`); e.Version != 4 || !strings.HasPrefix(got.body, `{"response": 1, "version": 4, `) {
		t.Errorf("version %d: %s", e.Version, got.body)
	}
	if s.models.Loaded() != 1 {
		t.Errorf("%d models are loaded", s.models.Loaded())
	}
}
