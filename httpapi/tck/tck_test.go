package tck

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serveConfig(os.Args[2])
	}
	goleak.VerifyTestMain(m)
}

// serveConfig turns the test binary into a server under test. It responds with the text of its
// configuration file, and is not ready for the first two requests. It exits if the configuration
// has no port.
func serveConfig(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	if !strings.Contains(string(text), "TABPY_PORT") {
		fmt.Fprintln(os.Stderr, "no port in", file)
		os.Exit(3)
	}
	fmt.Println("serving", os.Getenv("EXTRA"))
	var requests atomic.Int64
	handler := func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) <= 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(text)
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("TABPY_PORT"), http.HandlerFunc(handler)))
}

func TestCommand(t *testing.T) {
	s := newServerSpec(t, Case{Config: "small", Env: map[string]string{"EXTRA": "at ${PORT}"}}, "", nil)
	url, stop := Command(os.Args[0], "serve").Start(t, s)
	response, err := http.Get(url + "/info")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if string(text) != s.ConfigText || response.StatusCode != http.StatusOK {
		t.Errorf("status %d, configuration %q, want %q", response.StatusCode, text, s.ConfigText)
	}
	if want := fmt.Sprintf("serving at %d", s.Port); len(s.Output.awaitPatterns([]string{want}, logTimeout)) != 0 {
		t.Errorf("output %q, want %q", s.Output, want)
	}
	stop()
	if _, err := http.Get(url + "/info"); err == nil {
		t.Error("the server still responds after stop")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestCommandRunUntilExit(t *testing.T) {
	target := Command(os.Args[0], "serve")
	s := newServerSpec(t, Case{Config: "default", ConfigText: "[TabPy]\n"}, "", nil)
	status, err := target.RunUntilExit(t, s)
	if status != 3 || err != nil || !strings.Contains(s.Output.String(), "no port in ") {
		t.Errorf("exit status %d, %v, output %q", status, err, s.Output)
	}
	if status, err := Command("/nonexistent").RunUntilExit(t, s); err == nil {
		t.Errorf("a missing command exited with status %d", status)
	}
}

// allGroups lists all groups, including those that TABCELL_TCK_GROUPS does not select.
var allGroups = parseGroups("")

// TabPy's own responses must pass.
func TestRecordingsPass(t *testing.T) {
	for _, group := range allGroups {
		t.Run(group, func(t *testing.T) { RunGroup(t, newFakeServer(t, group, nil).target(), group) })
	}
}

// A slightly wrong response must fail each case that compares the corrupted part.
func TestCorruptResponsesFail(t *testing.T) {
	compared := func(c Case) bool {
		return c.Compare.Status == statusExact && c.Compare.Body != bodyIgnore && !c.Response.BodyLeftOut && c.Request.Method != "HEAD"
	}
	hasBody := func(c Case) bool {
		return compared(c) && c.Response.Status != http.StatusNotModified && c.Response.Status != http.StatusNoContent
	}
	raw := func(c Case) bool { return c.Request.Raw != "" }
	startup := func(c Case) bool { return c.Kind == kindStartup }
	for name, w := range map[string]struct {
		corrupt func(*Response)
		counts  func(Case) bool
	}{
		"status":   {func(a *Response) { a.Status++ }, func(c Case) bool { return c.Compare.Status == statusExact && !raw(c) }},
		"header":   {func(a *Response) { a.Headers = map[string]string{"Content-Type": "text/plain"} }, hasBody},
		"body":     {func(a *Response) { a.BodyText = `{"unlike": "any"}` }, hasBody},
		"not JSON": {func(a *Response) { a.BodyText += "," }, hasBody},
		"null":     {func(a *Response) { a.BodyText = "null" }, func(c Case) bool { return hasBody(c) && c.Response.BodyText != "null" }},
		"number kind": {func(a *Response) { a.BodyText += ".0" },
			func(c Case) bool {
				return hasBody(c) && c.Compare.Body == bodyExact && json.Valid([]byte(c.Response.BodyText+".0"))
			}},
		"no compression":   {func(a *Response) { a.Headers, a.GzipDecoded = nil, false }, func(c Case) bool { return c.Response.GzipDecoded }},
		"extra response":   {func(a *Response) { a.Statuses = append(a.Statuses[:len(a.Statuses):len(a.Statuses)], 404) }, raw},
		"connection state": {func(a *Response) { a.Closed = !a.Closed }, func(c Case) bool { return raw(c) && c.Compare.Closed }},
		"exit status":      {func(a *Response) { a.Exit = 0 }, startup},
		"message":          {func(a *Response) { a.Message = a.Message[1:] }, startup},
	} {
		t.Run(name, func(t *testing.T) {
			for _, group := range allGroups {
				newFakeServer(t, group, w.corrupt).requireFailures(t, w.counts)
			}
		})
	}
}

// requireFailures replays the cases that a corrupted response must fail.
func (f *fakeServer) requireFailures(t *testing.T, counts func(Case) bool) {
	pool := newServerPool(t, f.target())
	for _, c := range f.cases {
		if counts(c) && len(pool.replay(t, c)) == 0 {
			t.Errorf("%s, %s: the corrupted response passed", c.Group, c.Name)
		}
	}
}

func TestServersShared(t *testing.T) {
	var started, stopped []string
	t.Run("group", func(t *testing.T) {
		target := Target{Start: func(_ testing.TB, s ServerSpec) (string, func()) {
			started = append(started, s.ConfigName)
			return "http://127.0.0.1:1", func() { stopped = append(stopped, s.ConfigName) }
		}}
		pool := newServerPool(t, target)
		for _, c := range []Case{{Config: "default"}, {Config: "small"}, {Config: "default"}, {Config: "default", Fresh: true}, {Config: "default"}} {
			_, release := pool.get(t, c)
			release()
		}
		if want := []string{"default", "small", "default"}; !slices.Equal(started, want) || !slices.Equal(stopped, []string{"default"}) {
			t.Errorf("started %q, stopped %q", started, stopped)
		}
	})
	if len(stopped) != 3 {
		t.Errorf("stopped %q, want three servers", stopped)
	}
}

// A case that made TabPy exit or hang accepts any response, but the server must still respond
// afterwards.
func TestDefectCaseRequiresLiveServer(t *testing.T) {
	c := Case{Request: Request{Method: "GET", Path: "/"}, Compare: Rules{Status: statusDefect, Body: bodyExact}}
	server := httptest.NewServer(http.NotFoundHandler())
	r := &runningServer{server: ServerSpec{Output: &Output{}}, url: server.URL, client: server.Client()}
	if got := r.replay(c); len(got) != 0 {
		t.Errorf("differences %q, want none", got)
	}
	server.Close()
	if got := r.replay(c); len(got) != 1 {
		t.Errorf("differences %q, want one: the server is closed", got)
	}
}

func TestThenExchangesCompared(t *testing.T) {
	body := "1"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, body)
		body += "0"
	}))
	defer server.Close()
	r := &runningServer{server: ServerSpec{Output: &Output{}}, url: server.URL, client: server.Client()}
	want := Response{Status: 200, BodyIsJSON: true, BodyText: "1"}
	c := Case{Request: Request{Method: "GET", Path: "/"}, Response: want, Then: []Exchange{{Request: Request{Method: "GET", Path: "/"}, Response: want}},
		Compare: Rules{Status: statusExact, Body: bodyExact, Then: "compare"}}
	if got := r.replay(c); len(got) != 1 || !strings.Contains(got[0], "then 0") {
		t.Errorf("differences %q, want one in then 0", got)
	}
}
