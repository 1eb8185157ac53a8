package httpapi

import (
	"context"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

// concurrentEditor applies another change to an endpoint just before each change of its metadata.
type concurrentEditor struct {
	Models
	edit func(*registry.Metadata)
}

func (e concurrentEditor) UpdateMetadata(name string, change func(*registry.Metadata)) (registry.Endpoint, error) {
	if endpoint, err := e.Models.UpdateMetadata(name, e.edit); err != nil {
		return endpoint, err
	}
	return e.Models.UpdateMetadata(name, change)
}

// Members that a request leaves out keep the values that another request has just set.
func TestConcurrentMetadataChanges(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	src := s.stage("m", "1", "answer 1")
	s.do("POST", "/endpoints", deployBody("m", src)).wantStatus(t, 201)
	s.do("POST", "/endpoints", `{"name": "a", "type": "alias", "target": "m"}`).wantStatus(t, 201)
	s.api.models.Models = concurrentEditor{s.api.models.Models, func(m *registry.Metadata) { m.Description = "other" }}
	for path, body := range map[string]string{
		"/endpoints/m": `{"docstring": "new", "src_path": ` + toJSON(src) + `}`,
		"/endpoints/a": `{"docstring": "new", "target": "m"}`,
	} {
		got := s.do("PUT", path, body)
		if !strings.Contains(got.body, `"description": "other"`) || !strings.Contains(got.body, `"docstring": "new"`) {
			t.Errorf("PUT %s returned %d %s", path, got.StatusCode, got.body)
		}
	}
}

// A small request that names a large file reserves the size of the file.
func TestStagedFilesCountAgainstBudget(t *testing.T) {
	s := newEndpointServer(t, nil, func(c *Config) { c.MaxBufferedBytes = 2000 })
	src := s.stage("m", "1", "answer 1"+strings.Repeat(" ", 4000))
	const busy = `{"message": "The server is busy.", "info": "The request bodies and responses in memory reached their limit of 2000 bytes (TABCELL_BUFFER_MB)."}`
	s.do("POST", "/endpoints", deployBody("m", src)).want(t, 503, busy)
	s.do("PUT", "/endpoints/m/source", "answer 1").wantStatus(t, 201)
	s.do("PUT", "/endpoints/m", `{"should_update_version": true, "src_path": `+toJSON(src)+`}`).want(t, 503, busy)
	waitFor(t, "an empty budget", func() bool { return s.api.budget.used() == 0 })
}

// blockingRunner delays the loading of the code "answer 1" until proceed is closed.
type blockingRunner struct {
	*runtimetest.FakeModels
	started, proceed chan struct{}
}

func (r blockingRunner) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	if code, _ := m.Content(ctx); string(code) == "answer 1" {
		r.started <- struct{}{}
		<-r.proceed
	}
	return r.FakeModels.LoadModel(ctx, m)
}

// While a deployment waits for a cell, other requests can change the same endpoint. A script that
// deploys occupies a cell. If it had to wait for the deployment, and the deployment for its cell,
// both would wait until their deadlines.
func TestChangesDoNotWaitForLoads(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	slow := blockingRunner{s.models, make(chan struct{}), make(chan struct{})}
	s.api.models.runner = slow
	first := make(chan error, 1)
	deployment := func(code string) registry.Deployment {
		return registry.Deployment{Name: "m", Replace: true, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}}
	}
	go func() {
		_, _, err := s.api.models.deploy(context.Background(), registry.Endpoint{}, deployment("answer 1"), true)
		first <- err
	}()
	<-slow.started
	for _, code := range []string{"answer 2", "answer 3"} {
		if _, _, err := s.api.models.deploy(t.Context(), registry.Endpoint{}, deployment(code), true); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := s.api.models.rollback(t.Context(), "m", 0, ""); err != nil || e.Version != 3 {
		t.Fatalf("rollback returned %+v, error %v; want version 3", e, err)
	}
	close(slow.proceed)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	e, _ := s.registry.Get("m")
	if got := s.do("POST", "/query/m", `{"data": []}`); e.Version != 4 || !strings.HasPrefix(got.body, `{"response": 1, "version": 4, `) {
		t.Errorf("version %d, want 4; response %s", e.Version, got.body)
	}
	if s.models.Loaded() != 1 {
		t.Errorf("%d models are loaded, want 1", s.models.Loaded())
	}
}
