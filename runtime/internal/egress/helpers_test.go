package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// resolver resolves names from a table and counts the lookups. Each lookup of a name returns the
// next of its lists, and the last one again and again.
type resolver struct {
	mu      sync.Mutex
	names   map[string][][]string
	lookups []string
	block   bool // until the context ends
}

func (r *resolver) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookups = append(r.lookups, host)
	if r.block {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	lists := r.names[host]
	if len(lists) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(lists) > 1 {
		r.names[host] = lists[1:]
	}
	var addrs []netip.Addr
	for _, text := range lists[0] {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs, nil
}

// world is a network of a test: names have addresses of documentation, which lead to local servers.
type world struct {
	t       *testing.T
	network *Network
	names   *resolver
	mu      sync.Mutex
	servers map[string]string // address:port of a target to that of a local server
	dialed  []string
	uses    []grant.Use
	grants  *grant.Grants
}

func newWorld(t *testing.T, targets ...string) *world {
	w := &world{t: t, names: &resolver{names: map[string][][]string{
		"good.example": {{"192.0.2.1", "2001:db8::1"}},
		"twin.example": {{"192.0.2.1"}},
		"evil.example": {{"192.0.2.66"}},
	}}, servers: map[string]string{}}
	w.network = New(grant.Limits{Resolver: w.names}.WithDefaults(1, 1<<20))
	w.network.dial = w.dial
	g := &grant.Grant{Name: "g"}
	for _, text := range targets {
		target, err := grant.ParseTarget(text)
		if err != nil {
			t.Fatal(err)
		}
		g.Connect = append(g.Connect, target)
	}
	w.grants = &grant.Grants{List: []*grant.Grant{g}, Owner: "account ann", Observe: func(u grant.Use) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.uses = append(w.uses, u)
	}}
	return w
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialed = append(w.dialed, address)
	to, ok := w.servers[address]
	w.mu.Unlock()
	if !ok {
		to = address
	}
	if to == "nowhere" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

// session returns a session that ends with the test.
func (w *world) session() *Session {
	s := w.network.NewSession(w.t.Context(), Options{Grants: w.grants, Used: func() {}, Park: noPark})
	w.t.Cleanup(s.End)
	return s
}

func noPark() func() { return func() {} }

// serve starts a server at an address of the world, which handles each connection with f.
func (w *world) serve(address string, f func(net.Conn)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				f(conn)
			})
		}
	})
	w.servers[address] = l.Addr().String()
	w.t.Cleanup(func() { l.Close(); group.Wait() })
}

// serveHTTP starts a server that responds with the Host of each request.
func (w *world) serveHTTP(address string) {
	s := httptest.NewServer(echoHost())
	w.t.Cleanup(s.Close)
	w.servers[address] = s.Listener.Addr().String()
}

// serveTLS starts a TLS server with a certificate for example.com and 127.0.0.1, and returns its
// authority.
func (w *world) serveTLS(address string) *x509.CertPool {
	s := httptest.NewUnstartedServer(echoHost())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	w.t.Cleanup(s.Close)
	w.servers[address] = s.Listener.Addr().String()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return roots
}

func echoHost() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, "host "+r.Host) })
}

// certificate returns a certificate of httptest, for example.com.
func certificate() tls.Certificate {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	return s.TLS.Certificates[0]
}

// connect makes a connection, which must succeed.
func connect(t *testing.T, s *Session, host string, port uint16) int32 {
	t.Helper()
	handle, err := s.Connect(host, port, 10*time.Second)
	if err != nil {
		t.Fatalf("%s:%d: %v", host, port, err)
	}
	return handle
}

// send sends all of a text.
func send(s *Session, handle int32, text string) *grant.Error {
	for b := []byte(text); len(b) > 0; {
		n, err := s.Send(handle, b, 10*time.Second)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// receive returns all bytes up to a text, or to the end.
func receive(t *testing.T, s *Session, handle int32, until string) string {
	t.Helper()
	var all strings.Builder
	for b := make([]byte, 1000); !strings.Contains(all.String(), until); {
		n, err := s.Receive(handle, b, 10*time.Second)
		if err != nil {
			t.Fatalf("after %q: %v", all.String(), err)
		}
		if n == 0 {
			break
		}
		all.Write(b[:n])
	}
	return all.String()
}

// wantCode fails unless the error has a code and a text.
func wantCode(t *testing.T, name string, err *grant.Error, code grant.Code, text string) {
	t.Helper()
	if err == nil || err.Code != code || !strings.Contains(err.Text, text) {
		t.Errorf("%s: got %+v, want code %d with %q", name, err, code, text)
	}
}

func echo(conn net.Conn) { _, _ = io.Copy(conn, conn) }
