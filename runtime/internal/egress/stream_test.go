package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"
)

// TestEcho sends more bytes than fit into the buffers of the network, and receives them.
func TestEcho(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000")
	w.serve("192.0.2.1:5000", echo)
	s := w.session()
	handle := connect(t, s, "good.example", 5000)
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	var got []byte
	for sent := 0; len(got) < len(data); {
		entries := []PollEntry{{Handle: handle, Events: PollRead | PollWrite}}
		if _, err := s.Poll(entries, 10*time.Second); err != nil {
			t.Fatal(err)
		}
		if entries[0].Returned&PollWrite != 0 && sent < len(data) {
			n, err := s.Send(handle, data[sent:], 0)
			if err != nil && err.Code != grant.Again {
				t.Fatal(err)
			}
			sent += n
		}
		if entries[0].Returned&PollRead != 0 {
			b := make([]byte, 10_000)
			n, err := s.Receive(handle, b, 0)
			if err != nil && err.Code != grant.Again {
				t.Fatal(err)
			}
			got = append(got, b[:n]...)
		}
	}
	if !bytes.Equal(got, data) {
		t.Error("other bytes came back")
	}
	if err := s.Shutdown(handle, ShutdownWrite); err != nil {
		t.Error(err)
	}
	if n, err := s.Receive(handle, make([]byte, 10), 10*time.Second); n != 0 || err != nil {
		t.Errorf("after the end: %d bytes, %v", n, err)
	}
	_, err := s.Send(handle, []byte("x"), time.Second)
	wantCode(t, "after shutdown", err, grant.Pipe, "ended its side")
	if err := s.Close(handle); err != nil {
		t.Error(err)
	}
	wantCode(t, "second close", s.Close(handle), grant.BadHandle, "closed")
	s.End()
	if n := int64(len(data)); len(w.uses) != 1 || w.uses[0].In != n || w.uses[0].Out != n || w.uses[0].Outcome != grant.OutcomeOK {
		t.Errorf("uses %+v", w.uses)
	}
}

// TestTimeouts checks the timeouts of operations that have to wait.
func TestTimeouts(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000", "tcp://good.example:5001")
	w.serve("192.0.2.1:5000", func(conn net.Conn) { time.Sleep(50 * time.Millisecond); echo(conn) })
	w.servers["192.0.2.1:5001"], w.servers["[2001:db8::1]:5001"] = "nowhere", "nowhere"
	s := w.session()
	handle := connect(t, s, "good.example", 5000)
	_, err := s.Receive(handle, make([]byte, 10), 0)
	wantCode(t, "receive at once", err, grant.Again, "would block")
	_, err = s.Receive(handle, make([]byte, 10), time.Millisecond)
	wantCode(t, "receive", err, grant.Timeout, "timed out")
	if n, err := s.Poll([]PollEntry{{Handle: handle, Events: PollRead}}, time.Millisecond); n != 0 || err != nil {
		t.Errorf("poll returned %d, %v", n, err)
	}
	if err := send(s, handle, "hello"); err != nil || receive(t, s, handle, "hello") != "hello" {
		t.Error("after timeouts, the connection does not work")
	}
	_, err = s.Connect("good.example", 5001, 10*time.Millisecond)
	wantCode(t, "connect", err, grant.Timeout, "timed out")
	w.names.block = true
	w.grants.List[0].Connect = append(w.grants.List[0].Connect, grant.Target{Scheme: "tcp", Host: "other.example", Port: 1})
	_, err = s.Resolve("other.example", 1, 10*time.Millisecond)
	wantCode(t, "resolve", err, grant.Timeout, "timed out")
}

// TestBackgroundConnect connects without waiting.
func TestBackgroundConnect(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000", "tcp://good.example:1")
	w.serve("192.0.2.1:5000", echo)
	w.servers["192.0.2.1:1"], w.servers["[2001:db8::1]:1"] = "127.0.0.1:1", "127.0.0.1:1"
	s := w.session()
	for port, code := range map[uint16]string{5000: "0", 1: "9"} {
		handle, err := s.Connect("good.example", port, 0)
		if err != nil {
			t.Fatal(err)
		}
		entries := []PollEntry{{Handle: handle, Events: PollWrite}}
		if n, err := s.Poll(entries, 10*time.Second); n != 1 || err != nil || entries[0].Returned&PollWrite == 0 {
			t.Errorf("port %d: poll returned %d, %v, %+v", port, n, err, entries)
		}
		if b, _, err := s.Info(handle, InfoError); string(b) != code || err != nil {
			t.Errorf("port %d: error %s, %v; want %s", port, b, err, code)
		}
		s.Close(handle)
	}
}

