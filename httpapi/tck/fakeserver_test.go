package tck

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fakeServer serves the recorded responses of a group, after corrupt has modified them.
type fakeServer struct {
	cases   []Case
	corrupt func(*Response)
}

func newFakeServer(t testing.TB, group string, corrupt func(*Response)) *fakeServer {
	if corrupt == nil {
		corrupt = func(*Response) {}
	}
	return &fakeServer{mustLoad(t, group), corrupt}
}

func (f *fakeServer) target() Target {
	if f.cases[0].Request.Raw != "" {
		return Target{Start: f.startRaw}
	}
	return Target{Start: f.start, RunUntilExit: f.runUntilExit}
}

// responseQueues holds the recorded responses to each request, in order. The last one is repeated.
type responseQueues struct {
	mu        sync.Mutex
	responses map[string][]queuedResponse // by requestKey; guarded by mu
}

type queuedResponse struct {
	Response
	setup   bool // belongs to the setup, so it is not corrupted
	fetches int  // of the key set, before the response
}

// start implements Target.Start.
func (f *fakeServer) start(t testing.TB, s ServerSpec) (string, func()) {
	q := &responseQueues{responses: map[string][]queuedResponse{}}
	for _, c := range f.casesFor(s) {
		q.addCase(t, s, c)
		for _, pattern := range c.Compare.Log {
			fmt.Fprintln(s.Output, matchingText(t, pattern))
		}
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a := q.next(requestKey(r.Method, r.RequestURI, r.Header, body))
		fetchKeySet(t, s, a.fetches)
		if a.TransportError != "" {
			panic(http.ErrAbortHandler)
		}
		if !a.setup {
			f.corrupt(&a.Response)
		}
		writeResponse(w, s, a.Response)
	}))
	if strings.HasPrefix(s.URL(), "https") {
		server.StartTLS()
	} else {
		server.Start()
	}
	return server.URL, server.Close
}

// casesFor returns the cases that are replayed against a server.
func (f *fakeServer) casesFor(s ServerSpec) (cases []Case) {
	for _, c := range f.cases {
		if c.Config == s.ConfigName && (s.CaseName == "" && !c.Fresh || s.CaseName == c.Name) {
			cases = append(cases, c)
		}
	}
	return cases
}

func (q *responseQueues) addCase(t testing.TB, s ServerSpec, c Case) {
	for _, step := range c.Setup {
		for _, e := range append(step.Wire, step.Exchange) {
			e.Request.Headers = step.clientHeaders()
			q.add(s, e, queuedResponse{Response: e.Response, setup: true})
		}
	}
	key := q.add(s, Exchange{Request: c.Request}, queuedResponse{Response: c.Response, fetches: c.JWKSFetches})
	if all := q.responses[key]; !c.Fresh && all[0].BodyText != all[len(all)-1].BodyText {
		t.Fatalf("the recordings have two responses to %s", key)
	}
	for _, e := range c.Then {
		q.add(s, e, queuedResponse{Response: e.Response})
	}
}

func (q *responseQueues) add(s ServerSpec, e Exchange, a queuedResponse) string {
	header := http.Header{}
	for name, value := range e.Request.Headers {
		header.Set(name, value)
	}
	key := requestKey(e.Request.Method, e.Request.Path, header, e.Request.bytes(s))
	q.responses[key] = append(q.responses[key], a)
	return key
}

func (q *responseQueues) next(key string) queuedResponse {
	q.mu.Lock()
	defer q.mu.Unlock()
	queued := q.responses[key]
	switch len(queued) {
	case 0:
		return queuedResponse{Response: Response{Status: http.StatusNotFound}}
	case 1:
	default:
		q.responses[key] = queued[1:]
	}
	return queued[0]
}

// requestKey returns the parts of a request that its response can depend on, as a map key.
func requestKey(method, path string, header http.Header, body []byte) string {
	relevant := []string{header.Get("Accept-Encoding"), header.Get("Content-Encoding"), header.Get("If-None-Match"), header.Get("Authorization")}
	return fmt.Sprintf("%s %s %q %q", method, path, relevant, body)
}

func writeResponse(w http.ResponseWriter, s ServerSpec, a Response) {
	body := []byte(s.fill(a.BodyText))
	for name, value := range a.Headers {
		if name != "Content-Length" {
			w.Header().Set(name, value)
		}
	}
	if _, ok := a.Headers["Content-Type"]; !ok {
		w.Header()["Content-Type"] = nil // prevents net/http from guessing one
	}
	if a.GzipDecoded {
		var compressed bytes.Buffer
		z := gzip.NewWriter(&compressed)
		_, _ = z.Write(body)
		_ = z.Close()
		body = compressed.Bytes()
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}

// fetchKeySet requests the key set the given number of times.
func fetchKeySet(t testing.TB, s ServerSpec, times int) {
	transport := insecure()
	transport.DisableKeepAlives = true
	client := &http.Client{Transport: transport}
	for range times {
		response, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/keys.json", s.JWKSPort))
		if err != nil {
			t.Error(err)
			return
		}
		_ = response.Body.Close()
	}
}

// runUntilExit implements Target.RunUntilExit.
func (f *fakeServer) runUntilExit(_ testing.TB, s ServerSpec) (int, error) {
	a := f.casesFor(s)[0].Response
	f.corrupt(&a)
	fmt.Fprintln(s.Output, "The server does not start:", s.fill(a.Message))
	return a.Exit, nil
}
