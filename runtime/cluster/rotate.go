package cluster

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// The authority of a cluster is replaced in steps, so that no node is locked out:
//
//  1. The log gets a new authority. Every node accepts both from then on, and reports that.
//  2. When all members accept the new one, it signs. Every node asks for a new certificate.
//  3. When all members have one, the old authority is removed.
//
// A member that is down holds up the steps until it is back or removed.

// rotate begins the replacement of the authority. It does nothing if one is under way.
func (n *Node) rotate(ctx context.Context) error {
	if len(n.machine.authorities()) > 1 {
		return nil
	}
	a, err := newAuthority(n.identity.Cluster, time.Now())
	if err != nil {
		return err
	}
	n.log.Info().Str("fingerprint", a.fingerprint()).Msg("the cluster gets a new certificate authority")
	return n.replica.put(ctx, command{Type: authorityCommand, Authority: &a})
}

// signer returns the newest authority that all members accept.
func (n *Node) signer() (authority, error) {
	all := n.machine.authorities()
	if len(all) == 0 {
		return authority{}, ErrNoLeader // the first node is still importing
	}
	for _, m := range n.machine.members() {
		if m.Trusts != all[0].fingerprint() && m.Trusts != "" {
			return all[len(all)-1], nil
		}
	}
	return all[0], nil
}

// retireAuthorities removes the old authorities when all members have a certificate of the new one.
func (n *Node) retireAuthorities(ctx context.Context) error {
	all := n.machine.authorities()
	if len(all) < 2 {
		return nil
	}
	for _, m := range n.machine.members() {
		if m.Authority != all[0].fingerprint() {
			return fmt.Errorf("node %s has no certificate of the new authority yet", m.Name)
		}
	}
	n.log.Info().Msg("all nodes have certificates of the new authority; the old one is removed")
	return n.replica.put(ctx, command{Type: retireCommand})
}

// issuer returns the fingerprint of the authority that has signed the certificate of this node, if
// it is in its chain.
func (n *Node) issuer() string {
	chain := n.link.certificate.Load().Certificate
	if len(chain) < 2 {
		return ""
	}
	return fingerprint(chain[1])
}

// trusted returns the fingerprint of the newest authority that this node accepts.
func (n *Node) trusted() string {
	text, err := readFile(n.config.Dir, bundleFile)
	if err != nil {
		return ""
	}
	certificate, err := parseCertificate(text)
	if err != nil {
		return ""
	}
	return fingerprint(certificate.Raw)
}

// renewRequest is a certificate request of a member.
type renewRequest struct {
	Request string `json:"request"` // PEM
}

// renewReply has a new certificate.
type renewReply struct {
	Chain string `json:"chain"` // PEM
}

// renew signs a new certificate for a member.
func (n *Node) renew(sender string, q renewRequest) (renewReply, error) {
	if !n.consensus.established() {
		return renewReply{}, errNotLeader
	}
	public, err := parseRequest(q.Request)
	if err != nil {
		return renewReply{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	signer, err := n.signer()
	if err != nil {
		return renewReply{}, err
	}
	chain, err := signer.sign(n.identity.Cluster, sender, public, time.Now())
	return renewReply{string(chain)}, err
}

const certificateInterval = 2 * time.Second

// keepCertificates keeps the authorities and the certificate of this node up to date until ctx is
// done.
func (n *Node) keepCertificates(ctx context.Context) {
	tick := time.NewTicker(certificateInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if !n.machine.imported() || n.hasLeft() {
			continue
		}
		if err := errors.Join(n.storeAuthorities(), n.renewCertificate(ctx)); err != nil && ctx.Err() == nil {
			n.log.Warn().Err(err).Msg("the certificates of this node are not up to date; it tries again")
		}
	}
}

// storeAuthorities writes the authorities of the machine to the data folder, if they have changed.
func (n *Node) storeAuthorities() error {
	bundle := n.bundle()
	old, err := readFile(n.config.Dir, bundleFile)
	if err != nil || bundle == "" || string(old) == bundle {
		return err
	}
	pool, err := parseAuthorities([]byte(bundle))
	if err != nil {
		return err
	}
	if err := writeFile(n.config.Dir, bundleFile, []byte(bundle)); err != nil {
		return err
	}
	n.link.authorities.Store(pool)
	return nil
}

// renewCertificate asks the leader for a new certificate, if the present one ends soon or is of an
// old authority.
func (n *Node) renewCertificate(ctx context.Context) error {
	leaf, err := x509.ParseCertificate(n.link.certificate.Load().Certificate[0])
	if err != nil {
		return err
	}
	signer, err := n.signer()
	if err != nil || time.Until(leaf.NotAfter) > renewBefore && n.issuer() == signer.fingerprint() {
		return err
	}
	key, err := nodeKey(n.config.Dir)
	if err != nil {
		return err
	}
	request, err := newRequest(key)
	if err != nil {
		return err
	}
	reply, err := n.askRenewal(ctx, renewRequest{request})
	if err != nil {
		return err
	}
	if err := n.checkRenewal(reply.Chain, key.Public()); err != nil {
		return err
	}
	if err := writeFile(n.config.Dir, chainFile, []byte(reply.Chain)); err != nil {
		return err
	}
	return n.loadCertificates()
}

func (n *Node) askRenewal(ctx context.Context, q renewRequest) (reply renewReply, err error) {
	if n.consensus.established() {
		return n.renew(n.identity.Node, q)
	}
	leader := n.consensus.leader()
	if leader == "" || leader == n.identity.Node {
		return reply, ErrNoLeader
	}
	err = n.peers.call(ctx, shortTimeout, leader, renewPath, q, &reply)
	return reply, err
}

// checkRenewal returns an error unless a chain is a certificate for the key of this node.
func (n *Node) checkRenewal(chain string, key any) error {
	return joinReply{n.identity.Cluster, chain, n.bundle(), nil}.verify(n.identity.Node, key)
}