// TestTLS makes handshakes with good and bad certificates and names.
func TestTLS(t *testing.T) {
	const address = "192.0.2.1:443"
	start := func(target, host, name string, roots func(*x509.CertPool) *x509.CertPool) (*Session, int32, *grant.Error) {
		w := newWorld(t, target)
		w.names.names["example.com"] = [][]string{{"192.0.2.1"}}
		pool := w.serveTLS(address)
		w.grants.List[0].Roots = roots(pool)
		s := w.session()
		handle := connect(t, s, host, 443)
		return s, handle, s.StartTLS(handle, name, 10*time.Second)
	}
	own := func(p *x509.CertPool) *x509.CertPool { return p }
	other := func(*x509.CertPool) *x509.CertPool { return x509.NewCertPool() }
	host := func(*x509.CertPool) *x509.CertPool { return nil }
	for _, name := range []string{"", "example.com", "EXAMPLE.com."} {
		s, handle, err := start("https://example.com", "example.com", name, own)
		if err != nil {
			t.Fatal(err)
		}
		if err := send(s, handle, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
			t.Error(err)
		}
		receive(t, s, handle, "host example.com")
		version, _, _ := s.Info(handle, InfoTLSVersion)
		verified, _, _ := s.Info(handle, InfoTLSName)
		der, _, _ := s.Info(handle, InfoCertificate)
		if _, err := x509.ParseCertificate(der); err != nil || string(version) != "TLSv1.3" || string(verified) != "example.com" {
			t.Errorf("version %q, name %q, certificate %v", version, verified, err)
		}
		err = send(s, handle, "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n")
		wantCode(t, "Host other than SNI", err, grant.Denied, "its host is good.example")
	}
	for _, c := range []struct {
		what, target, host, name string
		roots                    func(*x509.CertPool) *x509.CertPool
		code                     grant.Code
		text                     string
	}{
		{"unknown authority", "https://example.com", "example.com", "", other, grant.Certificate, "certificate verify failed: unable to get local issuer certificate"},
		{"authorities of the host", "https://example.com", "example.com", "", host, grant.Certificate, "certificate verify failed"},
		{"wrong name", "https://good.example", "good.example", "", own, grant.Certificate, "certificate verify failed: Hostname mismatch"},
		{"name of the certificate, not granted", "https://good.example", "good.example", "example.com", own, grant.Denied, "no grant of this server allows TLS for example.com"},
		{"another name", "https://example.com", "example.com", "evil.example", own, grant.Denied, "no grant of this server allows TLS for evil.example"},
		{"no name", "https://example.com", "example.com", "example.com\x00", own, grant.Denied, "no grant"},
		{"http", "http://example.com:443", "example.com", "", own, grant.Denied, "no grant of this server allows TLS"},
	} {
		s, handle, err := start(c.target, c.host, c.name, c.roots)
		wantCode(t, c.what, err, c.code, c.text)
		if sent := send(s, handle, "GET / HTTP/1.1\r\nHost: "+c.host+"\r\n\r\n"); sent == nil && !strings.HasPrefix(c.target, "http:") {
			t.Errorf("%s: bytes were sent without TLS", c.what)
		}
	}
}

