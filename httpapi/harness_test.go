package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"tabcell/runtime/runtimetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, ignoreClosing) }

// closing: net/http holds a connection that it closed for half a second, so that its client can
// read the last answer.
var ignoreClosing = goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait")

// bench is a server over a stand-in evaluator, as a test uses it.
type testServer struct {
	t      testing.TB
	api    *API
	engine *runtimetest.FakeEngine
	addr   string
	log    *syncBuffer
	client *http.Client
	tls    *tls.Config // nil: plain HTTP
}

// serve starts a server; configure may change the default configuration.
func newTestServer(t testing.TB, configure func(*Config)) *testServer {
	return newTestServerTLS(t, nil, configure)
}

func newTestServerTLS(t testing.TB, tlsConfig *tls.Config, configure func(*Config)) *testServer {
	cfg := DefaultConfig()
	if configure != nil {
		configure(&cfg)
	}
	standIn := runtimetest.NewFakeEngine()
	api, err := New(cfg, Deps{Evaluator: standIn})
	if err != nil {
		t.Fatal(err)
	}
	b := &testServer{t: t, api: api, engine: standIn, log: &syncBuffer{}, tls: tlsConfig}
	_, stop := b.start(cfg)
	t.Cleanup(stop)
	return b
}

// start makes the API a server; it returns its URL and what stops it.
func (b *testServer) start(cfg Config) (string, func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	logger := zerolog.New(b.log).Level(zerolog.DebugLevel)
	server := NewServer(logger.WithContext(context.Background()), "", b.api, cfg)
	server.TLSConfig = b.tls
	done := make(chan error, 1)
	go func() { done <- Serve(server, listener) }()
	transport := &http.Transport{DisableCompression: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	b.addr, b.client = listener.Addr().String(), &http.Client{Transport: transport, Timeout: 20 * time.Second, CheckRedirect: noRedirect}
	return b.url(), func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			b.t.Errorf("the server ended with %v", err)
		}
	}
}

func (b *testServer) url() string {
	if b.tls != nil {
		return "https://" + b.addr
	}
	return "http://" + b.addr
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body string
}

// do sends a request; headers are pairs.
func (b *testServer) do(method, path, body string, headers ...string) reply {
	b.t.Helper()
	r, err := http.NewRequest(method, b.url(), strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.URL.Opaque = path // as it is, not cleaned
	if strings.HasPrefix(path, "//") {
		r.URL.Opaque = "//" + b.addr + path
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

func (b *testServer) send(r *http.Request) reply {
	b.t.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{response, string(text)}
}

// script posts a script without arguments.
func (b *testServer) script(text string, headers ...string) reply {
	b.t.Helper()
	return b.do("POST", "/evaluate", `{"script": "`+text+`", "data": {}}`, headers...)
}

// raw sends bytes on a connection of their own, says that no more will come unless keep is set, and
// returns the answers.
func (b *testServer) raw(text string, keep bool) []reply {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	go func() {
		_, _ = io.WriteString(conn, text)
		if !keep {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
	}()
	var replies []reply
	for in := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return replies
		}
		body, _ := io.ReadAll(response.Body)
		replies = append(replies, reply{response, string(body)})
	}
}

func (r reply) want(t testing.TB, status int, body string) {
	t.Helper()
	if r.StatusCode != status || r.body != body {
		t.Errorf("answer %d %q\nwant   %d %q", r.StatusCode, r.body, status, body)
	}
}

func (r reply) wantHeader(t testing.TB, name, value string) {
	t.Helper()
	if got := r.Header.Get(name); got != value {
		t.Errorf("%s: %q, want %q", name, got, value)
	}
}

// syncBuffer is a log that a test can read while the server writes.
type syncBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// until waits for a condition that another goroutine makes true.
func waitFor(t testing.TB, condition string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", condition)
		}
	}
}

type jsonText = json.RawMessage

func pageText(status int) string {
	title := fmt.Sprintf("%d: %s", status, http.StatusText(status))
	return "<html><title>" + title + "</title><body>" + title + "</body></html>"
}

func (s *syncBuffer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}
