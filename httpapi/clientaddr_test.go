package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestClientAddr(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48", "::ffff:198.51.100.7"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ peer, xForwardedFor, forwarded, want string }{
		{"203.0.113.9", "1.1.1.1", "for=1.1.1.1", "203.0.113.9"}, // not from a trusted proxy
		{"10.0.0.1", "", "", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.9", "", "203.0.113.9"},
		{"10.0.0.1", "1.1.1.1, 203.0.113.9", "", "203.0.113.9"}, // the client forged the left one
		{"10.0.0.1", "1.1.1.1, 203.0.113.9 , 192.0.2.1,10.9.9.9", "", "203.0.113.9"},
		{"10.0.0.1", "10.0.0.3, 10.0.0.2", "", "10.0.0.3"},
		{"10.0.0.1", "1.1.1.1\n203.0.113.9", "", "203.0.113.9"}, // two lines
		{"10.0.0.1", "203.0.113.9:51000", "", "203.0.113.9"},
		{"10.0.0.1", "[2001:db8::9]:51000", "", "2001:db8::9"},
		{"10.0.0.1", "2001:DB8::9", "", "2001:db8::9"},
		{"10.0.0.1", "::ffff:203.0.113.9", "", "203.0.113.9"},
		{"10.0.0.1", "1.1.1.1, unknown", "", "10.0.0.1"},
		{"10.0.0.1", "1.1.1.1, unknown, 10.0.0.2", "", "10.0.0.2"},
		{"10.0.0.1", `"abc, 203.0.113.9`, "", "203.0.113.9"}, // quotes have no meaning in X-Forwarded-For
		{"10.0.0.1", "1.1.1.1,", "", "10.0.0.1"},
		{"198.51.100.7", "203.0.113.9", "", "203.0.113.9"},
		{"2001:db8:1::5", "2001:db8::9", "", "2001:db8::9"},

		{"10.0.0.1", "", "for=203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "", `proto=https;For="203.0.113.9:80" ; by=_x`, "203.0.113.9"},
		{"10.0.0.1", "", `for=1.1.1.1, for="[2001:db8::9]:4711";by="a,b;for=2.2.2.2", for=10.0.0.2`, "2001:db8::9"},
		{"10.0.0.1", "", "for=1.1.1.1, for=_hidden", "10.0.0.1"},
		{"10.0.0.1", "", "for=1.1.1.1, by=10.0.0.2", "10.0.0.1"},
		{"10.0.0.1", "", `for=6.6.6.6;x=", for=203.0.113.9`, "10.0.0.1"}, // open quote from the client
		{"10.0.0.1", "", `for=6.6.6.6;x=", for="[2001:db8::9]"`, "10.0.0.1"},
		{"10.0.0.1", "", `for=6.6.6.6;x="\, for="203.0.113.9"`, "10.0.0.1"},

		{"10.0.0.1", "203.0.113.9", "for=203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "6.6.6.6", "for=203.0.113.9", "10.0.0.1"}, // unclear which header the proxy wrote
		{"10.0.0.1", "203.0.113.9", "for=6.6.6.6", "10.0.0.1"},
	} {
		h := http.Header{}
		for name, text := range map[string]string{"X-Forwarded-For": c.xForwardedFor, "Forwarded": c.forwarded} {
			if text != "" {
				h[name] = strings.Split(text, "\n")
			}
		}
		if got := trusted.clientAddr(netip.MustParseAddr(c.peer), h).String(); got != c.want {
			t.Errorf("from %s, X-Forwarded-For %q, Forwarded %q: %s, want %s", c.peer, c.xForwardedFor, c.forwarded, got, c.want)
		}
	}
}

func TestInvalidTrustedProxies(t *testing.T) {
	for _, text := range []string{"", "proxy.example", "10.0.0.0/33", "10.0.0.1-10.0.0.9", "*", "10.0.0.0/8 "} {
		if _, err := New(Config{TrustedProxies: []string{text}}, Deps{}); err == nil || !strings.Contains(err.Error(), "trusted proxy") {
			t.Errorf("trusted proxy %q: error %v", text, err)
		}
	}
}

func TestClientAddrIsLogged(t *testing.T) {
	for proxy, want := range map[string]string{"127.0.0.1": "203.0.113.9", "192.0.2.1": "127.0.0.1"} {
		srv := newTestServer(t, func(c *Config) { c.TrustedProxies = []string{proxy} })
		srv.do("GET", "/status", "", "X-Forwarded-For", "203.0.113.9")
		if got := srv.lastAccessLine()["remote"]; got != want {
			t.Errorf("trusted proxy %s: remote %v, want %s", proxy, got, want)
		}
	}
}

// For any header from the client, the client address is that of the proxy's client or of the proxy.
func FuzzClientAddr(f *testing.F) {
	trusted, err := parseProxies([]string{"10.0.0.1"})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "1.1.1.1", `for="`, `for=6.6.6.6;x="`, `for=6.6.6.6;x="\`, `for="[::1]:5", for=x`, "a, b;c=d", ",;=\"\\"} {
		f.Add(seed)
	}
	peer := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, header string) {
		for _, added := range []string{`for=203.0.113.9`, `by=_x;for="203.0.113.9:80"`} {
			h := http.Header{"Forwarded": {header + ", " + added}}
			if got := trusted.clientAddr(peer, h).String(); got != "203.0.113.9" && got != "10.0.0.1" {
				t.Errorf("Forwarded %q: client address %s", h["Forwarded"][0], got)
			}
		}
		h := http.Header{"X-Forwarded-For": {header + ", 203.0.113.9"}}
		if got := trusted.clientAddr(peer, h).String(); got != "203.0.113.9" {
			t.Errorf("X-Forwarded-For %q: client address %s", h["X-Forwarded-For"][0], got)
		}
	})
}
