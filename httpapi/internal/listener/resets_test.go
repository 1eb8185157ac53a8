package listener

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// resetServer is a server with LimitResets.
type resetServer struct {
	*httptest.Server
	served, closed atomic.Int64 // requests that reached the handler, connections that were closed
}

// newResetServer starts a server. With unencrypted, it speaks HTTP/2 without TLS.
func newResetServer(t *testing.T, unencrypted bool) *resetServer {
	s := &resetServer{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.served.Add(1)
		if r.URL.Path == "/wait" {
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // as the handlers of the API do
		}
	}))
	limiter := NewLimiter(s.Listener, Limits{Total: 100, PerAddress: 100})
	s.Listener, s.Config.ConnState = limiter, limiter.ConnState
	LimitResets(s.Config, func() { s.closed.Add(1) })
	if unencrypted {
		s.Config.Protocols = new(http.Protocols)
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
	} else {
		s.EnableHTTP2 = true
		s.StartTLS()
	}
	t.Cleanup(func() {
		s.Close()
		if limiter.Open() != 0 {
			t.Errorf("%d connections are still counted", limiter.Open())
		}
	})
	return s
}

// connect returns a connection for frames, which is closed at the end of the test.
func (s *resetServer) connect(t *testing.T) (net.Conn, *http2.Framer) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if s.TLS != nil {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	}
	framer := http2.NewFramer(conn, conn)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return conn, framer
}

// head is the head of a request that waits until it is reset.
func head() []byte {
	var b writer
	e := hpack.NewEncoder(&b)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/wait"}} {
		_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1], Sensitive: true}) // so that it can be repeated
	}
	return b
}

type writer []byte

func (w *writer) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

// resetOne opens a stream, waits until the handler serves it, because net/http itself closes a
// connection with too many waiting streams, and resets it. It returns false if the connection ends.
func (s *resetServer) resetOne(framer *http2.Framer, fragment []byte, n uint32, closed <-chan struct{}) bool {
	id := 2*n + 1
	if framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: fragment, EndHeaders: true, EndStream: true}) != nil {
		return false
	}
	for s.served.Load() <= int64(n) {
		select {
		case <-closed:
			return false
		case <-time.After(100 * time.Microsecond):
		}
	}
	return framer.WriteRSTStream(id, http2.ErrCodeCancel) == nil
}

// TestRapidResets checks that a connection that opens streams only to reset them is closed, with and
// without TLS, and that another connection is served.
func TestRapidResets(t *testing.T) {
	for name, unencrypted := range map[string]bool{"with TLS": false, "without TLS": true} {
		t.Run(name, func(t *testing.T) {
			s := newResetServer(t, unencrypted)
			conn, framer := s.connect(t)
			defer conn.Close()
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				_, _ = io.Copy(io.Discard, conn)
			}()
			fragment := head()
			for n := uint32(0); s.resetOne(framer, fragment, n, closed); n++ {
			}
			<-closed
			for s.closed.Load() != 1 { // it is reported afterwards
				time.Sleep(time.Millisecond)
			}
			second, framer := s.connect(t)
			defer second.Close()
			if err := framer.WritePing(false, [8]byte{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFewResets checks that a client that cancels some of its requests keeps its connection, as
// does one that leaves.
func TestFewResets(t *testing.T) {
	s := newResetServer(t, false)
	client := s.Client()
	var connections atomic.Int64
	transport := client.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		connections.Add(1)
		return dial(ctx, network, address)
	}
	for range resetBurst / 2 {
		r, err := get(t.Context(), client, s.URL)
		if err != nil || r.ProtoMajor != 2 {
			t.Fatal(err, r)
		}
		r.Body.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if r, err := get(ctx, client, s.URL+"/wait"); err == nil {
			r.Body.Close()
		}
		cancel()
	}
	if s.closed.Load() != 0 || connections.Load() != 1 {
		t.Errorf("%d connections, of which %d were closed; want one that is open", connections.Load(), s.closed.Load())
	}
}

func get(ctx context.Context, c *http.Client, url string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return c.Do(r)
}

// TestResetsAreCounted checks how many resets a connection has: so many at once, and then so many
// in a second.
func TestResetsAreCounted(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	now := time.Unix(1000, 0)
	c := &resets{conn: ours, now: func() time.Time { return now }, left: resetBurst}
	use := func(n int) {
		t.Helper()
		for i := range n {
			if c.count() {
				t.Fatalf("the connection was closed after reset %d of %d", i, n)
			}
		}
	}
	use(resetBurst)
	now = now.Add(time.Second)
	use(resetPerSecond)
	now = now.Add(time.Hour)
	use(resetBurst)
	if !c.count() || c.count() {
		t.Error("the connection was not closed once")
	}
	if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection is open: %v", err)
	}
}
