package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

// endpointServer is a test server with a registry and fake models.
type endpointServer struct {
	*testServer
	models   *runtimetest.FakeModels
	registry *registry.Registry
	staging  string
}

var addInfo = runtime.ModelInfo{
	Function: "add", Docstring: "Adds x and y", Signature: "(x, y=1)",
	Parameters: []runtime.Parameter{{Name: "x", Kind: "positional or keyword"}, {Name: "y", Kind: "positional or keyword", Default: "1"}},
}

func newEndpointServer(t testing.TB, authenticator Authenticator, configure func(*Config)) *endpointServer {
	t.Helper()
	s := &endpointServer{models: runtimetest.NewFakeModels(), staging: filepath.Join(t.TempDir(), "state", "staging")}
	var err error
	if s.registry, err = registry.Open(t.TempDir(), registry.Options{Now: func() time.Time { return time.Unix(100, 0) }}); err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.Staging = s.staging
	if configure != nil {
		configure(&cfg)
	}
	engine := runtimetest.NewFakeEngine()
	api, err := New(cfg, Deps{Evaluator: engine, Models: s.registry, Runner: s.models, Backup: s.registry, Authenticator: authenticator})
	if err != nil {
		t.Fatal(err)
	}
	s.models.On("add", addInfo, runtimetest.Returns("[4, 6]"))
	s.testServer = &testServer{t: t, api: api, engine: engine, log: &syncBuffer{}}
	_, stop := s.start(cfg)
	t.Cleanup(func() {
		stop()
		if err := s.registry.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// stage writes an archive into the staging folder, as TabPy's client does, and returns its folder.
func (s *endpointServer) stage(name, version, code string) string {
	s.t.Helper()
	dir := filepath.Join(s.staging, "endpoints", name, version)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, archiveName), []byte(code), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// deployBody returns the body of a deployment, as TabPy's client sends it.
func deployBody(name, src string) string {
	return toJSON(map[string]any{
		"name": name, "type": "model", "version": 1, "description": "Adds", "docstring": "Adds x and y", "src_path": src, "is_public": false,
		"methods": []any{map[string]string{"method": "query"}}, "required_packages": []string{}, "required_files": []string{}, "dependencies": []string{},
	})
}

// endpointJSON returns the JSON object of an endpoint; more contains the last members.
func endpointJSON(name string, version int, description, more string) string {
	return fmt.Sprintf(`{"%s": {"description": "%s", "type": "model", "version": %d, "dependencies": [], "target": null, "creation_time": 100, `+
		`"last_modified_time": 100, %s}}`, name, description, version, more)
}

// The requests are those of TabPy's client, in its order.
func TestTabPyClientSession(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.do("GET", "/configurations/endpoint_upload_destination", "").want(t, 200, `{"path": `+toJSON(s.staging)+`}`)
	one := s.stage("add", "1", "add")
	plain := `"schema": null, "is_public": false, "docstring": "Adds x and y"`
	s.do("POST", "/endpoints", deployBody("add", one)).want(t, 201, endpointJSON("add", 1, "Adds", plain))
	s.do("GET", "/status", "").want(t, 200, `{"add": {"version": 1, "type": "model", "status": "LoadSuccessful", "last_error": null}}`)
	s.do("GET", "/endpoints", "").want(t, 200, endpointJSON("add", 1, "Adds", plain))
	s.do("POST", "/endpoints", deployBody("add", one)).want(t, 400, `{"message": "endpoint add already exists.", "info": {}}`)

	got := s.do("POST", "/query/add", `{"data": [[1, 2], [3, 4]]}`)
	if want := regexp.MustCompile(`^\{"response": \[4, 6\], "version": 1, "model": "add", "uuid": "[0-9a-f-]{36}"\}$`); got.StatusCode != 200 || !want.MatchString(got.body) {
		t.Fatalf("query returned %d %s", got.StatusCode, got.body)
	}
	got.wantHeader(t, "Content-Type", jsonUTF8)
	got.wantHeader(t, "Etag", `"4a646e80c6ee3c6170c7d7946dc40525"`) // TabPy's ETag of this result

	two := s.stage("add", "2", "answer 1003")
	second := fmt.Sprintf(`{"description": "second", "src_path": %s, "should_update_version": true, "schema": "{'a': 1}", "is_public": true}`, toJSON(two))
	rich := `"schema": "{'a': 1}", "is_public": true, "docstring": "Adds x and y"`
	s.do("PUT", "/endpoints/add", second).want(t, 200, endpointJSON("add", 2, "second", rich))
	if got := s.do("POST", "/query/add", `{"data": [1]}`); !strings.HasPrefix(got.body, `{"response": 1003, "version": 2, `) {
		t.Errorf("query returned %d %s, want version 2", got.StatusCode, got.body)
	}
	if s.models.Loaded() != 1 {
		t.Errorf("%d models are loaded, want only the current version", s.models.Loaded())
	}

	other := fmt.Sprintf(`{"description": "better", "src_path": %s, "should_update_version": false, "creation_time": 100.0}`, toJSON(two))
	s.do("PUT", "/endpoints/add", other).want(t, 200, endpointJSON("add", 2, "better", `"schema": null, "is_public": false, "docstring": "Adds x and y"`))

	if got := s.do("DELETE", "/endpoints/add", ""); got.StatusCode != 204 || got.body != "" || got.Header.Get("Content-Type") != "" {
		t.Errorf("DELETE returned %d %q %v", got.StatusCode, got.body, got.Header)
	}
	s.do("GET", "/endpoints", "").want(t, 200, "{}")
	s.do("GET", "/status", "").want(t, 200, "{}")
	s.do("POST", "/query/add", `{"data": [1]}`).want(t, 404, `{"message": "UnknownURI", "info": "Endpoint 'add' does not exist"}`)
	s.do("DELETE", "/endpoints/add", "").want(t, 404, `{"message": "endpoint add does not exist.", "info": {}}`)
	if _, err := os.Stat(filepath.Dir(two)); !errors.Is(err, os.ErrNotExist) || s.models.Loaded() != 0 {
		t.Errorf("after DELETE, the staged folder: %v; loaded models: %d", err, s.models.Loaded())
	}
}

func TestModelLoadFailures(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.models.Fail("bad", &runtime.ModelError{Class: "ModuleNotFoundError", Text: "No module named 'é'", Traceback: "secret"})
	s.do("POST", "/endpoints", deployBody("bad", s.stage("bad", "1", "bad"))).want(t, 201, endpointJSON("bad", 1, "Adds", `"schema": null, "is_public": false, "docstring": "Adds x and y"`))
	s.do("GET", "/status", "").want(t, 200, `{"bad": {"version": 1, "type": "model", "status": "LoadFailed", "last_error": "Load failed: No module named '\u00e9'"}}`)
	failed := `{"message": "Error querying function 'bad'", "info": {"uri": "bad", "error": "There is no query object associated to the endpoint: bad", "type": "QueryFailed"}}`
	s.do("POST", "/query/bad", `{"data": [1]}`).want(t, 500, failed)
	s.do("POST", "/query/bad", `[1]`).want(t, 400, `{"message": "RuntimeError : Input data must be a dictionary", "info": {}}`)

	// Loading is retried if the failure may be temporary.
	s.models.Fail("slow", runtime.ErrTimeout)
	s.do("POST", "/endpoints", deployBody("slow", s.stage("slow", "1", "slow")))
	if got := s.do("GET", "/status", ""); !strings.Contains(got.body, `"slow": {"version": 1, "type": "model", "status": "LoadFailed"`) {
		t.Errorf("status %s", got.body)
	}
	s.models.On("slow", addInfo, runtimetest.Returns("1"))
	if got := s.do("POST", "/query/slow", `{"data": []}`); got.StatusCode != 200 {
		t.Errorf("query returned %d %s, want 200", got.StatusCode, got.body)
	}
	if got := s.do("GET", "/status", ""); !strings.Contains(got.body, `"slow": {"version": 1, "type": "model", "status": "LoadSuccessful", "last_error": null}`) {
		t.Errorf("status %s", got.body)
	}

	// A busy server refuses the deployment.
	s.models.Fail("busy", &runtime.BusyError{RetryAfter: time.Second})
	if got := s.do("POST", "/endpoints", deployBody("busy", s.stage("busy", "1", "busy"))); got.StatusCode != 503 || got.Header.Get("Retry-After") != "1" {
		t.Errorf("deployment returned %d %s, want 503", got.StatusCode, got.body)
	}
	if _, ok := s.registry.Get("busy"); ok {
		t.Error("the refused deployment was stored")
	}
}

func TestQueryFailures(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.stage("m", "1", "m")
	s.models.On("m", addInfo, runtimetest.Fails(nil))
	s.do("POST", "/endpoints", deployBody("m", filepath.Join(s.staging, "endpoints", "m", "1")))
	failed := func(text string) string {
		return `{"message": "Error querying function 'm'", "info": {"uri": "m", "error": "` + text + `", "type": "QueryFailed"}}`
	}
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{&runtime.ScriptError{Kind: runtime.KindQuery, Class: "ValueError", Text: "no 1"}, 500, failed("ValueError : no 1")},
		{&runtime.ScriptError{Kind: runtime.KindQuery, Text: "Query parameter needs to be"}, 500, failed("Query parameter needs to be")},
		{&runtime.ScriptError{Kind: runtime.KindQueryBody, Class: "RuntimeError", Text: "x"}, 400, `{"message": "RuntimeError : x", "info": {}}`},
		{runtime.ErrMemory, 500, failed("MemoryError : the script exceeded its memory limit of 1024 MB (TABCELL_MEMORY_LIMIT_MB)")},
		{runtime.ErrOutput, 500, failed("OverflowError : the script's response exceeds the limit of 256 MB (TABCELL_OUTPUT_LIMIT_MB)")},
		{runtime.ErrCrash, 500, failed("SystemError : the script's cell crashed")},
		{runtime.ErrTimeout, 408, `{"message": "User defined script timed out. Timeout is set to 30 s.", "info": {}}`},
		{&runtime.BusyError{}, 503, `{"message": "The server is busy.", "info": "All cells are running and the queue is full (TABCELL_CONCURRENCY, TABCELL_QUEUE)."}`},
		{&runtime.ModelError{Class: "E", Text: "x"}, 500, failed("There is no query object associated to the endpoint: m")},
	} {
		s.models.On("m", addInfo, runtimetest.Fails(c.err))
		s.do("POST", "/query/m", `{"data": []}`).want(t, c.status, c.want)
	}
}

func TestQueryResponses(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	for name, code := range map[string]string{"nan": "answer NaN", "html": `answer "</script>"`} {
		s.do("PUT", "/endpoints/"+name+"/source", code).wantStatus(t, 201)
	}
	s.do("POST", "/endpoints", `{"name": "other name", "type": "alias", "target": "nan"}`).wantStatus(t, 201)
	for _, c := range []struct{ path, want string }{
		{"/query/nan", `{"response": NaN, "version": 1, "model": "nan", `},
		{"/query/html", `{"response": "<\/script>", "version": 1, "model": "html", `},
		{"/query/other%2520name", `{"response": NaN, "version": 1, "model": "nan", `},
	} {
		for _, method := range []string{"POST", "GET"} {
			got := s.do(method, c.path, `{"data": []}`)
			if got.StatusCode != 200 || !strings.HasPrefix(got.body, c.want) {
				t.Errorf("%s %s returned %d %s, want prefix %s", method, c.path, got.StatusCode, got.body, c.want)
			}
			tag := got.Header.Get("Etag")
			if second := s.do(method, c.path, `{"data": []}`); second.Header.Get("Etag") != tag || len(tag) != 34 {
				t.Errorf("%s %s: ETags %s and %s", method, c.path, tag, second.Header.Get("Etag"))
			}
			if cached := s.do(method, c.path, `{"data": []}`, "If-None-Match", tag); (cached.StatusCode == 304) != (method == "GET") {
				t.Errorf("%s %s with If-None-Match returned %d", method, c.path, cached.StatusCode)
			}
		}
	}
	s.do("GET", "/status", "").want(t, 200, `{"html": {"version": 1, "type": "model", "status": "LoadSuccessful", "last_error": null}, `+
		`"nan": {"version": 1, "type": "model", "status": "LoadSuccessful", "last_error": null}, `+
		`"other name": {"version": 1, "type": "alias", "status": "LoadSuccessful", "last_error": null}}`)
	s.do("DELETE", "/endpoints/nan", "").want(t, 400, `{"message": "endpoint nan cannot be removed: other endpoints depend on it: other name", "info": {}}`)
}

// Endpoints that were deployed earlier are listed at once and can be queried before LoadModels has
// loaded them.
func TestLoadModels(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	for name, code := range map[string]string{"good": "answer 1", "bad": "nonsense", "early": "answer 2"} {
		if _, err := s.registry.Deploy(registry.Deployment{Name: name, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.do("GET", "/status", ""); strings.Count(got.body, `"LoadInProgress", "last_error": null`) != 3 {
		t.Errorf("status %s", got.body)
	}
	s.do("POST", "/query/early", `{"data": []}`).wantStatus(t, 200)
	s.api.LoadModels(context.Background())
	got := s.do("GET", "/status", "").body
	if strings.Count(got, loadSuccessful) != 2 || strings.Count(got, `"LoadFailed", "last_error": "Load failed: the fake engine`) != 1 || s.models.Loads() != 2 {
		t.Errorf("%d loads, status %s", s.models.Loads(), got)
	}
	s.models.Fail("answer 3", runtime.ErrNoModels)
	if _, err := s.registry.Deploy(registry.Deployment{Name: "old guest", Code: registry.Code{Kind: registry.Source, Content: []byte("answer 3")}}); err != nil {
		t.Fatal(err)
	}
	s.api.LoadModels(context.Background())
	if got := s.do("GET", "/status", "").body; strings.Contains(got, loadInProgress) {
		t.Errorf("after LoadModels, status %s", got)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	s.api.LoadModels(done)
}

func (r reply) wantStatus(t testing.TB, status int) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("%s %s returned %d, want %d: %s", r.Request.Method, r.Request.URL, r.StatusCode, status, r.body)
	}
}
