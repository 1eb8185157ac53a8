package tck

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
)

// running is a started server, as cases use it.
type running struct {
	server ServerSpec
	url    string
	client *http.Client
	keys   *keySets // nil when the configuration has no use for it
}

// servers keeps the shared servers of a group.
type servers struct {
	t       *testing.T // the group's: shared servers live as long
	target  Target
	shared  map[string]*running
	configs string // folder, the same for all
}

func newServers(t *testing.T, target Target) *servers {
	return &servers{t: t, target: target, shared: map[string]*running{}, configs: writeConfigs(t)}
}

// get is the server for a case, and what is to be done after the case.
func (s *servers) get(t *testing.T, c Case) (*running, func()) {
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

func (s *servers) start(t *testing.T, c Case) (*running, func()) {
	t.Helper()
	server, keys := s.prepare(t, c)
	url, stop := s.target.Start(t, server)
	transport := insecure()
	transport.DisableCompression = true // no Accept-Encoding unless a case lists it
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	return &running{server, strings.TrimSuffix(url, "/"), client, keys}, func() {
		transport.CloseIdleConnections()
		stop()
		keys.close()
	}
}

func (s *servers) prepare(t *testing.T, c Case) (ServerSpec, *keySets) {
	t.Helper()
	var keys *keySets
	if c.usesKeySets() {
		keys = startKeySets(t, s.configs)
	}
	server := prepare(t, c, s.configs, keys)
	server.CaseName = c.Name
	return server, keys
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// insecure trusts every certificate: that of the test servers was made for localhost only.
func insecure() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}
