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

// ignoreClosing ignores the goroutines in which net/http keeps a closed connection for half a
// second, so that the client can read the last response.
var ignoreClosing = goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait")

// testServer is a server with a fake engine and a client.
type testServer struct {
	t      testing.TB
	api    *API
	engine *runtimetest.FakeEngine
	addr   string
	log    *syncBuffer
	client *http.Client
	tls    *tls.Config // nil for plain HTTP
}

// newTestServer starts a server. configure, if not nil, changes the default configuration.
func newTestServer(t testing.TB, configure func(*Config)) *testServer {
	return newTestServerTLS(t, nil, configure)
}

func newTestServerTLS(t testing.TB, tlsConfig *tls.Config, configure func(*Config)) *testServer {
	cfg := DefaultConfig()
	if configure != nil {
		configure(&cfg)
	}
	engine := runtimetest.NewFakeEngine()
	api, err := New(cfg, Deps{Evaluator: engine})
	if err != nil {
		t.Fatal(err)
	}
	srv := &testServer{t: t, api: api, engine: engine, log: &syncBuffer{}, tls: tlsConfig}
	_, stop := srv.start(cfg)
	t.Cleanup(stop)
	return srv
}

// start starts the server and returns its URL and a function that stops it.
func (srv *testServer) start(cfg Config) (string, func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		srv.t.Fatal(err)
	}
	logger := zerolog.New(srv.log).Level(zerolog.DebugLevel)
	server := NewServer(logger.WithContext(context.Background()), "", srv.api, cfg)
	server.TLSConfig = srv.tls
	done := make(chan error, 1)
	go func() { done <- Serve(server, listener) }()
	transport := &http.Transport{DisableCompression: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	srv.addr, srv.client = listener.Addr().String(), &http.Client{Transport: transport, Timeout: time.Minute, CheckRedirect: noRedirect}
	return srv.url(), func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			srv.t.Errorf("the server ended with %v", err)
		}
	}
}

func (srv *testServer) url() string {
	if srv.tls != nil {
		return "https://" + srv.addr
	}
	return "http://" + srv.addr
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// reply is a response whose body has been read.
type reply struct {
	*http.Response
	body string
}

// do sends a request. headers alternates names and values.
func (srv *testServer) do(method, path, body string, headers ...string) reply {
	srv.t.Helper()
	r, err := http.NewRequest(method, srv.url(), strings.NewReader(body))
	if err != nil {
		srv.t.Fatal(err)
	}
	r.URL.Opaque = path // the path is sent without normalization
	if strings.HasPrefix(path, "//") {
		r.URL.Opaque = "//" + srv.addr + path
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return srv.send(r)
}

func (srv *testServer) send(r *http.Request) reply {
	srv.t.Helper()
	response, err := srv.client.Do(r)
	if err != nil {
		srv.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		srv.t.Fatal(err)
	}
	return reply{response, string(text)}
}

// script evaluates a script without arguments.
func (srv *testServer) script(text string, headers ...string) reply {
	srv.t.Helper()
	return srv.do("POST", "/evaluate", `{"script": "`+text+`", "data": {}}`, headers...)
}

// raw sends text on a new connection and returns the responses. Unless keep is set, it closes the
// sending side after the text.
func (srv *testServer) raw(text string, keep bool) []reply {
	srv.t.Helper()
	conn, err := net.Dial("tcp", srv.addr)
	if err != nil {
		srv.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
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
		t.Errorf("response %d %q\nwant     %d %q", r.StatusCode, r.body, status, body)
	}
}

func (r reply) wantHeader(t testing.TB, name, value string) {
	t.Helper()
	if got := r.Header.Get(name); got != value {
		t.Errorf("header %s: %q, want %q", name, got, value)
	}
}

// syncBuffer is a buffer for the log, which a test can read while the server writes.
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

func (s *syncBuffer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}

// waitFor waits until reached returns true. event describes it in the failure message.
func waitFor(t testing.TB, event string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timeout after ten seconds of waiting for %s", event)
		}
	}
}

type jsonText = json.RawMessage

// pageText returns the error page for status.
func pageText(status int) string {
	title := fmt.Sprintf("%d: %s", status, http.StatusText(status))
	return "<html><title>" + title + "</title><body>" + title + "</body></html>"
}