// TestPlainBeforeTLS sends plain bytes to targets that need TLS.
func TestPlainBeforeTLS(t *testing.T) {
	w := newWorld(t, "https://good.example", "tls://good.example:5432")
	w.serve("192.0.2.1:443", echo)
	w.serve("192.0.2.1:5432", echo)
	s := w.session()
	handle := connect(t, s, "good.example", 443)
	wantCode(t, "https", send(s, handle, getGood), grant.Denied, "the script must use TLS")
	_, err := s.Receive(handle, make([]byte, 10), time.Second)
	wantCode(t, "https receives", err, grant.Denied, "the script must use TLS")
	handle = connect(t, s, "good.example", 5432)
	for _, line := range []string{"EHLO client\r\n", "STARTT", "LS\r\n"} {
		if err := send(s, handle, line); err != nil {
			t.Error(err)
		}
	}
	wantCode(t, "tls", send(s, handle, "MAIL FROM:<a@b>\r\n"), grant.Denied, "the script must begin TLS first")
	w.serve("192.0.2.66:5432", func(conn net.Conn) { _, _ = io.Copy(conn, someZeros(1<<20)) })
	w.names.names["flood.example"] = [][]string{{"192.0.2.66"}}
	w.grants.List[0].Connect = append(w.grants.List[0].Connect, grant.Target{Scheme: "tls", Host: "flood.example", Port: 5432})
	handle = connect(t, s, "flood.example", 5432)
	total := 0
	for b := make([]byte, 5000); ; {
		n, err := s.Receive(handle, b, 10*time.Second)
		if total += n; err != nil {
			wantCode(t, "tls receives", err, grant.Denied, "must use TLS")
			break
		}
	}
	if total != maxPlain {
		t.Errorf("%d plain bytes were received, want %d", total, maxPlain)
	}
}

func someZeros(n int64) io.Reader { return io.LimitReader(zeros{}, n) }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestUpgrade begins TLS after a plain exchange, as SMTP and PostgreSQL do. Plain bytes that the
// other side has sent ahead must not count as part of the TLS stream.
func TestUpgrade(t *testing.T) {
	cert := certificate()
	leaf, _ := x509.ParseCertificate(cert.Certificate[0])
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	for _, ahead := range []string{"", "injected"} {
		w := newWorld(t, "tls://example.com:25")
		w.grants.List[0].Roots = roots
		w.names.names["example.com"] = [][]string{{"192.0.2.1"}}
		w.serve("192.0.2.1:25", func(conn net.Conn) {
			b := make([]byte, 8)
			_, _ = io.ReadFull(conn, b)
			_, _ = io.WriteString(conn, "S"+ahead)
			secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
			echo(secure)
		})
		s := w.session()
		handle := connect(t, s, "example.com", 25)
		if err := send(s, handle, "STARTTLS"); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 1)
		if n, err := s.Receive(handle, b, 10*time.Second); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if n, err := s.Poll([]PollEntry{{Handle: handle, Events: PollRead}}, 5*time.Millisecond); ahead == "" && (n != 0 || err != nil) { // leaves a read behind
			t.Errorf("poll returned %d, %v", n, err)
		}
		err := s.StartTLS(handle, "", 10*time.Second)
		if ahead != "" {
			wantCode(t, "plain bytes ahead", err, grant.TLS, "")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := send(s, handle, "secret"); err != nil || receive(t, s, handle, "secret") != "secret" {
			t.Error(err)
		}
	}
}

