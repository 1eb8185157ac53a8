package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"
)

// endpointTest runs endpoint's commands over a folder, or the server that has it open, with a stand-in for the guest.
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

// run is one run of the program; it returns the exit code and what was printed.
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

// want runs, and compares what was printed with a pattern.
func (s *endpointTest) expect(code int, pattern string, args ...string) {
	s.t.Helper()
	got, stdout, stderr := s.run(args...)
	if said := stdout + stderr; got != code || !regexp.MustCompile(pattern).MatchString(said) {
		s.t.Errorf("tabcell %s: exit code %d, want %d; it says\n%s\nwant %s", strings.Join(args, " "), got, code, said, pattern)
	}
}

func (s *endpointTest) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	testenv.WriteFile(s.t, path, text)
	return path
}

// openServer serves the folder over HTTP.
func (s *endpointTest) openServer(gate httpapi.Authenticator) string {
	s.t.Helper()
	kept, err := registry.Open(s.dir, registry.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	api, err := httpapi.New(httpapi.DefaultConfig(), httpapi.Deps{Models: kept, Runner: s.models, Authenticator: gate})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(api)
	s.t.Cleanup(func() {
		server.Close()
		if err := kept.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return server.URL
}

// TestEndpointCommands: the same session over a folder and over a server.
func TestEndpointCommands(t *testing.T) {
	for name, address := range map[string]func(*endpointTest) []string{
		"folder": func(*endpointTest) []string { return nil },
		"server": func(s *endpointTest) []string { return []string{"--url", s.openServer(nil) + "/"} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newEndpointTest(t)
			flags := address(s)
			args := func(args ...string) []string { return append(append([]string{"endpoint"}, args...), flags...) }
			add, two := s.file("add.py", "add"), s.file("model", "answer 2")
			schema := s.file("schema.json", `{"x": "number"}`)
			s.expect(0, `^$`, args("list")...)
			s.expect(0, `^Successfully deployed add \(version 1\)\n$`, args("deploy", add, "--description", "Adds ü", "--public", "--schema", schema, "--requires", "numpy,scipy")...)
			s.expect(0, `^Successfully deployed sum up \(version 1\)\n$`, args("deploy", add, "--function", "f", "--name", "sum up")...)
			s.expect(0, `^Successfully deployed add \(version 2\)\n$`, args("deploy", two, "--name", "add")...)
			s.expect(0, `(?s)NAME +VERSION +TYPE +STATUS +DESCRIPTION\nadd +2 +model .*\nsum up +1 +model `, args("list")...)
			s.expect(0, `add is rolled back \(version 3\)`, args("rollback", "add")...)
			s.expect(0, `add is rolled back \(version 4\)`, args("rollback", "add", "--to", "2")...)
			s.expect(1, `version 9 is not kept`, args("rollback", "add", "--to", "9")...)
			s.expect(0, `(?s)name +add\n.*version +4\n.*version 4 +pickle, 8 bytes, .*copy of version 2\nversion 3 +source.*requires numpy scipy, copy of version 1`, args("show", "add")...)
			s.expect(1, `none`, args("show", "none")...)
			s.expect(1, `none`, args("remove", "none")...)
			s.expect(1, `was not deployed: .*the fake engine does not know this model`, args("deploy", s.file("bad.py", "nonsense"))...)
			s.expect(1, `endpoint name can only contain`, args("deploy", add, "--name", "a/b")...)
			s.expect(1, `is no JSON`, args("deploy", add, "--schema", add)...)
			s.expect(1, `no such file`, args("deploy", "/no/file.py")...)
			s.expect(2, `accepts 1 arg`, args("deploy")...)
			s.expect(0, `sum up is removed\nadd is removed\n`, args("remove", "sum up", "add")...)
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

// TestEndpointCommandsUseServerOfLockedFolder: a folder that a server has open is changed through that server, and can be read meanwhile.
func TestEndpointCommandsUseServerOfLockedFolder(t *testing.T) {
	s := newEndpointTest(t)
	address := s.openServer(nil)
	s.environ = append(s.environ, "TABPY_PORT="+address[strings.LastIndexByte(address, ':')+1:])
	s.expect(0, `(?s)^Successfully deployed add \(version 1\)\ntabcell: a server has .* open; sending the request to http://127.0.0.1:\d+\n$`, "endpoint", "deploy", s.file("add.py", "add"))
	s.expect(0, `add +1 +model`, "endpoint", "list")
	s.environ = append(s.environ, "TABCELL_URL=http://127.0.0.1:1")
	s.expect(1, `the request to the server failed`, "endpoint", "list")
	s.expect(1, `is not a valid server URL`, "endpoint", "list", "--url", "localhost:9004")
	s.expect(1, `is not a valid server URL`, "endpoint", "list", "--url", "http://user:pass@localhost")
}

// fakeAuthenticator knows one user.
type fakeAuthenticator struct{}

func (fakeAuthenticator) Authenticate(_ context.Context, c httpapi.Credentials) (httpapi.User, error) {
	if c.Name == "ann" && c.Password == "P@ss:word" || c.Token == "tok" {
		return httpapi.User{Name: "ann", Query: true, Evaluate: true, Deploy: true}, nil
	}
	return httpapi.User{}, &httpapi.UnauthorizedError{Reason: "no"}
}
func (fakeAuthenticator) Challenge(httpapi.Credentials) string { return "Basic" }
func (fakeAuthenticator) Methods() httpapi.AuthMethods         { return httpapi.AuthMethods{Basic: true} }

// TestEndpointSignIn: by the environment, or by lines of standard input; a password is on no command line and in no output.
func TestEndpointSignIn(t *testing.T) {
	s := newEndpointTest(t)
	list := []string{"endpoint", "list", "--json", "--url", s.openServer(fakeAuthenticator{})}
	plain := s.environ
	for _, c := range []struct {
		environ []string
		stdin   string
		code    int
		args    []string
	}{
		{nil, "ann\nP@ss:word\n", 0, nil},
		{nil, "ann\r\nP@ss:word", 0, nil},
		{nil, "P@ss:word\n", 0, []string{"--user", "ann"}},
		{[]string{"TABCELL_CLIENT_USER=ann"}, "P@ss:word\n", 0, nil},
		{[]string{"TABCELL_CLIENT_USER=ann", "TABCELL_CLIENT_PASSWORD=P@ss:word"}, "", 0, nil},
		{[]string{"TABCELL_CLIENT_TOKEN=tok"}, "", 0, nil},
		{[]string{"TABCELL_CLIENT_TOKEN=other"}, "ann\nP@ss:word\n", 1, nil},
		{nil, "ann\nwrong\n", 1, nil},
		{nil, "", 1, nil},
	} {
		s.environ, s.stdin = append(plain, c.environ...), c.stdin
		code, stdout, stderr := s.run(append(list, c.args...)...)
		if code != c.code || strings.Contains(stdout+stderr, "P@ss") || code != 0 && stderr == "" {
			t.Errorf("%v %q: exit code %d\n%s%s", c.environ, c.stdin, code, stdout, stderr)
		}
	}
}

// countingAuthenticator counts who asks.
type countingAuthenticator struct {
	fakeAuthenticator
	asked atomic.Int64
}

func (d *countingAuthenticator) Authenticate(ctx context.Context, c httpapi.Credentials) (httpapi.User, error) {
	d.asked.Add(1)
	return d.fakeAuthenticator.Authenticate(ctx, c)
}

// TestEndpointSendsRefusedPasswordOnce: a server takes each for a guess, and slows down who guesses.
func TestEndpointSendsRefusedPasswordOnce(t *testing.T) {
	s, door := newEndpointTest(t), &countingAuthenticator{}
	s.environ = append(s.environ, "TABCELL_CLIENT_USER=ann", "TABCELL_CLIENT_PASSWORD=wrong")
	s.expect(1, "", "endpoint", "list", "--url", s.openServer(door))
	if n := door.asked.Load(); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

// TestEndpointTrust: the certificate of the file may have any name; one that the file's authority signed must be for the host that is asked.
func TestEndpointTrust(t *testing.T) {
	root := certtest.Authority(t, "root", nil)
	elsewhere, here := certtest.Issue(t, "elsewhere", root, certtest.ForHosts("tabpy.example")), certtest.Issue(t, "here", root, certtest.ForHosts("127.0.0.1"))
	other := certtest.Issue(t, "other", nil, certtest.ForHosts("127.0.0.1"))
	for name, c := range map[string]struct {
		file   string
		serves *certtest.Issued
		said   string
	}{
		"itself, by another name":  {elsewhere.CertPEM(), elsewhere, ""},
		"its chain":                {certtest.ChainPEM(elsewhere, root), elsewhere, ""},
		"signed for this host":     {root.CertPEM(), here, ""},
		"signed for another host":  {root.CertPEM(), elsewhere, "cannot validate certificate for 127.0.0.1"},
		"another one of the chain": {certtest.ChainPEM(here, root), elsewhere, "cannot validate certificate for 127.0.0.1"},
		"a stranger's":             {root.CertPEM(), other, "unknown authority"},
		"no certificate":           {"", here, "no certificate found"},
	} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{c.serves.Cert.Raw}, PrivateKey: c.serves.Key}}}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		s := newEndpointTest(t)
		code, _, stderr := s.run("endpoint", "list", "--url", server.URL, "--ca", s.file("ca.pem", c.file))
		if (code == 0) != (c.said == "") || !strings.Contains(stderr, c.said) {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
		server.Close()
	}
}

// TestEndpointEscapesServerText: what a server says is printed as text.
func TestEndpointEscapesServerText(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/endpoints" && r.URL.Path != "/status" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message": "no\u001b[2J", "info": "\u202ex"}`))
			return
		}
		_, _ = w.Write([]byte(`{"a\u001b[2J": {"type": "b\u009b2J", "target": "c\u202e", "status": "d\u001b[0m", "description": "e\u001b[0m"}}`))
	}))
	defer server.Close()
	s := newEndpointTest(t)
	for _, verb := range [][]string{{"list"}, {"show", "x"}} {
		_, stdout, stderr := s.run(append(append([]string{"endpoint"}, verb...), "--url", server.URL)...)
		if said := stdout + stderr; said == "" || strings.ContainsFunc(said, func(r rune) bool { return r != '\n' && term.Hidden(r) }) {
			t.Errorf("%s: %q", verb, said)
		}
	}
}

func TestEndpointExportImport(t *testing.T) {
	s := newEndpointTest(t)
	s.expect(0, "", "endpoint", "deploy", s.file("add.py", "add"), "--description", "d")
	s.expect(0, "", "endpoint", "deploy", s.file("two.py", "answer 2"))
	tar := filepath.Join(t.TempDir(), "all.tar")
	s.expect(0, `2 endpoints are in`, "endpoint", "export", tar)
	s.expect(1, `file exists`, "endpoint", "export", tar)
	s.expect(1, `no endpoint of that name`, "endpoint", "export", tar+"2", "none")
	if _, err := os.Stat(tar + "2"); !os.IsNotExist(err) {
		t.Errorf("a failed export leaves a file: %v", err)
	}
	if info, err := os.Stat(tar); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the export has the mode %v, error %v", info.Mode(), err)
	}
	s.expect(1, `without --url`, "endpoint", "export", tar, "--url", "http://localhost")

	to := newEndpointTest(t)
	url := to.openServer(nil)
	to.expect(0, `(?s)deployed add \(version 1\).*deployed two \(version 1\)`, "endpoint", "import", tar, "--url", url)
	to.expect(0, `(?s)add exists already.*two exists already`, "endpoint", "import", tar, "--keep", "--url", url)
	to.expect(0, `(?s)deployed add \(version 2\)`, "endpoint", "import", tar, "--url", url)
	to.expect(0, `description +d\n`, "endpoint", "show", "add", "--url", url)
	_, stdout, _ := s.run("endpoint", "export", "-", "two")
	to.stdin = stdout
	to.expect(0, `^Successfully deployed two \(version 3\)\n$`, "endpoint", "import", "-", "--url", url)
	to.expect(1, `not an export`, "endpoint", "import", s.file("text", strings.Repeat("x", 600)), "--url", url)
}

const tabpyState = `[Service Info]
Name = TabPy Server

[Query Objects Service Versions]
add = {"description": "Adds 100%% of them", "type": "model", "version": 2, "dependencies": [], "target": null, "creation_time": 1795580915, "last_modified_time": 1795580918, "schema": {"a": 1}, "is_public": true}
plus = {"description": "", "type": "alias", "version": 1, "dependencies": ["add"], "target": "add", "creation_time": 1, "last_modified_time": 1, "schema": null, "is_public": false}
sub two = {"description": "Subtracts", "type": "model", "version": 1, "dependencies": [], "target": null, "creation_time": 1, "last_modified_time": 1, "schema": null, "is_public": false}
lost = {"description": "", "type": "model", "version": 7}
odd = {"type": "foo", "version": 1}
broken = {"type"

[Query Objects Docstrings]
add = Adds x and y.
	
	Gr` + "\u00c3\u0083\u00c2\u00b6\u00c3\u0083\u00c2\u009fe" + `: 100%%
sub two = -- no docstring found in query function --

[Meta]
Revision Number = 6
`

func writeTabPyState(t *testing.T) string {
	dir := t.TempDir()
	testenv.WriteFile(t, filepath.Join(dir, "state.ini"), tabpyState)
	for path, code := range map[string]string{"add/1": "old", "add/2": "add", "sub two/1": "answer 2"} {
		path = filepath.Join(dir, "query_objects", path)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		testenv.WriteFile(t, filepath.Join(path, "pickle_archive"), code)
	}
	return dir
}

// TestEndpointImportTabPyState: the folder is only read; what cannot be taken over is told, and the rest is.
func TestEndpointImportTabPyState(t *testing.T) {
	s := newEndpointTest(t)
	dir := writeTabPyState(t)
	code, stdout, stderr := s.run("endpoint", "import", dir)
	if want := "Successfully deployed add (version 1)\nSuccessfully deployed sub two (version 1)\nSuccessfully deployed plus (version 1)\n"; code != 0 || stdout != want {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, part := range []string{`"lost" was not imported`, `"odd" was not imported: endpoints of type "foo"`, `"broken" was not imported: state.ini line 10 is damaged`} {
		if !strings.Contains(stderr, part) {
			t.Errorf("it does not say %s:\n%s", part, stderr)
		}
	}
	kept, err := registry.Open(s.dir, registry.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	e, _ := kept.Get("add")
	if e.Docstring != "Adds x and y.\n\nGröße: 100%" || e.Description != "Adds 100% of them" || string(e.Schema) != `{"a":1}` || !e.Public || e.Current().Kind != registry.Pickle {
		t.Errorf("%+v", e)
	}
	if plus, err := kept.Resolve("plus"); err != nil || plus.Name != "add" {
		t.Errorf("plus is %q, error %v", plus.Name, err)
	}
	s.expect(1, `not a state folder of TabPy`, "endpoint", "import", t.TempDir())
}

// TestDeployModels are deployed under TabPy's names, by both commands.
func TestDeployModels(t *testing.T) {
	s := newEndpointTest(t)
	ready, err := endpoints.ReadyMadeModels()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ready {
		s.models.On(string(d.Code.Content), runtime.ModelInfo{Docstring: "doc"}, runtimetest.Returns("1"))
	}
	all := `Successfully deployed anova (version 1)
Successfully deployed PCA (version 1)
Successfully deployed Sentiment Analysis (version 1)
Successfully deployed ttest (version 1)
`
	if code, stdout, stderr := s.run("endpoint", "deploy-models"); code != 0 || stdout != all {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	config := s.file("tabpy.conf", "[TabPy]\nTABCELL_MODELS_PATH = "+s.dir+"\n")
	s.environ = nil
	want := "Using config file at " + config + "\n" + strings.ReplaceAll(all, "version 1", "version 2")
	if code, stdout, stderr := s.run("tabpy-deploy-models", config); code != 0 || stdout != want {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	s.expect(0, `(?s)^tabcell under the name of TabPy's tool.*Usage:`, "tabpy-deploy-models", "--help")
	s.expect(1, `Usage:`, "tabpy-deploy-models", "a", "b")
}
