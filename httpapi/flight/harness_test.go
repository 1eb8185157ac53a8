package flight

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/flight/flighttest"
	"tabcell/runtime"
	"tabcell/runtime/memfile"
	"tabcell/runtime/runtimetest"
)

// net/http keeps a closed connection for half a second, so that the client can read the last
// response.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// testServer is a server of both services with a fake engine.
type testServer struct {
	t      testing.TB
	api    *httpapi.API
	engine *runtimetest.FakeEngine
	flight *http.Server
	http   string // URL
	addr   string // of the Flight service
	log    *syncBuffer
	handle *Server
	client flightpb.FlightServiceClient
}

// newServer starts a server. configure, if not nil, changes the configuration.
func newServer(t testing.TB, configure func(*httpapi.Config, *httpapi.Deps)) *testServer {
	t.Helper()
	return newTLSServer(t, nil, configure)
}

// newTLSServer starts a server whose Flight service has a TLS configuration, if that is not nil.
func newTLSServer(t testing.TB, config *tls.Config, configure func(*httpapi.Config, *httpapi.Deps)) *testServer {
	t.Helper()
	cfg, engine := httpapi.DefaultConfig(), runtimetest.NewFakeEngine()
	cfg.Arrow = true
	deps := httpapi.Deps{Evaluator: engine}
	if configure != nil {
		configure(&cfg, &deps)
	}
	api, err := httpapi.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{t: t, api: api, engine: engine, log: &syncBuffer{}}
	engine.On("return _arg1", echoTable)
	ctx := zerolog.New(s.log).Level(zerolog.DebugLevel).WithContext(context.Background())
	web := httpapi.NewServer(ctx, "", api, cfg)
	s.http = "http://" + s.serve(func(l net.Listener) error { return httpapi.Serve(web, l) }, web)
	s.flight = NewHTTPServer(ctx, api)
	s.flight.TLSConfig = config
	s.handle = s.flight.Handler.(*Server)
	s.addr = s.serve(func(l net.Listener) error { return Serve(s.flight, api.LimitFlightConnections(ctx, s.flight, l)) }, s.flight)
	s.client = s.dial()
	return s
}

// serve runs a server until the end of the test, and returns its address.
func (s *testServer) serve(run func(net.Listener) error, server *http.Server) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- run(l) }()
	s.t.Cleanup(func() {
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			s.t.Errorf("a server ended with %v", err)
		}
	})
	return l.Addr().String()
}

// dial returns a client with a connection of its own.
func (s *testServer) dial() flightpb.FlightServiceClient { return flighttest.Dial(s.t, s.addr, nil) }

// echoTable is a script that returns its table, of which it shares the parts in files.
func echoTable(_ context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
	if call.Table == nil {
		return runtime.Result{Body: []byte("null")}, nil
	}
	call.TableReply.Begin()
	for i, piece := range call.Table {
		if err := echoPiece(call, piece, call.TableFiles[i]); err != nil {
			return runtime.Result{}, err
		}
	}
	return runtime.Result{Table: true}, nil
}

// echoPiece writes a piece of a table. It shares the first half of a file, in two parts.
func echoPiece(call runtime.Call, piece []byte, file *memfile.Chunk) error {
	if file == nil {
		return call.TableReply.Write(piece)
	}
	quarter, half := len(piece)/4, len(piece)/2
	return errors.Join(
		call.TableReply.WriteChunk(file.Slice(0, quarter)), call.TableReply.WriteChunk(file.Slice(quarter, half)),
		call.TableReply.Write(piece[half:]),
	)
}

// failingScript is a script that raises an exception.
func failingScript(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
	return runtime.Result{}, &runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "x"}
}

// The helpers of package flighttest, under short names.
type message = flighttest.Message

var (
	path     = flighttest.Path
	put      = flighttest.Put
	get      = flighttest.Get
	ticketOf = flighttest.Ticket
)

func newMessage(header, body []byte) message { return message{Header: header, Body: body} }

// readTable returns the messages of a recorded stream.
func readTable(t testing.TB, name string) []message {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "tables", name))
	if err != nil {
		t.Fatal(err)
	}
	messages, err := flighttest.Split(b)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// largeTable returns a table with batches of the given sizes in bytes, which only the host can read.
func largeTable(t testing.TB, sizes ...int) []message {
	t.Helper()
	table := readTable(t, "in_prep.arrow")
	schema, batch := table[0], table[1]
	messages := []message{schema}
	for i, size := range sizes {
		header := bytes.Clone(batch.Header)
		length := binary.LittleEndian.AppendUint64(nil, uint64(len(batch.Body)))
		at := bytes.Index(header, length)
		if at < 0 || bytes.Count(header, length) != 1 {
			t.Fatal("the header does not have the length of the body once")
		}
		binary.LittleEndian.PutUint64(header[at:], uint64(size))
		body := make([]byte, size)
		for k := range body {
			body[k] = byte(k*7>>(k%5) + i)
		}
		messages = append(messages, newMessage(header, body))
	}
	return messages
}

func (s *testServer) mustPut(name string, messages []message) {
	s.t.Helper()
	if err := put(s.t.Context(), s.client, path(name), messages); err != nil {
		s.t.Fatal(err)
	}
}

// evaluate sends a script with a dataPath, and returns the status and the body of the response.
func (s *testServer) evaluate(script, dataPath string, header ...string) (int, string) {
	s.t.Helper()
	body, _ := json.Marshal(map[string]string{"script": script, "dataPath": dataPath})
	return s.post(string(body), header...)
}

func (s *testServer) post(body string, header ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest("POST", s.http+"/evaluate", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// wantStatus checks the code and the text of an error.
func wantStatus(t testing.TB, err error, code codes.Code, text string) {
	t.Helper()
	if got := status.Convert(err); got.Code() != code || !strings.Contains(got.Message(), text) {
		t.Errorf("got %v %q, want %v with %q", got.Code(), got.Message(), code, text)
	}
}

// basic returns a context with a password.
func basic(ctx context.Context, header string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", header)
}

func equalTables(a, b []message) bool {
	for i := range a {
		if i >= len(b) || !bytes.Equal(a[i].Header, b[i].Header) || !bytes.Equal(a[i].Body, b[i].Body) {
			return false
		}
	}
	return len(a) == len(b)
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("still not so after a minute: ", what)
		}
	}
}
