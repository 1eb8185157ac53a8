//go:build cluster

package cluster

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/proxy"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/flight/flighttest"
)

// TestBalancers puts each balancer, with its example, in front of three nodes.
func TestBalancers(t *testing.T) {
	g := newGroup(t, 3, t.TempDir())
	port := testenv.FreePort(t)
	var nodes []proxy.Node
	for _, n := range g.nodes {
		n.extra = []string{
			"TABCELL_TRUSTED_PROXIES=127.0.0.1", "TABCELL_ALLOWED_HOSTS=" + proxy.Host, "TABCELL_ARROW_ENABLE=true", fmt.Sprintf("TABCELL_ARROWFLIGHT_PORT=%d", port),
		}
		host, _, _ := strings.Cut(n.address, ":")
		nodes = append(nodes, proxy.Node{Web: strings.TrimPrefix(n.url, "http://"), Flight: fmt.Sprintf("%s:%d", host, port)})
	}
	g.form()
	for name, start := range map[string]func(*testing.T, []proxy.Node) proxy.Balancer{"nginx": proxy.StartNginx, "haproxy": proxy.StartHAProxy} {
		t.Run(name, func(t *testing.T) {
			b := start(t, nodes)
			t.Run("changes", func(t *testing.T) { g.changeThrough(t, name, b) })
			t.Run("flight", func(t *testing.T) { useFlight(t, b) })
			t.Run("restarts", func(t *testing.T) { g.restartBehind(t, b) })
		})
	}
}

// through sends requests to a balancer, from an address of the loopback network.
type through struct {
	t       testing.TB
	address string
	http    *http.Client
}

func newThrough(t testing.TB, address, from string) *through {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &through{t, address, &http.Client{Transport: transport, Timeout: testenv.Scaled(60 * time.Second)}}
}

// send sends a request and returns the status, which is 0 without a response, and the body.
func (c *through) send(method, path, body string) (int, string) {
	return exchange(c.http, method, "https://"+proxy.Host+path, body)
}

// expect sends a request and checks the response.
func (c *through) expect(status int, part, method, path, body string) {
	c.t.Helper()
	if got, text := c.send(method, path, body); got != status || !strings.Contains(text, part) {
		c.t.Errorf("%s %s: status %d, want %d with %q:\n%s", method, path, got, status, part, text)
	}
}

// changeThrough changes endpoints through a balancer. The next request finds the change on any node.
func (g *group) changeThrough(t *testing.T, suffix string, b proxy.Balancer) {
	c := newThrough(t, b.Web, "127.0.0.2")
	for i := range 10 {
		name := fmt.Sprintf("model%d_%s", i, suffix)
		c.expect(201, `"version": 1`, "PUT", "/endpoints/"+name+"/source", source(i))
		c.expect(201, "", "POST", "/endpoints", fmt.Sprintf(`{"name": "alias_%s", "type": "alias", "target": "%s"}`, name, name))
		for range g.nodes { // the balancer takes turns
			c.expect(200, name, "GET", "/endpoints/alias_"+name, "")
		}
		for _, n := range g.nodes {
			n.expect(200, fmt.Sprintf(`"response": %d`, i), "POST", "/query/alias_"+name, `{"data": {"x": 1}}`)
		}
	}
}

// useFlight does what Tableau Prep does, as clients of different addresses: it asks for a path, sends
// a table, runs a script on it, and takes the result.
func useFlight(t *testing.T, b proxy.Balancer) {
	if b.Flight == "" {
		t.Skip("this nginx has no module for streams (libnginx-mod-stream)")
	}
	dir := testenv.File("httpapi/flight/testdata")
	cases, err := flighttest.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name != "answer_frame_simple" {
			continue
		}
		for client := range 12 {
			from := fmt.Sprintf("127.1.%d.%d", client, client+2)
			flighttest.Replay(t, flighttest.Target{
				Dir: dir, URL: "https://" + proxy.Host, HTTP: newThrough(t, b.Prep, from).http, Flight: flighttest.Dial(t, b.Flight, nil, flighttest.From(from)),
				Describe: func([]byte) (string, error) { return "a table", nil }, // other tests compare the content
			}, c)
		}
		return
	}
	t.Fatal("the recorded case is missing")
}
