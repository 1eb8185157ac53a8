package cluster

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
)

// Member describes a node, as it reports itself. The configuration of Raft decides who is a member and
// who votes.
type Member struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"` // HOST:PORT at which the other nodes reach it
	Build   string `json:"build"`
	// Commands is the newest version of commands that its build knows.
	Commands int  `json:"commands"`
	Voter    bool `json:"voter"` // is to become a voter, if there are too few
	// Authority is the fingerprint of the authority that has signed its certificate, and Trusts that
	// of the newest authority that it accepts.
	Authority string `json:"authority,omitempty"`
	Trusts    string `json:"trusts,omitempty"`
	Token     string `json:"token,omitempty"` // digest of the token with which it has joined
	Key       string `json:"key,omitempty"`   // digest of the public key with which it has joined
}

const maxBuildBytes = 64

// namePattern matches the names of nodes, which are those of hosts.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$`)

// check returns an error if m is nil or malformed.
func (m *Member) check() error {
	switch {
	case m == nil:
		return errors.New("the member is missing")
	case len(m.Build) > maxBuildBytes:
		return fmt.Errorf("the version of the member's program has more than %d bytes", maxBuildBytes)
	case m.Commands < 1:
		return errors.New("the member knows no commands")
	}
	for _, digest := range []string{m.Authority, m.Trusts, m.Token, m.Key} {
		if digest != "" && checkDigest(digest) != nil {
			return errors.New("a digest of the member is malformed")
		}
	}
	return errors.Join(checkID(m.ID), checkNodeName(m.Name), checkAddress(m.Address))
}

func checkNodeName(name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("%.80q is not a valid name of a node: use letters, digits, dots, hyphens and underscores, at most 64", name)
	}
	return nil
}

// checkAddress returns an error if other nodes cannot use an address.
func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || len(address) > 300 {
		return fmt.Errorf("%.80q is not an address of the form HOST:PORT", address)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return fmt.Errorf("the address %.80q has no port number", address)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() || strings.ContainsAny(host, " /\\\"'@") {
		return fmt.Errorf("other nodes cannot reach this one at %.80q; set TABCELL_CLUSTER_ADVERTISE", address)
	}
	return nil
}

// token is a join token. The secret itself is not stored.
type token struct {
	Digest  string `json:"digest"`  // SHA-256 of the secret
	Expires int64  `json:"expires"` // Unix time in seconds
	Uses    int    `json:"uses"`    // number of nodes that may still join
	Voter   bool   `json:"voter"`
}

const (
	maxTokens    = 1000
	maxTokenUses = 100000
)

func (t *token) check() error {
	switch {
	case t == nil:
		return errors.New("the token is missing")
	case t.Uses < 0 || t.Uses > maxTokenUses:
		return fmt.Errorf("a token can be used 1 to %d times", maxTokenUses)
	}
	return checkDigest(t.Digest)
}
