package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
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
