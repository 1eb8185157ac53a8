package tck

import (
	"bytes"
	"compress/gzip"
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

// serve makes the test binary a server to be measured: it answers with its configuration file, once it was asked twice.
func serve(file string) {
	var asked atomic.Int64
	handler := func(w http.ResponseWriter, _ *http.Request) {
		text, err := os.ReadFile(file)
		if asked.Add(1) <= 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(text)
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("TABPY_PORT"), http.HandlerFunc(handler)))
}

func TestCommand(t *testing.T) {
	s := prepare(t, "small")
	url, stop := Command(os.Args[0], "serve")(t, s)
	response, err := http.Get(url + "/info")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if string(text) != s.Text || response.StatusCode != http.StatusOK {
		t.Errorf("%d, and the server was given %q, want %q", response.StatusCode, text, s.Text)
	}
	stop()
	if _, err := http.Get(url + "/info"); err == nil {
		t.Error("the server goes on")
	}
	http.DefaultClient.CloseIdleConnections()
}

// parrot is a server that answers from the recordings; spoil may change its answers.
type parrot struct {
	t     testing.TB
	known map[string]Response
	spoil func(*Response)
}

func newParrot(t testing.TB, spoil func(*Response)) *parrot {
	p := &parrot{t: t, known: map[string]Response{}, spoil: spoil}
	for _, group := range Groups {
		for _, c := range load(t, group) {
			p.learn(c.Config, c.Request, c.Response)
			for _, then := range c.Then {
				p.learn(c.Config, then.Request, then.Response)
			}
		}
	}
	return p
}

func (p *parrot) learn(config string, q Request, a Response) {
	header := http.Header{}
	for name, value := range q.Headers {
		header.Set(name, value)
	}
	key := keyOf(config, q.Method, q.Path, header, q.bytes(Server{}))
	if old, ok := p.known[key]; ok && old.BodyText != a.BodyText {
		p.t.Fatalf("%s has two answers", key)
	}
	p.known[key] = a
}

// keyOf names a request by what can matter to its answer.
func keyOf(config, method, path string, header http.Header, body []byte) string {
	relevant := []string{header.Get("Accept-Encoding"), header.Get("Content-Encoding"), header.Get("If-None-Match"), header.Get("Authorization")}
	return fmt.Sprintf("%s %s %s %q %q", config, method, path, relevant, body)
}

// start is Target.Start.
func (p *parrot) start(_ testing.TB, s Server) (string, func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a, ok := p.known[keyOf(s.Config, r.Method, r.RequestURI, r.Header, body)]
		if a.TransportError != "" {
			panic(http.ErrAbortHandler)
		}
		if !ok {
			a = Response{Status: http.StatusNotFound}
		}
		if p.spoil != nil {
			p.spoil(&a)
		}
		p.answer(w, s, a)
	}))
	return server.URL, server.Close
}

func (p *parrot) answer(w http.ResponseWriter, s Server, a Response) {
	body := []byte(s.fill(a.BodyText))
	for name, value := range a.Headers {
		if name != "Content-Length" {
			w.Header().Set(name, value)
		}
	}
	if _, ok := a.Headers["Content-Type"]; !ok {
		w.Header()["Content-Type"] = nil // or the library would guess one
	}
	if a.GzipDecoded {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(body)
		_ = z.Close()
		body = packed.Bytes()
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}

// The kit finds nothing to complain about in TabPy's own answers.
func TestRecordingsPass(t *testing.T) {
	Run(t, Target{Start: newParrot(t, nil).start})
}

// A server that answers slightly wrong fails each case in which that counts.
func TestWrongAnswersFail(t *testing.T) {
	compared := func(c Case) bool {
		return c.Compare.Status == statusExact && c.Compare.Body != bodyIgnore && !c.Response.BodyLeftOut && c.Request.Method != "HEAD"
	}
	hasBody := func(c Case) bool { return compared(c) && c.Response.Status != http.StatusNotModified }
	for name, w := range map[string]struct {
		spoil  func(*Response)
		counts func(Case) bool
	}{
		"status":   {func(a *Response) { a.Status++ }, func(c Case) bool { return c.Compare.Status == statusExact }},
		"header":   {func(a *Response) { a.Headers = map[string]string{"Content-Type": "text/plain"} }, hasBody},
		"body":     {func(a *Response) { a.BodyText = `{"unlike": "any"}` }, hasBody},
		"not JSON": {func(a *Response) { a.BodyText += "," }, hasBody},
		"null":     {func(a *Response) { a.BodyText = "null" }, func(c Case) bool { return hasBody(c) && c.Response.BodyText != "null" }},
		"number kind": {func(a *Response) { a.BodyText += ".0" },
			func(c Case) bool {
				return hasBody(c) && c.Compare.Body == bodyExact && json.Valid([]byte(c.Response.BodyText+".0"))
			}},
		"no compression": {func(a *Response) { a.Headers, a.GzipDecoded = nil, false }, func(c Case) bool { return c.Response.GzipDecoded }},
	} {
		t.Run(name, func(t *testing.T) {
			p := newParrot(t, w.spoil)
			for _, group := range Groups {
				p.mustFail(t, group, w.counts)
			}
		})
	}
}

// mustFail plays the cases of a group in which a spoilt answer counts.
func (p *parrot) mustFail(t *testing.T, group string, counts func(Case) bool) {
	pool := servers{t: t, target: Target{Start: p.start}, shared: map[string]*running{}}
	for _, c := range load(t, group) {
		if !counts(c) || !carries(c.Config) {
			continue
		}
		server, done := pool.get(t, c)
		if len(server.play(c)) == 0 {
			t.Errorf("%s, %s: the wrong answer passed", group, c.Name)
		}
		done()
	}
}

func TestServersAreShared(t *testing.T) {
	var started, stopped []string
	t.Run("group", func(t *testing.T) {
		target := Target{Start: func(_ testing.TB, s Server) (string, func()) {
			started = append(started, s.Config)
			return "http://127.0.0.1:1", func() { stopped = append(stopped, s.Config) }
		}}
		pool := servers{t: t, target: target, shared: map[string]*running{}}
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
	r := &running{url: server.URL, client: server.Client()}
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
	r := &running{url: server.URL, client: server.Client()}
	one := Response{Status: 200, BodyIsJSON: true, BodyText: "1"}
	c := Case{Request: Request{Method: "GET", Path: "/"}, Response: one, Then: []Exchange{{Request{Method: "GET", Path: "/"}, one}},
		Compare: Rules{Status: statusExact, Body: bodyExact, Then: "compare"}}
	if got := r.play(c); len(got) != 1 || !strings.Contains(got[0], "then 0") {
		t.Errorf("%q", got)
	}
}
