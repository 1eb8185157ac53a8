package listener

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// fakeListener returns connections from the given addresses, and then an error.
type fakeListener struct {
	net.Listener
	conns []net.Conn
}

func (l *fakeListener) Accept() (net.Conn, error) {
	if len(l.conns) == 0 {
		return nil, net.ErrClosed
	}
	conn := l.conns[0]
	l.conns = l.conns[1:]
	return conn, nil
}

// fakeConn is a connection from an address.
type fakeConn struct {
	net.Conn
	name   string
	addr   netip.Addr
	closed *[]string // the names of closed connections
}

func (c fakeConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.addr, 1))
}

func (c fakeConn) Close() error {
	*c.closed = append(*c.closed, c.name)
	return nil
}

// limiterTest accepts connections, whose names are an address and a letter.
type limiterTest struct {
	*Limiter
	t      *testing.T
	in     *fakeListener
	closed []string
	conns  map[string]net.Conn
}

func newLimiterTest(t *testing.T, limits Limits) *limiterTest {
	in := &fakeListener{}
	return &limiterTest{Limiter: NewLimiter(in, limits), t: t, in: in, conns: map[string]net.Conn{}}
}

// accept lets connections arrive and checks which connections are closed for them.
func (l *limiterTest) accept(name, closed string) {
	l.t.Helper()
	address, _, _ := strings.Cut(name, " ")
	l.in.conns = []net.Conn{fakeConn{name: name, addr: netip.MustParseAddr(address), closed: &l.closed}}
	l.closed = nil
	conn, err := l.Accept()
	if err == nil {
		l.conns[name] = &framingConn{Conn: &tlsConn{Conn: conn}} // as in Serve
	} else if !errors.Is(err, net.ErrClosed) || closed != name {
		l.t.Errorf("%s was refused: %v", name, err)
	}
	if got := strings.Join(l.closed, ", "); got != closed {
		l.t.Errorf("for %s, %q was closed, want %q", name, got, closed)
	}
}

func (l *limiterTest) state(name string, state http.ConnState) { l.ConnState(l.conns[name], state) }

func TestLimitPerAddress(t *testing.T) {
	l := newLimiterTest(t, Limits{Total: 100, PerAddress: 2})
	l.accept("192.0.2.1 a", "")
	l.accept("192.0.2.1 b", "")
	l.accept("192.0.2.2 a", "")
	l.accept("192.0.2.1 c", "192.0.2.1 a") // new connections are idle
	l.state("192.0.2.1 b", http.StateActive)
	l.accept("192.0.2.1 d", "192.0.2.1 c")
	l.state("192.0.2.1 d", http.StateActive)
	l.accept("192.0.2.1 e", "192.0.2.1 e") // none is idle
	l.state("192.0.2.1 d", http.StateIdle)
	l.state("192.0.2.1 b", http.StateIdle)
	l.accept("192.0.2.1 f", "192.0.2.1 d")
	l.state("192.0.2.1 d", http.StateActive) // too late
	if got := l.Open(); got != 3 {
		t.Errorf("%d connections are open, want 3", got)
	}
}

func TestLimitInTotal(t *testing.T) {
	var reports []bool
	l := newLimiterTest(t, Limits{Total: 3, PerAddress: 3, Report: func(perAddress, closed bool) { reports = append(reports, perAddress, closed) }})
	for _, name := range []string{"192.0.2.1 a", "192.0.2.2 a", "192.0.2.3 a"} {
		l.accept(name, "")
		l.state(name, http.StateActive)
	}
	l.accept("192.0.2.4 a", "192.0.2.4 a")
	l.state("192.0.2.2 a", http.StateIdle)
	l.state("192.0.2.1 a", http.StateIdle)
	l.accept("192.0.2.4 b", "192.0.2.2 a")
	if want := []bool{false, false, false, true}; !slices.Equal(reports, want) {
		t.Errorf("reports %v, want %v", reports, want)
	}
	for _, conn := range l.conns {
		_ = conn.Close()
		_ = conn.Close()
	}
	if l.Open() != 0 || len(l.clients) != 0 || l.idle.Len() != 0 {
		t.Errorf("%d connections are open, of %v", l.Open(), l.clients)
	}
}

// All addresses of an IPv6 network of 64 bits belong to one client, and exempt addresses have no
// limit of their own.
func TestLimitedNetworks(t *testing.T) {
	proxy := netip.MustParseAddr("192.0.2.9")
	l := newLimiterTest(t, Limits{Total: 100, PerAddress: 1, Exempt: func(a netip.Addr) bool { return a == proxy }})
	l.accept("2001:db8::1 a", "")
	l.accept("2001:db8:0:1::1 a", "")
	l.accept("2001:db8::ffff:1 a", "2001:db8::1 a")
	l.accept("192.0.2.1 a", "")
	l.accept("::ffff:192.0.2.1 b", "192.0.2.1 a")
	for _, name := range []string{"192.0.2.9 a", "192.0.2.9 b", "::ffff:192.0.2.9 c"} {
		l.accept(name, "")
	}
}

// The states that net/http reports keep the connection that serves a request open.
func TestLimiterWithServer(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limiter := NewLimiter(tcp, Limits{Total: 100, PerAddress: 2})
	started, release := make(chan struct{}), make(chan struct{})
	server := &http.Server{ConnState: limiter.ConnState, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		started <- struct{}{}
		<-release
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(Framing(limiter, maxHeaderBytes, nil)) }()
	response := make(chan error, 1)
	go func() {
		r, err := http.Get("http://" + tcp.Addr().String())
		if err == nil {
			err = r.Body.Close()
		}
		response <- err
	}()
	<-started
	for range 20 {
		conn, err := net.Dial("tcp", tcp.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	close(release)
	if err := <-response; err != nil {
		t.Errorf("the request failed: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
	_ = server.Close()
	<-done
	if limiter.Open() > 2 {
		t.Errorf("%d connections are open", limiter.Open())
	}
}
