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
		serve(os.Args[2])
	}
	goleak.VerifyTestMain(m)
}

// serve makes the test binary a server to be measured: it answers with its configuration file, once it was asked twice. A configuration
// without a port ends it.
func serve(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	if !strings.Contains(string(text), "TABPY_PORT") {
		fmt.Fprintln(os.Stderr, "no port in", file)
		os.Exit(3)
	}
	fmt.Println("serving", os.Getenv("EXTRA"))
	var asked atomic.Int64
	handler := func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) <= 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(text)
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("TABPY_PORT"), http.HandlerFunc(handler)))
}

func TestCommand(t *testing.T) {
	s := prepare(t, Case{Config: "small", Env: map[string]string{"EXTRA": "at ${PORT}"}}, "", nil)
	url, stop := Command(os.Args[0], "serve").Start(t, s)
	response, err := http.Get(url + "/info")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if string(text) != s.ConfigText || response.StatusCode != http.StatusOK {
		t.Errorf("%d, and the server was given %q, want %q", response.StatusCode, text, s.ConfigText)
	}
	if want := fmt.Sprintf("serving at %d", s.Port); len(s.Output.missing([]string{want}, logTime)) != 0 {
		t.Errorf("output %q, want %s", s.Output, want)
	}
	stop()
	if _, err := http.Get(url + "/info"); err == nil {
		t.Error("the server goes on")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestCommandThatEnds(t *testing.T) {
	target := Command(os.Args[0], "serve")
	s := prepare(t, Case{Config: "default", ConfigText: "[TabPy]\n"}, "", nil)
	status, err := target.RunUntilExit(t, s)
	if status != 3 || err != nil || !strings.Contains(s.Output.String(), "no port in ") {
		t.Errorf("%d, %v, output %q", status, err, s.Output)
	}
	if status, err := Command("/nonexistent").RunUntilExit(t, s); err == nil {
		t.Errorf("a command that is none ended with %d", status)
	}
}

// allGroups are all groups that the kit carries.
var allGroups = chosen("")

// The kit finds nothing to complain about in TabPy's own answers.
func TestRecordingsPass(t *testing.T) {
	for _, group := range allGroups {
		t.Run(group, func(t *testing.T) { RunGroup(t, newParrot(t, group, nil).target(), group) })
	}
}

// A server that answers slightly wrong fails each case in which that counts.
func TestWrongAnswersFail(t *testing.T) {
	compared := func(c Case) bool {
		return c.Compare.Status == statusExact && c.Compare.Body != bodyIgnore && !c.Response.BodyLeftOut && c.Request.Method != "HEAD"
	}
	hasBody := func(c Case) bool {
		return compared(c) && c.Response.Status != http.StatusNotModified && c.Response.Status != http.StatusNoContent
	}
	raw := func(c Case) bool { return c.Request.Raw != "" }
	startup := func(c Case) bool { return c.Kind == kindStartup }
	for name, w := range map[string]struct {
		spoil  func(*Response)
		counts func(Case) bool
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
		"no compression": {func(a *Response) { a.Headers, a.GzipDecoded = nil, false }, func(c Case) bool { return c.Response.GzipDecoded }},
		"one more":       {func(a *Response) { a.Statuses = append(a.Statuses[:len(a.Statuses):len(a.Statuses)], 404) }, raw},
		"closing":        {func(a *Response) { a.Closed = !a.Closed }, func(c Case) bool { return raw(c) && c.Compare.Closed }},
		"exit":           {func(a *Response) { a.Exit = 0 }, startup},
		"message":        {func(a *Response) { a.Message = a.Message[1:] }, startup},
	} {
		t.Run(name, func(t *testing.T) {
			for _, group := range allGroups {
				newParrot(t, group, w.spoil).mustFail(t, w.counts)
			}
		})
	}
}

// mustFail plays the cases of the group in which a spoilt answer counts.
func (p *parrot) mustFail(t *testing.T, counts func(Case) bool) {
	pool := newServers(t, p.target())
	for _, c := range p.cases {
		if counts(c) && len(pool.play(t, c)) == 0 {
			t.Errorf("%s, %s: the wrong answer passed", c.Group, c.Name)
		}
	}
}

func TestServersAreShared(t *testing.T) {
	var started, stopped []string
	t.Run("group", func(t *testing.T) {
		target := Target{Start: func(_ testing.TB, s ServerSpec) (string, func()) {
			started = append(started, s.ConfigName)
			return "http://127.0.0.1:1", func() { stopped = append(stopped, s.ConfigName) }
		}}
		pool := newServers(t, target)
		for _, c := range []Case{{Config: "default"}, {Config: "small"}, {Config: "default"}, {Config: "default", Fresh: true}, {Config: "default"}} {
			_, done := pool.get(t, c)
			done()
		}
		if want := []string{"default", "small", "default"}; !slices.Equal(started, want) || !slices.Equal(stopped, []string{"default"}) {
			t.Errorf("started %q, stopped %q", started, stopped)
		}
	})
	if len(stopped) != 3 {
		t.Errorf("stopped %q", stopped)
	}
}

// A server that is gone is noticed by the case that ended it, whatever TabPy did there.
func TestDefectCasesWantAServerAfterwards(t *testing.T) {
	c := Case{Request: Request{Method: "GET", Path: "/"}, Compare: Rules{Status: statusDefect, Body: bodyExact}}
	server := httptest.NewServer(http.NotFoundHandler())
	r := &running{server: ServerSpec{Output: &Output{}}, url: server.URL, client: server.Client()}
	if got := r.play(c); len(got) != 0 {
		t.Errorf("%q", got)
	}
	server.Close()
	if got := r.play(c); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestThenIsCompared(t *testing.T) {
	answer := "1"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, answer)
		answer += "0"
	}))
	defer server.Close()
	r := &running{server: ServerSpec{Output: &Output{}}, url: server.URL, client: server.Client()}
	one := Response{Status: 200, BodyIsJSON: true, BodyText: "1"}
	c := Case{Request: Request{Method: "GET", Path: "/"}, Response: one, Then: []Exchange{{Request: Request{Method: "GET", Path: "/"}, Response: one}},
		Compare: Rules{Status: statusExact, Body: bodyExact, Then: "compare"}}
	if got := r.play(c); len(got) != 1 || !strings.Contains(got[0], "then 0") {
		t.Errorf("%q", got)
	}
}
