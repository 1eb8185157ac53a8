//go:build proxy && linux

package proxy

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// clientAddress is the address from which clients connect. It differs from that of the proxy.
const clientAddress = "127.0.0.2"

// client sends requests to a proxy.
type client struct {
	t    *testing.T
	http *http.Client
}

func newClient(t *testing.T, address string) client { return newClientFrom(t, address, clientAddress) }

// newClientFrom returns a client that connects from an address.
func newClientFrom(t *testing.T, address, from string) client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2: true, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return client{t, &http.Client{Transport: transport, Timeout: testenv.Scaled(30 * time.Second), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is a response with its body.
type answer struct {
	*http.Response
	body string
}

// send sends a request with headers, given as pairs of names and values.
func (c client) send(method, path, body string, headers ...string) answer {
	c.t.Helper()
	r, err := http.NewRequest(method, "https://"+Host+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{response, string(text)}
}

// expect checks the status and a part of the body.
func (a answer) expect(t *testing.T, status int, part string) {
	t.Helper()
	if a.StatusCode != status || !strings.Contains(a.body, part) {
		t.Errorf("%s %s: status %d, want %d with %q:\n%.2000s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, part, a.body)
	}
}
