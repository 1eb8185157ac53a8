package egress

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"
)

// TestNamesBeforeResolution asks for hosts that are not granted, in all the ways in which a URL can
// disguise them. None may be resolved or connected to.
func TestNamesBeforeResolution(t *testing.T) {
	w := newWorld(t, "https://good.example", "tcp://192.0.2.7:1433")
	s := w.session()
	for _, host := range []string{
		"evil.example", "good.example.evil.example", "xgood.example", "good.example@evil.example", "evil.example@good.example",
		"good.example:443@evil.example", "good.example#.evil.example", "good.example/.evil.example", "good.example\\evil.example", "good.example%2eevil.example",
		"good.example\x00.evil.example", "good.example ", " good.example", "good.example\r\nevil.example", "*", "", ".", "..", "good..example",
		"localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "0", "0.0.0.0", "[::1]", "::1", "::",
		"::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "fe80::1%eth0", "fe80::1%25eth0", "fe80::1", "169.254.169.254", "2852039166", "0xa9fea9fe", "fd00:ec2::254",
		"192.0.2.1", "192.0.2.7%eth0", "[192.0.2.7]", "3221225991", "0300.0.2.7", "192.0.519", "１９２.0.2.8", "127。0。0。1", "ⓔvil.example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 200) + "example",
	} {
		_, err := s.Resolve(host, 443, time.Second)
		wantCode(t, "resolve "+host, err, grant.Denied, "no grant of this server allows a connection to ")
		_, err = s.Connect(host, 443, time.Second)
		wantCode(t, "connect "+host, err, grant.Denied, "(account ann); ask the administrator")
	}
	if len(w.names.lookups) > 0 || len(w.dialed) > 0 {
		t.Errorf("lookups %q, dialed %q", w.names.lookups, w.dialed)
	}
	if n := len(w.uses); n != maxObserved || w.uses[0].Outcome != grant.OutcomeDenied || w.uses[0].Target != "evil.example:443" {
		t.Errorf("%d attempts were reported, the first as %+v", n, w.uses[0])
	}
}

// TestPorts asks for other ports of a granted host.
func TestPorts(t *testing.T) {
	w := newWorld(t, "https://good.example", "tcp://192.0.2.7:1433")
	s := w.session()
	for _, port := range []uint16{80, 22, 444, 1433, 65535, 1} {
		_, err := s.Connect("good.example", port, time.Second)
		wantCode(t, "name", err, grant.Denied, "good.example:")
		if _, err := s.Resolve("good.example", 443, time.Second); err != nil {
			t.Fatal(err)
		}
		_, err = s.Connect("192.0.2.1", port, time.Second)
		wantCode(t, "address of the name", err, grant.Denied, "good.example:")
		if port != 1433 {
			_, err = s.Connect("192.0.2.7", port, time.Second)
			wantCode(t, "address", err, grant.Denied, "192.0.2.7:")
		}
	}
	_, err := s.Connect("good.example", 0, time.Second)
	wantCode(t, "port 0", err, grant.Invalid, "port 0")
	if len(w.dialed) > 0 {
		t.Errorf("dialed %q", w.dialed)
	}
}

// TestSpelling connects with other spellings of a granted host.
func TestSpelling(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000", "tcp://192.0.2.7:5000", "tcp://[2001:db8::7]:5000", "tcp://bücher.example:5000")
	w.names.names["xn--bcher-kva.example"] = [][]string{{"192.0.2.9"}}
	for _, address := range []string{"192.0.2.1:5000", "192.0.2.7:5000", "192.0.2.9:5000", "[2001:db8::7]:5000"} {
		w.serve(address, echo)
	}
	s := w.session()
	for _, host := range []string{
		"good.example", "GOOD.Example", "good.example.", "192.0.2.7", "::ffff:192.0.2.7", "2001:DB8::7", "[2001:db8:0::7]", "bücher.example", "BÜCHER.example", "xn--bcher-kva.example",
	} {
		s.Close(connect(t, s, host, 5000))
	}
}

// TestPinning resolves a name whose addresses change: to loopback, and to the address of another
// host.
func TestPinning(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000", "tcp://first.example:5000")
	w.names.names["good.example"] = [][]string{{"192.0.2.1"}, {"127.0.0.1"}, {"192.0.2.66"}}
	w.names.names["first.example"] = [][]string{{"127.0.0.1"}, {"192.0.2.1"}}
	w.serve("192.0.2.1:5000", echo)
	s := w.session()
	for range 3 {
		addrs, err := s.Resolve("good.example", 5000, time.Second)
		if err != nil || !slices.Equal(addrs, []netip.Addr{netip.MustParseAddr("192.0.2.1")}) {
			t.Fatalf("got %v, %v", addrs, err)
		}
		s.Close(connect(t, s, "good.example", 5000))
	}
	for _, address := range []string{"127.0.0.1", "192.0.2.66", "::ffff:127.0.0.1"} {
		_, err := s.Connect(address, 5000, time.Second)
		wantCode(t, address, err, grant.Denied, "no grant")
	}
	_, err := s.Resolve("first.example", 5000, time.Second)
	wantCode(t, "a name with a loopback address", err, grant.Denied, "127.0.0.1, a loopback address")
	if n := len(w.names.lookups); n != 2 {
		t.Errorf("%d lookups, want one for each name", n)
	}
	for _, address := range w.dialed {
		if address != "192.0.2.1:5000" {
			t.Errorf("dialed %s", address)
		}
	}
}

