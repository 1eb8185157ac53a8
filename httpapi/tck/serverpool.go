package tck

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
)

// runningServer is a started server and the client that sends requests to it.
type runningServer struct {
	server ServerSpec
	url    string
	client *http.Client
	jwks   *jwksServer // nil if the configuration does not use it
}

// serverPool starts the servers of a group and keeps those that cases share.
type serverPool struct {
	t         *testing.T // of the group; shared servers stop when it ends
	target    Target
	shared    map[string]*runningServer // by configuration
	configDir string
}

func newServerPool(t *testing.T, target Target) *serverPool {
	return &serverPool{t: t, target: target, shared: map[string]*runningServer{}, configDir: newConfigDir(t)}
}

// get returns the server for a case, and a function to call after the case.
func (s *serverPool) get(t *testing.T, c Case) (r *runningServer, release func()) {
	if c.Fresh {
		return s.start(t, c)
	}
	r = s.shared[c.Config]
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
	transport.DisableCompression = true // do not add Accept-Encoding
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	return &runningServer{server, strings.TrimSuffix(url, "/"), client, jwks}, func() {
		transport.CloseIdleConnections()
		stop()
		jwks.close()
	}
}

// prepare starts the JWKS server for a case, if it needs one, and returns the specification of its
// server.
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

// insecure returns a transport that does not verify certificates. The test certificate is valid
// only for localhost.
func insecure() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}
