package cluster

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// JoinOptions configures a node that joins a cluster.
type JoinOptions struct {
	Name      string // default: the name of the host
	Advertise string // HOST:PORT at which the other nodes will reach it
	Peer      string // HOST:PORT of a member
	Token     string
	Build     string // version of this program
	Witness   bool   // never becomes a voter
	Discard   bool   // if the server has endpoints of its own, its first start as a node sets them aside
}

// joinRequest is the message of a node that joins.
type joinRequest struct {
	Secret  string `json:"secret"`
	Request string `json:"request"` // certificate request in PEM
	Member  Member `json:"member"`
}

// joinReply has the certificates and addresses that the node needs to take part.
type joinReply struct {
	Cluster     string            `json:"cluster"`
	Chain       string            `json:"chain"`       // certificates in PEM
	Authorities string            `json:"authorities"` // certificates in PEM, the newest first
	Peers       map[string]string `json:"peers"`       // addresses of the members by id
}

const joinTimeout = 30 * time.Second

// Join makes the data folder that of a new node of a cluster, with a certificate that a member has
// signed. If it is interrupted, it can be repeated with the same token. If the folder is that of the
// node already, it returns its identity. Its errors are ErrToken, ErrRefused, and those of the
// connection.
func Join(ctx context.Context, dir string, o JoinOptions) (Identity, error) {
	lock, err := openDataFolder(dir)
	if err != nil {
		return Identity{}, err
	}
	defer lock.Close()
	id, err := readIdentity(dir)
	switch {
	case err == nil && id.Joined && !id.Left:
		return id, errors.Join(id.checkSame(o.Name, o.Advertise), id.readCertificates(dir))
	case err != nil && !errors.Is(err, ErrNoIdentity):
		return id, err
	}
	secret, sum, err := parseToken(o.Token)
	if err != nil {
		return id, err
	}
	if err := archiveLeft(dir, id); err != nil {
		return id, err
	}
	if id, err = prepareJoin(dir, id, o); err != nil {
		return id, err
	}
	return completeJoin(ctx, dir, id, o, secret, sum)
}

// prepareJoin writes the identity of a node that has not joined yet, so that a repeated join is of
// the same node.
func prepareJoin(dir string, old Identity, o JoinOptions) (Identity, error) {
	id := Identity{
		Format: identityFormat, Cluster: unknownCluster, Node: newID(), Name: nodeName(o.Name), Advertise: o.Advertise, Voter: !o.Witness, Discard: o.Discard,
	}
	if old.Node != "" && !old.Left {
		id.Node = old.Node
	}
	if err := id.check(); err != nil {
		return id, err
	}
	return id, id.write(dir)
}

// unknownCluster is the id of the cluster before the first answer.
const unknownCluster = "unknown0"

// completeJoin asks a member for a certificate, and writes it.
func completeJoin(ctx context.Context, dir string, id Identity, o JoinOptions, secret, sum string) (Identity, error) {
	key, err := nodeKey(dir)
	if err != nil {
		return id, err
	}
	request, err := newRequest(key)
	if err != nil {
		return id, err
	}
	message := joinRequest{secret, request, Member{
		ID: id.Node, Name: id.Name, Address: id.Advertise, Build: cmp.Or(o.Build, "unknown"), Commands: CommandVersion, Voter: id.Voter,
	}}
	answer, err := askToJoin(ctx, o.Peer, sum, message)
	if err != nil {
		return id, fmt.Errorf("the node at %s: %w", o.Peer, err)
	}
	if err := answer.check(sum, id.Node, key.Public()); err != nil {
		return id, fmt.Errorf("the node at %s sent a wrong answer: %w", o.Peer, err)
	}
	id.Cluster, id.Peers, id.Joined = answer.Cluster, answer.Peers, true
	err = errors.Join(writeFile(dir, chainFile, []byte(answer.Chain)), writeFile(dir, bundleFile, []byte(answer.Authorities)))
	if err == nil {
		err = os.RemoveAll(filepath.Join(dir, logFile)) // of an earlier attempt
	}
	if err == nil {
		err = id.write(dir)
	}
	return id, errors.Join(err, id.readCertificates(dir))
}

// check returns an error unless the answer has a certificate for the node, and the authority of the
// token is among its authorities.
func (r joinReply) check(sum, node string, key any) error {
	if err := r.verify(node, key); err != nil {
		return err
	}
	for rest := []byte(r.Authorities); ; {
		block, more := pem.Decode(rest)
		if block == nil {
			return errors.New("the authority of the token is not among its authorities")
		}
		if fingerprint(block.Bytes) == sum {
			return nil
		}
		rest = more
	}
}

