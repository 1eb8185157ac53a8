package grants

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// connectProxy is an HTTP proxy that connects every name to one port of this host.
type connectProxy struct {
	port  string
	mu    sync.Mutex
	asked []string // targets of CONNECT, in order
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Host)
	p.mu.Unlock()
	if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != "Basic dTpw" || r.Host == "closed.test:443" {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	server, err := net.Dial("tcp", "127.0.0.1:"+p.port)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(server, client); server.Close() }()
	_, _ = io.Copy(client, server)
}

// TestProxy connects through the proxy of a grant, which alone can resolve the names.
func TestProxy(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	p := &connectProxy{port: startSecureWeb(t, authority, "api.test", "closed.test")}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	g := connections(t, authority.Cert, "https://api.test", "https://closed.test")
	g.Proxy, _ = url.Parse(strings.Replace(s.URL, "http://", "http://u:p@", 1))
	grants := grantsOf(g)
	expect(t, grants, "import requests\nreturn [requests.get('https://api.test/hello').text for _ in range(2)]", `["hello api.test", "hello api.test"]`)
	expect(t, grants, "import http.client\nc = http.client.HTTPSConnection('api.test')\nc.request('GET', '/hello')\nreturn c.getresponse().status", `200`)
	expect(t, grants, "import socket\nsocket.create_connection(('closed.test', 443))", "!proxy")
	expect(t, grants, "import requests\nrequests.get('https://evil.test/')", denied+"evil.test:443")
	expect(t, grants, "import requests\nrequests.get('"+s.URL+"/')", denied)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, asked := range p.asked {
		if !slices.Contains([]string{"api.test:443", "closed.test:443"}, asked) {
			t.Errorf("the proxy was asked for %s", asked)
		}
	}
}
