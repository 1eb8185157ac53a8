package cluster

import (
	"context"
	"fmt"
	"time"
)

// The operations of administrators.
const (
	tokenOperation   = "token"
	removeOperation  = "remove"
	leaveOperation   = "leave"
	promoteOperation = "promote"
	demoteOperation  = "demote"
	rotateOperation  = "rotate-ca"
)

// adminRequest is an operation of an administrator.
type adminRequest struct {
	Operation string       `json:"operation"`
	Node      string       `json:"node,omitempty"` // name or id
	Force     bool         `json:"force,omitempty"`
	Token     TokenOptions `json:"token"`
	Forwarded bool         `json:"forwarded,omitempty"` // by another node
}

// adminReply is the result of an operation.
type adminReply struct {
	Token string `json:"token,omitempty"`
}

// adminWait is how long an operation waits for a leader.
const adminWait = 10 * time.Second

// admin does an operation, or forwards it to the leader.
func (n *Node) admin(ctx context.Context, q adminRequest) (adminReply, error) {
	if q.Operation == leaveOperation {
		return adminReply{}, n.leave(ctx, q.Force)
	}
	deadline := time.Now().Add(adminWait)
	for {
		answer, err := n.tryAdmin(ctx, q)
		if !isTransient(err) || q.Forwarded || time.Now().After(deadline) || ctx.Err() != nil {
			return answer, err
		}
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
		}
	}
}

func (n *Node) tryAdmin(ctx context.Context, q adminRequest) (answer adminReply, err error) {
	if n.consensus.established() {
		return n.leadAdmin(ctx, q)
	}
	leader := n.consensus.leader()
	if q.Forwarded || leader == "" || leader == n.identity.Node {
		return answer, ErrNoLeader
	}
	q.Forwarded = true
	err = n.peers.call(ctx, 2*adminWait, leader, adminPath, q, &answer)
	return answer, err
}

// leadAdmin does an operation on the leader.
func (n *Node) leadAdmin(ctx context.Context, q adminRequest) (answer adminReply, err error) {
	switch q.Operation {
	case tokenOperation:
		answer.Token, err = n.makeToken(ctx, q.Token)
	case removeOperation:
		err = n.remove(ctx, q.Node, q.Force)
	case promoteOperation:
		err = n.promote(ctx, q.Node)
	case demoteOperation:
		err = n.demote(ctx, q.Node)
	case rotateOperation:
		err = n.rotate(ctx)
	default:
		err = fmt.Errorf("%w: unknown operation %.40q", ErrRefused, q.Operation)
	}
	return answer, err
}

// makeToken stores a new join token and returns its text.
func (n *Node) makeToken(ctx context.Context, o TokenOptions) (string, error) {
	o, err := o.withDefaults()
	if err != nil {
		return "", err
	}
	secret, now := newSecret(), time.Now()
	t := token{secretDigest(secret), now.Add(o.TTL).Unix(), o.Uses, o.Voter}
	if err := n.replica.put(ctx, command{Type: tokenCommand, Token: &t, Now: now.Unix()}); err != nil {
		return "", err
	}
	signer, err := n.signer()
	if err != nil {
		return "", err
	}
	return formatToken(secret, signer.fingerprint())
}
