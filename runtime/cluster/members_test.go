package cluster

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

// A token admits as many nodes as it says, until it expires. An interrupted join can be repeated.
func TestTokens(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	first := c.nodes[0]
	join := func(n *testNode, token string) error {
		_, err := Join(context.Background(), n.dir, JoinOptions{Name: n.name, Advertise: n.address, Peer: first.address, Token: token})
		return err
	}
	token := c.newToken(TokenOptions{Voter: true})
	a, b := c.prepare("a", nil), c.prepare("b", nil)
	if err := join(a, token); err != nil {
		t.Fatal(err)
	}
	if err := join(a, token); err != nil {
		t.Errorf("a repeated join: %v", err)
	}
	id, err := readIdentity(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	id.Joined = false // as if the answer had been lost
	if err := id.write(a.dir); err != nil {
		t.Fatal(err)
	}
	if err := join(a, token); err != nil {
		t.Errorf("a join after an interruption: %v", err)
	}
	for name, text := range map[string]string{
		"used": token, "unknown": tokenPrefix + newSecret() + "." + strings.Split(token, ".")[2], "malformed": "tabcell1.x.y", "empty": "",
	} {
		if err := join(b, text); !errors.Is(err, ErrToken) || strings.Contains(err.Error(), newSecretOf(text)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	expiring := c.newToken(TokenOptions{TTL: time.Second})
	time.Sleep(2100 * time.Millisecond)
	if err := join(b, expiring); !errors.Is(err, ErrToken) {
		t.Errorf("expired: %v", err)
	}
	twice := c.newToken(TokenOptions{Uses: 2})
	if err := errors.Join(join(b, twice), join(c.prepare("d", nil), twice)); err != nil {
		t.Error(err)
	}
	if err := join(c.prepare("e", nil), twice); !errors.Is(err, ErrToken) {
		t.Errorf("the third use of two: %v", err)
	}
	if err := join(c.prepare("b", nil), c.newToken(TokenOptions{})); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "remove it first") {
		t.Errorf("a second node of the same name: %v", err)
	}
	for _, o := range []TokenOptions{{TTL: time.Millisecond}, {TTL: 2 * maxTTL}, {Uses: -1}, {Uses: maxTokenUses + 1}} {
		if _, err := o.withDefaults(); !errors.Is(err, ErrRefused) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// newSecretOf returns the secret of a token, or text that no error contains.
func newSecretOf(text string) string {
	if secret, _, err := parseToken(text); err == nil {
		return secret
	}
	return "\x00"
}

// A token of one cluster does not connect to another one, and sends it no secret.
func TestTokenOfAnotherCluster(t *testing.T) {
	t.Parallel()
	a, b := newCluster(t, 1), newCluster(t, 1)
	n := a.prepare("x", nil)
	_, err := Join(context.Background(), n.dir, JoinOptions{Name: "x", Advertise: n.address, Peer: b.nodes[0].address, Token: a.newToken(TokenOptions{})})
	if err == nil || !strings.Contains(err.Error(), "not a node of the cluster that made the token") {
		t.Errorf("%v", err)
	}
}

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

// Nodes are promoted, demoted and removed; a removed node is refused; a node that leaves becomes a
// single server with the same endpoints.
func TestMembership(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	leader, n := c.waitLeader(), c.follower()
	c.deploy(n, "m", "1")
	client, err := Dial(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	if err := client.Demote(ctx, n.name); err != nil {
		t.Fatal(err)
	}
	c.eventually("two vote", func() error { return c.voters(2) })
	if err := errors.Join(client.Demote(ctx, n.name), client.Promote(ctx, n.name), client.Promote(ctx, n.identity.Node)); err != nil {
		t.Fatal(err)
	}
	c.eventually("three vote", func() error { return c.voters(3) })
	if err := client.Remove(ctx, "nobody", false); !errors.Is(err, ErrNotMember) || !strings.Contains(err.Error(), "n0, n1, n2") {
		t.Errorf("removing an unknown node: %v", err)
	}
	if err := client.Demote(ctx, leader.name); err != nil {
		t.Errorf("demoting the leader: %v", err)
	}
	c.eventually("two vote", func() error { return c.voters(2) })
	if err := client.Remove(ctx, leader.name, false); err != nil {
		t.Errorf("removing the former leader: %v", err)
	}
	rest := []*testNode{}
	for _, other := range c.nodes {
		if other != leader {
			rest = append(rest, other)
		}
	}
	c.nodes = rest
	c.deploy(n, "m", "2")
	if _, err := as(leader).Deploy(source("m", "3")); err == nil {
		t.Error("a removed node has changed an endpoint")
	}
	if err := client.Leave(ctx, true); err != nil {
		t.Errorf("leaving: %v", err)
	}
	c.stop(n)
	id, err := ReadIdentity(n.dir)
	if err != nil || !id.Left {
		t.Errorf("%+v, %v", id, err)
	}
	if err := registry.ReleaseReplicated(n.models); err != nil {
		t.Error(err)
	}
	r, err := registry.Open(n.models, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := r.Get("m"); e.Version != 2 {
		t.Errorf("after leaving, version %d", e.Version)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if again, err := Init(n.dir, InitOptions{Name: "single", Advertise: n.address}); err != nil || again.Cluster == id.Cluster {
		t.Errorf("a new cluster after leaving: %+v, %v", again, err)
	}
}

// The authority is replaced while the cluster works, and certificates of the old one are refused
// afterwards.
func TestRotateCA(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	old := c.nodes[0].machine.authorities()[0]
	client, err := Dial(c.nodes[1].dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := errors.Join(client.RotateCA(context.Background()), client.RotateCA(context.Background())); err != nil {
		t.Fatal(err)
	}
	c.eventually("the old authority is gone", func() error {
		for _, n := range c.nodes {
			all := n.machine.authorities()
			bundle, err := readFile(n.dir, bundleFile)
			if err != nil || len(all) != 1 || all[0].fingerprint() == old.fingerprint() || !bytes.Equal(bundle, []byte(all[0].Certificate)) {
				return errors.New("there are two authorities, or the old one")
			}
		}
		return nil
	})
	c.deploy(c.nodes[2], "m", "1")
	c.same(c.nodes...)
	n := c.nodes[0]
	if conn, err := dialAs(n.address, httpProtocol, issue(t, old, n.identity.Cluster, c.nodes[1].identity.Node)); err == nil {
		if status := request(t, conn, statusPath); status == 200 {
			t.Error("a certificate of the old authority is accepted")
		}
	}
	c.join("n3")
	c.eventually("four vote", func() error { return c.voters(4) })
}

// A node with another address reports it, and stays a member.
func TestAddressChange(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	n := c.follower()
	c.stop(n)
	moved := c.prepare("moved", nil)
	n.address = moved.address
	c.net.mu.Lock()
	c.net.names[n.address] = n.name
	c.net.mu.Unlock()
	c.startWith(n, Config{Advertise: n.address})
	c.eventually("the leader knows the address", func() error {
		s, _ := c.waitLeader().consensus.find(n.identity.Node)
		return errorUnless(s.Address == n.address && s.Voter, s.Address)
	})
	c.deploy(n, "m", "1")
	c.same(c.nodes...)
}

// A starting node refuses folders that others can read, and a folder in use.
func TestDataFolder(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	if _, err := Init(n.dir, InitOptions{}); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("the folder of a running node: %v", err)
	}
	if _, err := ReadIdentity(t.TempDir() + "/none"); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("%v", err)
	}
	if _, err := Dial(t.TempDir() + "/none"); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("%v", err)
	}
	c.stop(n)
	if client, err := Dial(n.dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("%v %v", client, err)
	}
	id, err := Init(n.dir, InitOptions{Name: n.name, Advertise: n.address})
	if err != nil || id.Node != n.identity.Node {
		t.Errorf("a repeated Init: %+v, %v", id, err)
	}
	if _, err := Init(n.dir, InitOptions{Name: "other"}); err == nil {
		t.Error("a repeated Init with another name")
	}
	for _, address := range []string{"", "x", "0.0.0.0:1", ":9005", "[::]:5", "a:0", "a:99999", "a b:1", "x'y:1"} {
		if _, err := Init(t.TempDir()+"/x", InitOptions{Name: "a", Advertise: address}); err == nil {
			t.Errorf("the address %q is accepted", address)
		}
	}
	if err := checkAddress("[10.1.2.3]:9005"); err != nil {
		t.Error(err)
	}
}

// The endpoints of a server that joins are not replaced without notice.
func TestJoinKeepsOwnEndpoints(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.prepare("n1", func(r *registry.Registry) {
		if _, err := r.Deploy(source("own", "1")); err != nil {
			t.Fatal(err)
		}
	})
	c.must(Join(context.Background(), n.dir, JoinOptions{Name: "n1", Advertise: n.address, Peer: c.nodes[0].address, Token: c.newToken(TokenOptions{})}))
	r, err := registry.Open(n.models, registry.Options{Replicated: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	listener, err := net.Listen("tcp", n.address)
	if err != nil {
		t.Fatal(err)
	}
	if started, err := Start(context.Background(), Config{Dir: n.dir, Registry: r, Listener: listener}); err == nil || !strings.Contains(err.Error(), "1 endpoints of its own") {
		t.Errorf("%v, %v", started, err)
	}
	if len(r.List()) != 1 {
		t.Error("the endpoint is gone")
	}
	id, err := readIdentity(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	id.Discard = true // as JoinOptions.Discard does
	if err := errors.Join(id.write(n.dir), r.Close()); err != nil {
		t.Fatal(err)
	}
	c.start(n)
	c.same(c.nodes...)
	folders, err := filepath.Glob(filepath.Join(n.models, "before-cluster-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("%v, %v", folders, err)
	}
	old, err := registry.Open(folders[0], registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if e, ok := old.Get("own"); !ok {
		t.Error("the endpoint is gone")
	} else if text, err := old.Content(e.Current()); err != nil || string(text) != "1" {
		t.Errorf("%q, %v", text, err)
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