// TestProxy connects through a proxy, which must get only the granted targets, and whose password
// must not be in any text.
func TestProxy(t *testing.T) {
	var asked []string
	target := httptest.NewServer(echoHost())
	defer target.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		if r.Host != "good.example:80" {
			http.Error(rw, "no", http.StatusForbidden)
			return
		}
		up, _ := net.Dial("tcp", target.Listener.Addr().String())
		defer up.Close()
		conn, buffered, _ := http.NewResponseController(rw).Hijack()
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n")
		go func() { _, _ = io.Copy(up, buffered) }()
		_, _ = io.Copy(conn, up)
	}))
	defer proxy.Close()
	w := newWorld(t, "http://good.example", "tcp://db.example:5432", "tcp://127.0.0.1:1")
	w.grants.List[0].Proxy, _ = url.Parse(proxy.URL)
	w.grants.List[0].Proxy.User = url.UserPassword("user", "s3cret")
	s := w.session()
	addrs, err := s.Resolve("good.example", 80, time.Second)
	if err != nil || !strings.HasPrefix(addrs[0].String(), "240.0.") {
		t.Fatalf("got %v, %v, want a placeholder", addrs, err)
	}
	handle := connect(t, s, addrs[0].String(), 80)
	if err := send(s, handle, getGood); err != nil {
		t.Fatal(err)
	}
	receive(t, s, handle, "host good.example")
	_, err = s.Connect("db.example", 5432, 10*time.Second)
	wantCode(t, "refused", err, grant.Proxy, "the proxy of the grant g did not connect to tcp://db.example:5432: status 403")
	_, err = s.Connect("evil.example", 80, time.Second)
	wantCode(t, "not granted", err, grant.Denied, "no grant")
	_, err = s.Connect("240.0.0.9", 80, time.Second)
	wantCode(t, "another placeholder", err, grant.Denied, "no grant")
	if want := "CONNECT good.example:80 Basic dXNlcjpzM2NyZXQ="; len(asked) != 2 || asked[0] != want {
		t.Errorf("the proxy got %q", asked)
	}
	if len(w.names.lookups) > 0 {
		t.Errorf("names were resolved: %q", w.names.lookups)
	}
	w.grants.List[0].Proxy.Host = "127.0.0.1:1"
	_, err = s.Connect("good.example", 80, 10*time.Second)
	wantCode(t, "proxy down", err, grant.Proxy, "connection refused")
	s.End()
	for _, u := range w.uses {
		if strings.Contains(u.Error, "s3cret") {
			t.Errorf("use %+v has the password", u)
		}
	}
}

// TestProxyAndDirect reaches two ports of a host, one of them through a proxy.
func TestProxyAndDirect(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000")
	w.serve("192.0.2.1:5000", echo)
	proxied := &grant.Grant{Name: "p", Connect: []grant.Target{{Scheme: "tcp", Host: "good.example", Port: 80}}, Proxy: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}}
	w.grants.List = append(w.grants.List, proxied)
	for _, ports := range [][]uint16{{80, 5000}, {5000, 80}} {
		s := w.session()
		for _, port := range ports {
			_, err := s.Connect("good.example", port, 10*time.Second)
			if port == 5000 && err != nil {
				t.Error(err)
			}
			if port == 80 {
				wantCode(t, "through the proxy", err, grant.Proxy, "connection refused")
			}
		}
	}
}

// TestTest makes the connections of tabcell grant test.
func TestTest(t *testing.T) {
	w := newWorld(t)
	roots := w.serveTLS("x")
	w.serve("y", echo)
	g := w.grants.List[0]
	g.Roots = roots
	for _, text := range []string{"https://" + w.servers["x"], "tls://" + w.servers["y"], "tcp://" + w.servers["y"], "https://127.0.0.1:1"} {
		target, _ := grant.ParseTarget(text)
		g.Connect = append(g.Connect, target)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for target, want := range map[string]string{
		"https://" + w.servers["x"]: "", "tcp://" + w.servers["y"]: "", "https://127.0.0.1:1": "connection refused", "http://" + w.servers["x"]: "another scheme",
		"https://evil.example": "no grant of this server", "evil": "write a target as",
	} {
		r := Test(ctx, w.grants, grant.Limits{}.WithDefaults(1, 1<<20), target)
		if want == "" && (r.Err != nil || r.Grant != "g" || r.Address == "") || want != "" && (r.Err == nil || !strings.Contains(r.Err.Error(), want)) {
			t.Errorf("%s: %+v, want %q", target, r, want)
		}
	}
	if r := Test(ctx, nil, grant.Limits{}.WithDefaults(1, 1<<20), "https://evil.example"); r.Err == nil {
		t.Error("without grants, a test succeeded")
	}
}

// TestErrorCodes checks the codes of errors of the network.
func TestErrorCodes(t *testing.T) {
	for err, want := range map[error]grant.Code{
		context.Canceled: grant.Interrupted, context.DeadlineExceeded: grant.Timeout, io.ErrUnexpectedEOF: grant.Reset, net.ErrClosed: grant.Pipe,
		wsaRefused: grant.Refused, wsaReset: grant.Reset, wsaUnreachableHost: grant.Unreachable, errors.New("x"): grant.Unreachable,
	} {
		if code, text := codeOf(err); code != want || text == "" {
			t.Errorf("%v has the code %d and the text %q, want %d", err, code, text, want)
		}
	}
}
