package egress

import (
	"context"
	"time"

	"tabcell/runtime/internal/grant"
)

// Test makes a connection to a target as a call with the grants would, and TLS if the target has it.
func Test(ctx context.Context, g *grant.Grants, l grant.Limits, target string) (r grant.Report) {
	begun := time.Now()
	defer func() { r.Took = time.Since(begun) }()
	t, err := grant.ParseTarget(target)
	if err != nil {
		return grant.Report{Err: err}
	}
	if g == nil {
		return grant.Report{Err: NoGrant(Where(string(t.Host), t.Port), g.OwnerText())}
	}
	s := New(l).NewSession(ctx, Options{Grants: g, Used: func() {}, Park: func() func() { return func() {} }})
	defer s.End()
	return s.test(t)
}

// test resolves, connects, and makes the handshake.
func (s *Session) test(t grant.Target) (r grant.Report) {
	addrs, err := s.Resolve(string(t.Host), t.Port, Forever)
	for _, a := range addrs {
		r.Addresses = append(r.Addresses, a.String())
	}
	if err != nil {
		return failed(r, err)
	}
	for _, rule := range s.rules(t.Host, t.Port) {
		if rule.target == t {
			r.Grant, r.Target = rule.grant.Name, t
			break
		}
	}
	if r.Grant == "" {
		return failed(r, grant.Errorf(grant.Denied, "no grant allows %s; the grants of the host have another scheme", t))
	}
	handle, err := s.Connect(string(t.Host), t.Port, Forever)
	if err != nil {
		return failed(r, err)
	}
	if t.NeedsTLS() {
		err = s.StartTLS(handle, "", Forever)
	}
	if err != nil && t.Scheme == grant.SchemeTLS && err.Code != grant.Certificate {
		err = nil // the TLS of a database may begin later
	}
	s.mu.Lock()
	if c := s.conns[handle]; c != nil && c.addr.IsValid() {
		r.Address = c.addr.String()
	}
	s.mu.Unlock()
	version, _, _ := s.Info(handle, InfoTLSVersion)
	r.TLSVersion = string(version)
	return failed(r, err)
}

// failed returns the report with the error.
func failed(r grant.Report, err *grant.Error) grant.Report {
	if err != nil {
		r.Err = err
	}
	return r
}