// TestSpecialAddresses resolves a granted name to addresses that only a grant of the address itself
// reaches.
func TestSpecialAddresses(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.1.1", "fe80::1", "224.0.0.1", "239.1.1.1",
		"ff02::1", "255.255.255.255", "240.0.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254",
		"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "::127.0.0.1", "2001:0:1:2:3:4:80ff:fffe",
	} {
		w := newWorld(t, "http://good.example")
		w.names.names["good.example"] = [][]string{{address}}
		s := w.session()
		_, err := s.Connect("good.example", 80, time.Second)
		wantCode(t, address, err, grant.Denied, "has to be granted itself, not by a name")
		w.names.names["good.example"] = [][]string{{address, "192.0.2.1"}}
		addrs, err := w.session().Resolve("good.example", 80, time.Second)
		if err != nil || len(addrs) != 1 || addrs[0].String() != "192.0.2.1" {
			t.Errorf("%s and another address: got %v, %v", address, addrs, err)
		}
		if len(w.dialed) > 0 {
			t.Errorf("dialed %q", w.dialed)
		}
	}
	for _, address := range []string{"10.0.0.7", "192.168.1.1", "172.16.0.1", "fd12:3456::1", "8.8.8.8", "2606:4700::1", "64:ff9b::808:808"} {
		if kind := special(netip.MustParseAddr(address)); kind != "" {
			t.Errorf("%s is %s", address, kind)
		}
	}
}

// TestLiteralAddresses connects to loopback addresses that are granted as such.
func TestLiteralAddresses(t *testing.T) {
	w := newWorld(t)
	w.serve("x", echo)
	address := netip.MustParseAddrPort(w.servers["x"])
	w.network.limits.OwnPorts = []uint16{address.Port()}
	s := w.session()
	_, err := s.Connect("127.0.0.1", address.Port(), time.Second)
	wantCode(t, "without a grant", err, grant.Denied, "no grant")
	for _, host := range []grant.Host{"127.0.0.1", "localhost"} {
		w.grants.List[0].Connect = []grant.Target{{Scheme: "tcp", Host: host, Port: address.Port()}}
		s = w.session()
		handle := connect(t, s, string(host), address.Port())
		if err := send(s, handle, "hello"); err != nil || receive(t, s, handle, "hello") != "hello" {
			t.Errorf("%s: %v", host, err)
		}
	}
	if len(w.names.lookups) > 0 {
		t.Errorf("lookups %q", w.names.lookups)
	}
}

// TestOwnPorts resolves a name to an address of this host, with a port of the server and another.
func TestOwnPorts(t *testing.T) {
	w := newWorld(t, "http://good.example:9004", "http://good.example:8080", "http://192.0.2.1:9004")
	w.network.limits.OwnPorts = []uint16{9004}
	w.network.own, w.network.ownUntil = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, time.Now().Add(time.Hour)
	w.servers["192.0.2.1:8080"], w.servers["192.0.2.1:9004"] = "127.0.0.1:1", "127.0.0.1:1" // refused
	s := w.session()
	_, err := s.Connect("good.example", 9004, time.Second)
	wantCode(t, "own port", err, grant.Denied, "a port of this server")
	if len(w.dialed) > 0 {
		t.Errorf("dialed %q", w.dialed)
	}
	_, err = s.Connect("192.0.2.1", 8080, time.Second)
	wantCode(t, "another port", err, grant.Refused, "connection refused")
	_, err = s.Connect("192.0.2.1", 9004, time.Second)
	wantCode(t, "granted literally", err, grant.Refused, "connection refused")
	if w.network.own = interfaceAddresses(); !slices.Contains(w.network.own, netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("the addresses of this host are %v", w.network.own)
	}
}

// TestSharedAddress connects to an address that two granted names have. The name of TLS and the Host
// header decide which of them it is.
func TestSharedAddress(t *testing.T) {
	w := newWorld(t, "http://good.example", "tcp://twin.example:5000")
	w.serveHTTP("192.0.2.1:80")
	s := w.session()
	for _, name := range []string{"good.example", "twin.example"} {
		if _, err := s.Resolve(name, 0, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	handle := connect(t, s, "192.0.2.1", 80)
	err := send(s, handle, "GET / HTTP/1.1\r\nHost: twin.example\r\n\r\n")
	wantCode(t, "the name of another port", err, grant.Denied, "its host is twin.example")
	_, err = s.Connect("192.0.2.1", 81, time.Second)
	wantCode(t, "port", err, grant.Denied, "no grant")
}

// TestResolverErrors checks the codes of names that cannot be resolved.
func TestResolverErrors(t *testing.T) {
	w := newWorld(t, "https://missing.example", "https://empty.example")
	w.names.names["empty.example"] = [][]string{{}}
	s := w.session()
	_, err := s.Resolve("missing.example", 443, time.Second)
	wantCode(t, "missing", err, grant.NotFound, "missing.example does not exist")
	_, err = s.Resolve("empty.example", 443, time.Second)
	wantCode(t, "empty", err, grant.NotFound, "has no address")
	err = resolveError("x.example", &net.DNSError{Err: "server misbehaving", IsTemporary: true})
	wantCode(t, "server", err, grant.Resolve, "server misbehaving")
}
