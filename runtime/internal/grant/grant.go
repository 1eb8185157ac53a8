// Package grant defines the grants of calls: folders of the host, targets on the network, and
// environment variables that they may use. It has the data and the checks of their form. Packages
// egress and hostfs enforce the grants.
package grant

import (
	"crypto/x509"
	"net/url"
	"slices"
	"time"
)

// Grants is all that one call may use. A nil Grants grants nothing. It must not change while a call
// uses it.
type Grants struct {
	List []*Grant
	// Owner is the account or the endpoint for which the call runs, as texts name it: "account
	// analyst", "endpoint churn". The calls of one owner share GrantLimits.PerOwner.
	Owner string
	// Observe, if not nil, is called once for each use, when it has ended. It may be called from any
	// goroutine, and must not block.
	Observe func(Use)
}

// Grant is one named grant.
type Grant struct {
	Name    string
	Folders []Folder
	Connect []Target
	// Roots are the authorities that may sign certificates of the targets. If it is nil, they are
	// those of the host.
	Roots *x509.CertPool
	// Proxy, if not nil, is an HTTP proxy, through which all connections go. Its scheme is http or
	// https, and it may have a user and a password.
	Proxy *url.URL
	// Env has environment variables for scripts.
	Env map[string]string
	// MaxConnections is the number of connections that one script may have open at a time, by default
	// DefaultConnections.
	MaxConnections int
	// MaxBytes is the number of bytes that one script may send and receive over connections of the
	// grant, by default DefaultBytes.
	MaxBytes int64
}

// The defaults of a grant.
const (
	DefaultConnections = 8
	DefaultBytes       = 64 << 20
)

// Connections returns the number of connections that one script may have open.
func (g *Grant) Connections() int {
	if g.MaxConnections <= 0 {
		return DefaultConnections
	}
	return g.MaxConnections
}

// Bytes returns the number of bytes that one script may send and receive.
func (g *Grant) Bytes() int64 {
	if g.MaxBytes <= 0 {
		return DefaultBytes
	}
	return g.MaxBytes
}

// Folders returns the folders of all grants, in order.
func (g *Grants) Folders() (all []Folder) {
	if g == nil {
		return nil
	}
	for _, one := range g.List {
		all = append(all, one.Folders...)
	}
	return all
}

// Connects reports whether any grant has a target.
func (g *Grants) Connects() bool {
	return g != nil && slices.ContainsFunc(g.List, func(one *Grant) bool { return len(one.Connect) > 0 })
}

// Env returns the environment variables of all grants. If two grants have a variable, it is that of
// the first. The result is nil if there are none.
func (g *Grants) Env() map[string]string {
	if g == nil {
		return nil
	}
	var all map[string]string
	for _, one := range slices.Backward(g.List) {
		for name, value := range one.Env {
			if all == nil {
				all = map[string]string{}
			}
			all[name] = value
		}
	}
	return all
}

// OwnerText returns the owner for texts, or a text for calls without one.
func (g *Grants) OwnerText() string {
	if g == nil || g.Owner == "" {
		return "without an account"
	}
	return g.Owner
}

// UseKind is the kind of a use.
type UseKind string

// The kinds of uses.
const (
	UseConnect UseKind = "connect" // a connection, or an attempt
	UseFile    UseKind = "file"    // an opened file, or an attempt
)

// Outcome is the end of a use.
type Outcome string

// The outcomes.
const (
	OutcomeOK      Outcome = "ok"
	OutcomeDenied  Outcome = "denied"  // no grant, or a rule of the grant
	OutcomeFailed  Outcome = "failed"  // the network, the other side, or the file system
	OutcomeTimeout Outcome = "timeout" // the script's own time limit or the deadline of the call
	OutcomeLimit   Outcome = "limit"   // a limit of the grant, the owner or the server
)

// Use describes a use of a grant, for the audit log and metrics. It never has contents.
type Use struct {
	Grant    string // "" if no grant allows it
	Owner    string // Grants.Owner
	Kind     UseKind
	Target   string // "https://geo.example.com:443", or the path of a file as the script wrote it
	Address  string // of the other side; "" if there was no connection
	In, Out  int64  // bytes that the script received and sent
	Duration time.Duration
	Outcome  Outcome
	Error    string // "" if the outcome is OutcomeOK
}
