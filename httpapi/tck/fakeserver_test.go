package tck

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp/syntax"
	"strings"
	"sync"
	"testing"
	"time"
)

// parrot is a server that answers a group from the recordings; spoil may change its answers.
type parrot struct {
	cases []Case
	spoil func(*Response)
}

func newParrot(t testing.TB, group string, spoil func(*Response)) *parrot {
	if spoil == nil {
		spoil = func(*Response) {}
	}
	return &parrot{load(t, group), spoil}
}

func (p *parrot) target() Target {
	if p.cases[0].Request.Raw != "" {
		return Target{Start: p.startRaw}
	}
	return Target{Start: p.start, RunUntilExit: p.end}
}

// memory are the answers to requests, in the order in which they were given; the last one is given again and again.
type memory struct {
	mu    sync.Mutex
	known map[string][]remembered // guarded by mu
}

type remembered struct {
	Response
	setup   bool // an answer of the setup, which is never spoilt
	fetches int  // of the key set, before the answer
}

// start is Target.Start.
func (p *parrot) start(t testing.TB, s ServerSpec) (string, func()) {
	m := &memory{known: map[string][]remembered{}}
	for _, c := range p.casesOf(s) {
		m.learn(t, s, c)
		for _, pattern := range c.Compare.Log {
			fmt.Fprintln(s.Output, example(t, pattern))
		}
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a := m.recall(keyOf(r.Method, r.RequestURI, r.Header, body))
		fetch(t, s, a.fetches)
		if a.TransportError != "" {
			panic(http.ErrAbortHandler)
		}
		if !a.setup {
			p.spoil(&a.Response)
		}
		answer(w, s, a.Response)
	}))
	if strings.HasPrefix(s.URL(), "https") {
		server.StartTLS()
	} else {
		server.Start()
	}
	return server.URL, server.Close
}

// casesOf are the cases that a server is started for.
func (p *parrot) casesOf(s ServerSpec) (mine []Case) {
	for _, c := range p.cases {
		if c.Config == s.ConfigName && (s.CaseName == "" && !c.Fresh || s.CaseName == c.Name) {
			mine = append(mine, c)
		}
	}
	return mine
}

func (m *memory) learn(t testing.TB, s ServerSpec, c Case) {
	for _, step := range c.Setup {
		for _, e := range append(step.Wire, step.Exchange) {
			e.Request.Headers = step.sentHeaders()
			m.add(s, e, remembered{Response: e.Response, setup: true})
		}
	}
	key := m.add(s, Exchange{Request: c.Request}, remembered{Response: c.Response, fetches: c.JWKSFetches})
	if all := m.known[key]; !c.Fresh && all[0].BodyText != all[len(all)-1].BodyText {
		t.Fatalf("%s has two answers", key)
	}
	for _, e := range c.Then {
		m.add(s, e, remembered{Response: e.Response})
	}
}

func (m *memory) add(s ServerSpec, e Exchange, a remembered) string {
	header := http.Header{}
	for name, value := range e.Request.Headers {
		header.Set(name, value)
	}
	key := keyOf(e.Request.Method, e.Request.Path, header, e.Request.bytes(s))
	m.known[key] = append(m.known[key], a)
	return key
}

func (m *memory) recall(key string) remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	answers := m.known[key]
	switch len(answers) {
	case 0:
		return remembered{Response: Response{Status: http.StatusNotFound}}
	case 1:
	default:
		m.known[key] = answers[1:]
	}
	return answers[0]
}

// keyOf names a request by what can matter to its answer.
func keyOf(method, path string, header http.Header, body []byte) string {
	relevant := []string{header.Get("Accept-Encoding"), header.Get("Content-Encoding"), header.Get("If-None-Match"), header.Get("Authorization")}
	return fmt.Sprintf("%s %s %q %q", method, path, relevant, body)
}

func answer(w http.ResponseWriter, s ServerSpec, a Response) {
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

// fetch asks for the key set so many times.
func fetch(t testing.TB, s ServerSpec, times int) {
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

// end is Target.RunUntilExit.
func (p *parrot) end(_ testing.TB, s ServerSpec) (int, error) {
	a := p.casesOf(s)[0].Response
	p.spoil(&a)
	fmt.Fprintln(s.Output, "It will not do:", s.fill(a.Message))
	return a.Exit, nil
}

// startRaw is Target.Start of a group of raw requests.
func (p *parrot) startRaw(t testing.TB, s ServerSpec) (string, func()) {
	known := map[string]Response{}
	for _, c := range p.cases {
		known[string(latin1(s.fill(c.Request.Raw)))] = c.Response
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var busy sync.WaitGroup
	busy.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			busy.Go(func() { p.answerRaw(conn, known) })
		}
	})
	return "http://" + listener.Addr().String(), func() {
		_ = listener.Close()
		busy.Wait()
	}
}

// answerRaw answers a connection's bytes, and holds it until the client closes it, if it was held.
func (p *parrot) answerRaw(conn net.Conn, known map[string]Response) {
	defer conn.Close()
	buffer := make([]byte, 64<<10)
	n, _ := conn.Read(buffer) // all of it: the kit writes once
	a := known[string(buffer[:n])]
	p.spoil(&a)
	for _, status := range a.Statuses {
		length := "Content-Length: 0\r\n"
		if status < 200 {
			length = ""
		}
		fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n%s\r\n", status, http.StatusText(status), length)
	}
	if !a.Closed {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, _ = conn.Read(buffer)
	}
}

// example is a text that matches a simple pattern.
func example(t testing.TB, pattern string) string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return exampleOf(parsed)
}

func exampleOf(r *syntax.Regexp) string {
	switch r.Op {
	case syntax.OpLiteral:
		return string(r.Rune)
	case syntax.OpCharClass:
		return string(r.Rune[:1])
	case syntax.OpRepeat:
		return strings.Repeat(exampleOf(r.Sub[0]), r.Min)
	case syntax.OpStar, syntax.OpQuest:
		return ""
	}
	var b strings.Builder
	for _, sub := range r.Sub {
		b.WriteString(exampleOf(sub))
	}
	return b.String()
}
