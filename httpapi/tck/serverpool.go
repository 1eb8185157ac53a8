package tck

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
)

// running is a started server, as cases use it.
type runningServer struct {
	server ServerSpec
	url    string
	client *http.Client
	jwks   *jwksServer // nil when the configuration has no use for it
}

// servers keeps the shared servers of a group.
type serverPool struct {
	t         *testing.T // the group's: shared servers live as long
	target    Target
	shared    map[string]*runningServer
	configDir string // folder, the same for all
}

func newServerPool(t *testing.T, target Target) *serverPool {
	return &serverPool{t: t, target: target, shared: map[string]*runningServer{}, configDir: newConfigDir(t)}
}

// get is the server for a case, and what is to be done after the case.
func (s *serverPool) get(t *testing.T, c Case) (*runningServer, func()) {
	if c.Fresh {
		return s.start(t, c)
	}
	r := s.shared[c.Config]
	if r == nil {
		var stop func()
		r, stop = s.start(s.t, Case{Config: c.Config})
		s.t.Cleanup(stop)
		s.shared[c.Config] = r
	}
	return r, func() {}
}

func (s *serverPool) start(t *testing.T, c Case) (*runningServer, func()) {
	t.Helper()
	server, jwks := s.prepare(t, c)
	url, stop := s.target.Start(t, server)
	transport := insecure()
	transport.DisableCompression = true // no Accept-Encoding unless a case lists it
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	return &runningServer{server, strings.TrimSuffix(url, "/"), client, jwks}, func() {
		transport.CloseIdleConnections()
		stop()
		jwks.close()
	}
}

func (s *serverPool) prepare(t *testing.T, c Case) (ServerSpec, *jwksServer) {
	t.Helper()
	var jwks *jwksServer
	if c.needsJWKS() {
		jwks = startJWKSServer(t, s.configDir)
	}
	server := newServerSpec(t, c, s.configDir, jwks)
	server.CaseName = c.Name
	return server, jwks
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// insecure trusts every certificate: that of the test servers was made for localhost only.
func insecure() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}
