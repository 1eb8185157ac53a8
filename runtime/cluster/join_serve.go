package cluster

import (
	"context"
	"crypto/x509"
	"fmt"
	"maps"
	"net/http"
	"time"
)

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
	if used := n.machine.used(); q.Member.Commands < used {
		return answer, fmt.Errorf("%w: the cluster uses commands of version %d, the program of the new node knows %d; install a newer version of it",
			ErrRefused, used, q.Member.Commands)
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
