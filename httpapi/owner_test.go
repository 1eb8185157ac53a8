package httpapi

import (
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestOwner(t *testing.T) {
	proxies, err := parseProxies([]string{"10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ account, remote, forwarded, want string }{
		{"Basic ann", "192.0.2.1:99", "", "account Basic ann"},
		{"", "192.0.2.1:99", "", "address 192.0.2.1"},
		{"", "192.0.2.1:99", "192.0.2.7", "address 192.0.2.1"}, // not a trusted proxy
		{"", "10.0.0.1:99", "192.0.2.7", "address 192.0.2.7"},
		{"", "[::ffff:192.0.2.1]:99", "", "address 192.0.2.1"},
		{"", "[2001:db8::1]:99", "", "address 2001:db8::/64"},
		{"", "[2001:db8::ffff:1]:1", "", "address 2001:db8::/64"},
		{"", "[2001:db8:0:1::1]:1", "", "address 2001:db8:0:1::/64"},
		{"", "@", "", "address @"}, // the peer of a Unix socket
	} {
		r := httptest.NewRequest("GET", "/info", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		req := &request{Context: echo.New().NewContext(r, nil), api: &API{proxies: proxies}, user: User{Account: c.account}}
		req.api.cfg.Weights = map[string]int{"ann": 4, "192.0.2.7": 3, "2001:db8::/64": 2}
		weights := map[string]int{"account Basic ann": 4, "address 192.0.2.7": 3, "address 2001:db8::/64": 2}
		if got := req.queueOwner(); got.Key != c.want || got.Weight != weights[c.want] {
			t.Errorf("%+v: owner %+v in the queue", c, got)
		}
		if got := owner(req); got != c.want {
			t.Errorf("%+v: owner %q", c, got)
		}
	}
}
