// Package grants selects the grants of the configuration for an account or an endpoint.
package grants

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"tabcell/runtime"
	"tabcell/settings"
)

// The beginnings of accounts, as package authn makes them: the method of authentication.
const (
	basic  = "Basic "
	bearer = "Bearer "
)

// Set has the grants of a configuration. It does not change. A nil Set has none.
type Set struct{ entries []entry }

type entry struct {
	grant     *runtime.Grant
	accounts  []string // as settings.Grant has them
	endpoints []string
}

// New returns the grants of a configuration. It reads the files with authorities. The error joins
// those of all grants.
func New(all []settings.Grant) (*Set, error) {
	s := &Set{}
	var failed []error
	for _, g := range all {
		grant, err := newGrant(g)
		if err != nil {
			failed = append(failed, fmt.Errorf("[Grant %s]: %w", g.Name, err))
			continue
		}
		s.entries = append(s.entries, entry{grant, g.Accounts, g.Endpoints})
	}
	return s, errors.Join(failed...)
}

func newGrant(g settings.Grant) (*runtime.Grant, error) {
	out := &runtime.Grant{Name: g.Name, MaxConnections: g.MaxConnections, MaxBytes: int64(g.MaxMB) << 20}
	for _, f := range g.Folders {
		folder, err := runtime.ParseGrantFolder(f.Host + "=" + f.Guest)
		if err != nil {
			return nil, err
		}
		out.Folders = append(out.Folders, folder)
	}
	for _, t := range g.Targets {
		target, err := runtime.ParseGrantTarget(t.String())
		if err != nil {
			return nil, err
		}
		out.Connect = append(out.Connect, target)
	}
	for _, v := range g.Env {
		if out.Env == nil {
			out.Env = map[string]string{}
		}
		out.Env[v.Name] = v.Value
	}
	return out, addTLS(out, g)
}

// addTLS adds the authorities and the proxy. Its errors do not contain the password of the proxy.
func addTLS(out *runtime.Grant, g settings.Grant) error {
	if g.CA != "" {
		raw, err := os.ReadFile(g.CA)
		if err != nil {
			return fmt.Errorf("ca: %w", err)
		}
		if out.Roots = x509.NewCertPool(); !out.Roots.AppendCertsFromPEM(raw) {
			return fmt.Errorf("ca: %s has no certificate in PEM format", g.CA)
		}
	}
	if g.Proxy != "" {
		proxy, err := url.Parse(g.Proxy)
		if err != nil {
			return errors.New("proxy: the URL is not valid")
		}
		out.Proxy = proxy
	}
	return nil
}

// OfAccount implements httpapi.Grants.
func (s *Set) OfAccount(account string) []*runtime.Grant {
	return s.grants(func(e entry) bool {
		return slices.ContainsFunc(e.accounts, func(name string) bool { return matches(name, account) })
	})
}

// matches reports whether a client with the account, in the form of httpapi.User, may use a grant
// for the account name.
func matches(name, account string) bool {
	if name == settings.AnyAccount {
		return true
	}
	if subject, ok := strings.CutPrefix(name, settings.SubjectPrefix); ok {
		return account == bearer+subject
	}
	return account == basic+name
}

// OfEndpoint implements httpapi.Grants.
func (s *Set) OfEndpoint(name string) []*runtime.Grant {
	return s.grants(func(e entry) bool { return slices.Contains(e.endpoints, name) })
}

func (s *Set) grants(wanted func(entry) bool) (list []*runtime.Grant) {
	if s == nil {
		return nil
	}
	for _, e := range s.entries {
		if wanted(e) {
			list = append(list, e.grant)
		}
	}
	return list
}

// All returns all grants.
func (s *Set) All() []*runtime.Grant { return s.grants(func(entry) bool { return true }) }

// AccountName returns an account in the form of httpapi.User for a name as a grant has it, such as
// ann or subject:auth0|1. It is "" for a client without an account, whose name is "".
func AccountName(name string) string {
	if subject, ok := strings.CutPrefix(name, settings.SubjectPrefix); ok {
		return bearer + subject
	}
	if name == "" {
		return ""
	}
	return basic + strings.ToLower(name)
}
