package flight

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
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
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
	"tabcell/runtime"
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
func (s *testServer) dial() flightpb.FlightServiceClient {
	return s.dialWith(grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func (s *testServer) dialWith(options ...grpc.DialOption) flightpb.FlightServiceClient {
	options = append(options, grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30)))
	conn, err := grpc.NewClient("passthrough:///"+s.addr, options...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return flightpb.NewFlightServiceClient(conn)
}

// echoTable is a script that returns its table.
func echoTable(_ context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
	if call.Table == nil {
		return runtime.Result{Body: []byte("null")}, nil
	}
	call.TableReply.Begin()
	for _, piece := range call.Table {
		if err := call.TableReply.Write(piece); err != nil {
			return runtime.Result{}, err
		}
	}
	return runtime.Result{Table: true}, nil
}

// message is a header and a body of a table.
type message struct{ header, body []byte }

// readTable returns the messages of a recorded stream.
func readTable(t testing.TB, name string) []message {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "tables", name))
	if err != nil {
		t.Fatal(err)
	}
	return splitStream(t, b)
}

// splitStream takes a stream apart, with code other than that of the server: it takes what is
// before the next prefix for the body.
func splitStream(t testing.TB, b []byte) []message {
	t.Helper()
	mark := []byte{255, 255, 255, 255}
	var all []message
	for len(b) >= 8 && bytes.HasPrefix(b, mark) {
		n := int(binary.LittleEndian.Uint32(b[4:]))
		if n == 0 {
			return all
		}
		header := b[8 : 8+n]
		body := int(bodyLength(header))
		all = append(all, message{header, b[8+n : 8+n+body]})
		b = b[8+n+body:]
	}
	if len(b) > 0 {
		t.Fatalf("the stream goes on with %.20x", b)
	}
	return all
}

// bodyLength returns the field 3 of the header, which must be valid.
func bodyLength(header []byte) int64 {
	root := int(binary.LittleEndian.Uint32(header))
	vtable := root - int(int32(binary.LittleEndian.Uint32(header[root:])))
	if binary.LittleEndian.Uint16(header[vtable:]) <= 4+2*3 {
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(header[vtable+4+2*3:]))
	if offset == 0 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(header[root+offset:]))
}

func path(parts ...string) *flightpb.FlightDescriptor {
	d := &flightpb.FlightDescriptor{Type: flightpb.FlightDescriptor_PATH}
	for _, p := range parts {
		d.Path = append(d.Path, []byte(p))
	}
	return d
}

// put stores a table and returns the error.
func put(ctx context.Context, c flightpb.FlightServiceClient, d *flightpb.FlightDescriptor, messages []message) error {
	stream, err := c.DoPut(ctx)
	if err != nil {
		return err
	}
	for i, m := range messages {
		data := &flightpb.FlightData{DataHeader: m.header, DataBody: m.body}
		if i == 0 {
			data.FlightDescriptor = d
		}
		if stream.Send(data) != nil {
			break // Recv has the error
		}
	}
	_ = stream.CloseSend()
	if _, err = stream.Recv(); err == io.EOF {
		return nil
	}
	return err
}

// get takes a table.
func get(ctx context.Context, c flightpb.FlightServiceClient, ticket string) ([]message, error) {
	stream, err := c.DoGet(ctx, &flightpb.Ticket{Ticket: []byte(ticket)})
	if err != nil {
		return nil, err
	}
	var all []message
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, message{m.DataHeader, m.DataBody})
	}
}

// ticketOf returns TabPy's ticket for a path of one part without quotes in it.
func ticketOf(part string) string { return fmt.Sprintf("(1, None, (b'%s',))", part) }

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
		if i >= len(b) || !bytes.Equal(a[i].header, b[i].header) || !bytes.Equal(a[i].body, b[i].body) {
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
