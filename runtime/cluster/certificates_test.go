package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

// Connections without a certificate of a member can do nothing but join.
func TestForeignCertificates(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	now := time.Now()
	other, err := newAuthority(n.identity.Cluster, now)
	if err != nil {
		t.Fatal(err)
	}
	own := n.machine.authorities()[0]
	for name, certificate := range map[string]*tls.Certificate{
		"none":              nil,
		"another authority": issue(t, other, n.identity.Cluster, n.identity.Node),
		"not a member":      issue(t, own, n.identity.Cluster, newID()),
	} {
		for _, protocol := range []string{raftProtocol, httpProtocol} {
			conn, err := dialAs(n.address, protocol, certificate)
			if err != nil {
				continue
			}
			if protocol == raftProtocol {
				if _, err := conn.Read(make([]byte, 1)); err == nil {
					t.Errorf("%s: the connection of Raft is open", name)
				}
			} else if status := request(t, conn, statusPath); status != 0 && status != 403 {
				t.Errorf("%s: status %d", name, status)
			}
			_ = conn.Close()
		}
	}
	member := issue(t, own, n.identity.Cluster, n.identity.Node)
	conn, err := dialAs(n.address, httpProtocol, member)
	if err != nil {
		t.Fatal(err)
	}
	if status := request(t, conn, statusPath); status != 200 {
		t.Errorf("a member got status %d", status)
	}
}

// issue returns a certificate for a node.
func issue(t *testing.T, a authority, cluster, node string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := a.sign(cluster, node, key.Public(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text, err := encodeKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.X509KeyPair(chain, text)
	if err != nil {
		t.Fatal(err)
	}
	return &certificate
}

// dialAs connects with a certificate, and waits until the server has judged it.
func dialAs(address, protocol string, certificate *tls.Certificate) (net.Conn, error) {
	config := &tls.Config{NextProtos: []string{protocol}, InsecureSkipVerify: true}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	return tls.DialWithDialer(&net.Dialer{Timeout: patience}, "tcp", address, config)
}

// request sends a message over a connection and returns the status of the reply, or 0 if there is
// none.
func request(t *testing.T, conn net.Conn, path string) int {
	t.Helper()
	p := newHTTPPeers(context.Background(), func(context.Context, string, string) (net.Conn, error) { return conn, nil })
	defer p.close()
	response, err := p.send(context.Background(), "POST", "member", path, strings.NewReader("{}"))
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// The leader accepts a forwarded change only from the node that has authenticated the caller, and
// only for a caller with the role.
func TestForwardedIdentity(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	leader, follower := c.waitLeader(), c.follower()
	c.deploy(follower, "m", "1")
	q := changeRequest{ID: newID(), Origin: follower.identity.Node, Caller: deployer, Kind: removeChange, Name: "m"}
	for name, change := range map[string]func(*changeRequest){
		"no role":        func(q *changeRequest) { q.Caller.Roles = []string{"query", "admin"} },
		"another origin": func(q *changeRequest) { q.Origin = leader.identity.Node },
		"no id":          func(q *changeRequest) { q.ID = "" },
		"unknown kind":   func(q *changeRequest) { q.Kind = "drop" },
		"no endpoint":    func(q *changeRequest) { q.Kind = restoreChange },
		"no code":        func(q *changeRequest) { q.Kind, q.Deployment = deployChange, &registry.Deployment{Name: "m"} },
		"long caller":    func(q *changeRequest) { q.Caller.User = strings.Repeat("x", maxCallerText+1) },
	} {
		wrong := q
		change(&wrong)
		if _, err := follower.peers.forward(context.Background(), leader.identity.Node, wrong); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := follower.As(context.Background(), Caller{User: "eve", Roles: []string{"query"}}).Deploy(source("m", "2")); !errors.Is(err, ErrRefused) {
		t.Errorf("a caller without the role: %v", err)
	}
	if _, err := follower.peers.forward(context.Background(), leader.identity.Node, q); err != nil {
		t.Error(err)
	}
	if _, err := follower.peers.forward(context.Background(), leader.identity.Node, q); err != nil {
		t.Errorf("a repeated request: %v", err)
	}
}

func TestAuthorityHidesKey(t *testing.T) {
	a, err := newAuthority("cluster1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{a.String(), a.GoString()} {
		if strings.Contains(text, "PRIVATE") {
			t.Errorf("%q", text)
		}
	}
}

// A node whose clock is a day behind accepts new certificates.
func TestCertificatesBeforeNow(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a, err := newAuthority("cluster0", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{[]byte(a.Certificate), []byte(encodeCertificate(issue(t, a, "cluster0", "node0000").Certificate[0]))} {
		certificate, err := parseCertificate(text)
		if err != nil {
			t.Fatal(err)
		}
		if behind := now.Add(-25 * time.Hour); certificate.NotBefore.After(behind) {
			t.Errorf("a certificate of %v is not valid before %v", now, certificate.NotBefore)
		}
	}
}
