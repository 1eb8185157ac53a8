package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"
)

// endpointTest runs the endpoint commands with a folder, or with a server that has the folder open.
// A fake replaces the guest.
type endpointTest struct {
	t       *testing.T
	dir     string
	models  *runtimetest.FakeModels
	stdin   string
	environ []string
}

func newEndpointTest(t *testing.T) *endpointTest {
	s := &endpointTest{t: t, dir: t.TempDir(), models: runtimetest.NewFakeModels()}
	s.environ = []string{"TABCELL_MODELS_PATH=" + s.dir, "TABCELL_MODELS_KEEP_VERSIONS=5"}
	info := runtime.ModelInfo{Docstring: "Adds x and y", Signature: "(x)", Parameters: []runtime.Parameter{{Name: "x", Kind: "positional or keyword"}}}
	s.models.On("add", info, runtimetest.Returns("[4, 6]"))
	return s
}

// run runs the program, and returns the exit code and the output.
func (s *endpointTest) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, err bytes.Buffer
	a := &App{
		Args: append([]string{"tabcell"}, args...), Stdin: strings.NewReader(s.stdin), Stdout: &out, Stderr: &err, Environ: s.environ, Signals: make(chan os.Signal),
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine(), models: s.models}, nil
		},
	}
	return a.Run(), out.String(), err.String()
}

// expect runs the program, and compares the exit code, and stdout and stderr with the pattern.
func (s *endpointTest) expect(code int, pattern string, args ...string) {
	s.t.Helper()
	got, stdout, stderr := s.run(args...)
	if out := stdout + stderr; got != code || !regexp.MustCompile(pattern).MatchString(out) {
		s.t.Errorf("tabcell %s: exit code %d, want %d; output\n%s\nwant %s", strings.Join(args, " "), got, code, out, pattern)
	}
}

// file writes text to a new file and returns its path.
func (s *endpointTest) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	testenv.WriteFile(s.t, path, text)
	return path
}

// openServer serves the folder over HTTP and returns the URL.
func (s *endpointTest) openServer(auth httpapi.Authenticator) string {
	s.t.Helper()
	models, err := registry.Open(s.dir, registry.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	cfg := httpapi.DefaultConfig()
	cfg.AnonymousRoles = httpapi.AllRoles
	api, err := httpapi.New(cfg, httpapi.Deps{Models: models, Runner: s.models, Backup: models, Authenticator: auth})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(api)
	if err := models.Announce(registry.Server{URL: server.URL, PID: 7, Host: "here"}); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		server.Close()
		if err := models.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return server.URL
}

// The commands give the same results with a folder and with a server.
func TestEndpointCommands(t *testing.T) {
	for name, address := range map[string]func(*endpointTest) []string{
		"folder": func(*endpointTest) []string { return nil },
		"server": func(s *endpointTest) []string { return []string{"--url", s.openServer(nil) + "/"} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newEndpointTest(t)
			flags, note := address(s), ""
			if len(flags) == 0 {
				note = "tabcell: no server has .* open; the next start .*\n"
			}
			args := func(args ...string) []string { return append(append([]string{"endpoint"}, args...), flags...) }
			add, two := s.file("add.py", "add"), s.file("model", "answer 2")
			schema := s.file("schema.json", `{"x": "number"}`)
			s.expect(0, `^tabcell: no endpoints are deployed\n$`, args("list")...)
			s.expect(0, `^Successfully deployed add \(version 1\)\n`+note+`$`, args("deploy", add, "--description", "Adds ü", "--public", "--schema", schema, "--requires", "numpy,scipy")...)
			s.expect(0, `^Successfully deployed sum up \(version 1\)\n`+note+`$`, args("deploy", add, "--function", "f", "--name", "sum up")...)
			s.expect(0, `^Successfully deployed add \(version 2\)\n`+note+`$`, args("deploy", two, "--name", "add")...)
			s.expect(0, `(?s)NAME +VERSION +TYPE +STATUS +DESCRIPTION\nadd +2 +model .*\nsum up +1 +model `, args("list")...)
			s.expect(0, `add was rolled back \(version 3\)`, args("rollback", "add")...)
			s.expect(0, `add was rolled back \(version 4\)`, args("rollback", "add", "--to", "2")...)
			s.expect(1, `version 9 is not kept`, args("rollback", "add", "--to", "9")...)
			s.expect(0, `(?s)name +add\n.*version +4\n.*version 4 +pickle, 8 bytes, .*copy of version 2\nversion 3 +source.*requires numpy scipy, copy of version 1`, args("show", "add")...)
			s.expect(1, `none`, args("show", "none")...)
			s.expect(1, `none`, args("remove", "none")...)
			s.expect(1, `was not deployed: .*the fake engine does not know this model`, args("deploy", s.file("bad.py", "nonsense"))...)
			s.expect(1, `endpoint name can only contain`, args("deploy", add, "--name", "a/b")...)
			s.expect(1, `is not valid JSON`, args("deploy", add, "--schema", add)...)
			s.expect(1, `no such file`, args("deploy", "/no/file.py")...)
			s.expect(2, `the argument FILE.py\|ARCHIVE is missing`, args("deploy")...)
			s.expect(0, `sum up was removed\nadd was removed\n`, args("remove", "sum up", "add")...)
			s.expect(0, `^\[\]\n$`, args("list", "--json")...)
		})
	}
}

func TestEndpointShowJSON(t *testing.T) {
	s := newEndpointTest(t)
	url := s.openServer(nil)
	s.expect(0, `Successfully`, "endpoint", "deploy", s.file("add.py", "add"), "--url", url)
	var e endpoints.Endpoint
	_, stdout, _ := s.run("endpoint", "show", "add", "--json", "--url", url)
	if err := json.Unmarshal([]byte(stdout), &e); err != nil || e.Signature != "(x)" || e.Tableau.Model != `MODEL_EXTENSION_REAL("add", "x", SUM([x]))` || len(e.Versions) != 1 {
		t.Errorf("%v: %s", err, stdout)
	}
}