// verify returns an error unless the first certificate is one of the authorities for the key of a
// node.
func (r joinReply) verify(node string, key any) error {
	pool, err := parseAuthorities([]byte(r.Authorities))
	if err != nil {
		return err
	}
	certificate, err := parseCertificate([]byte(r.Chain))
	if err != nil {
		return errors.Join(err, checkID(r.Cluster))
	}
	if public, ok := certificate.PublicKey.(*ecdsa.PublicKey); !ok || !public.Equal(key) {
		return errors.New("the certificate is for another key")
	}
	_, err = certificate.Verify(x509.VerifyOptions{Roots: pool, DNSName: serverName(node, r.Cluster), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return errors.Join(err, checkID(r.Cluster))
}

// parseAuthorities returns the pool of the authorities in a text.
func parseAuthorities(text []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("there are no authorities")
	}
	return pool, nil
}

// askToJoin sends a join request to a member, whose authority must have the given fingerprint.
func askToJoin(ctx context.Context, address, sum string, message joinRequest) (joinReply, error) {
	var answer joinReply
	if err := checkAddress(address); err != nil {
		return answer, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	p := newHTTPPeers(ctx, func(ctx context.Context, _, _ string) (net.Conn, error) { return dialToJoin(ctx, address, sum) })
	defer p.close()
	err := p.call(ctx, joinTimeout, "member", joinPath, message, &answer)
	return answer, err
}

// dialToJoin connects to a member without a certificate.
func dialToJoin(ctx context.Context, address, sum string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := tls.Dialer{NetDialer: &net.Dialer{}, Config: &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{httpProtocol},
		InsecureSkipVerify: true, // verifyMember verifies the chain
		VerifyConnection:   func(s tls.ConnectionState) error { return verifyMember(s.PeerCertificates, sum) },
	}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	return conn, nil
}

// verifyMember returns an error unless the authority with the given fingerprint is in the chain and
// has signed the first certificate.
func verifyMember(chain []*x509.Certificate, sum string) error {
	pool := x509.NewCertPool()
	for _, certificate := range chain {
		if certificate.IsCA && fingerprint(certificate.Raw) == sum {
			pool.AddCert(certificate)
		}
	}
	if len(chain) == 0 {
		return errors.New("the server has no certificate")
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err != nil {
		return fmt.Errorf("the server is not a node of the cluster that made the token: %w", err)
	}
	return nil
}

// serveJoin handles the request of a node that joins. The sender needs no certificate.
func (n *Node) serveJoin(w http.ResponseWriter, r *http.Request) {
	select {
	case n.joins <- struct{}{}:
		defer func() { <-n.joins }()
	default:
		reply(w, http.StatusServiceUnavailable, nil, fmt.Errorf("%w: too many nodes are joining; try again", ErrRefused))
		return
	}
	var q joinRequest
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(messageTimeout)) // HTTP/2 has it
	err := readMessage(r.Body, maxJoinMessage, &q)
	var answer joinReply
	if err == nil {
		answer, err = n.join(r.Context(), q)
	}
	if err != nil {
		n.log.Warn().Str("peer", r.RemoteAddr).Str("error", err.Error()).Msg("a node could not join")
		reply(w, http.StatusConflict, nil, err)
		return
	}
	reply(w, http.StatusOK, answer, nil)
}

// join admits a node, or forwards its request to the leader.
func (n *Node) join(ctx context.Context, q joinRequest) (answer joinReply, err error) {
	if !n.consensus.established() {
		leader := n.consensus.leader()
		if leader == "" || leader == n.identity.Node {
			return answer, ErrNoLeader
		}
		err = n.peers.call(ctx, joinTimeout, leader, joinPath, q, &answer)
		return answer, err
	}
	public, err := parseRequest(q.Request)
	if err != nil {
		return answer, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err := q.Member.check(); err != nil {
		return answer, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if !n.machine.imported() {
		return answer, ErrNoLeader
	}
	q.Member.Key = keyDigest(public)
	if err := n.admit(ctx, q); err != nil {
		return answer, err
	}
	signer, err := n.signer()
	if err != nil {
		return answer, err
	}
	chain, err := signer.sign(n.identity.Cluster, q.Member.ID, public, time.Now())
	return joinReply{n.identity.Cluster, string(chain), n.bundle(), n.peerAddresses()}, err
}

// keyDigest returns the SHA-256 of a public key.
func keyDigest(public any) string {
	der, _ := x509.MarshalPKIXPublicKey(public) // parseRequest accepts no others
	return fingerprint(der)
}

// admit uses the token and makes the node a member that does not vote.
func (n *Node) admit(ctx context.Context, q joinRequest) error {
	q.Member.Authority, q.Member.Trusts, q.Member.Token = "", "", ""
	c := command{Type: joinCommand, Name: secretDigest(q.Secret), Member: &q.Member, Now: time.Now().Unix()}
	if err := n.replica.put(ctx, c); err != nil {
		return err
	}
	n.log.Info().Str("node", q.Member.Name).Str("id", q.Member.ID).Str("address", q.Member.Address).Msg("a node has joined the cluster")
	return n.addServer(q.Member.ID, q.Member.Address)
}

// bundle returns the certificates of all authorities, the newest first.
func (n *Node) bundle() string {
	text := ""
	for _, a := range n.machine.authorities() {
		text += a.Certificate
	}
	return text
}

// peerAddresses returns the addresses of all members.
func (n *Node) peerAddresses() map[string]string {
	all := map[string]string{}
	maps.Copy(all, n.identity.Peers)
	for _, s := range n.consensus.servers() {
		all[s.ID] = s.Address
	}
	return all
}
