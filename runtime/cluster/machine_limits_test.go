package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"tabcell/runtime/registry"
	"testing"

	"github.com/rs/zerolog"
)

// The machine forgets old requests, so that it does not grow.
func TestFinishedRequestsAreBounded(t *testing.T) {
	m, revision := newMachine(), uint64(0)
	for i := range maxDone + 10 {
		index := uint64(i + 1)
		c := command{Type: putCommand, ID: fmt.Sprintf("request%d", i), Base: revision, Endpoint: endpoint("a", i+1)}
		if r := m.apply(index, encoded(t, c)); r.err != nil {
			t.Fatal(r.err)
		}
		revision = index
	}
	if len(m.done) != maxDone || len(m.state.Done) != maxDone {
		t.Errorf("%d and %d requests, want %d", len(m.done), len(m.state.Done), maxDone)
	}
	if _, ok := m.finishedRequest("request9"); ok {
		t.Error("an old request is remembered")
	}
	if _, ok := m.finishedRequest("request10"); !ok {
		t.Error("a recent request is forgotten")
	}
}

// A command of a newer build stops the machine, and the log stays for that build.
func TestUnknownVersion(t *testing.T) {
	m := filledMachine(t)
	newer := []byte(`{"v":2,"type":"put","new":"member"}`)
	if r := m.apply(7, newer); !errors.Is(r.err, ErrHalted) {
		t.Errorf("%v", r.err)
	}
	if r := m.apply(8, encoded(t, command{Type: removeCommand, Base: 6, Name: "a"})); !errors.Is(r.err, ErrHalted) {
		t.Errorf("the next command: %v", r.err)
	}
	if m.applied() != 6 {
		t.Errorf("applied %d", m.applied())
	}
	if _, err := m.capture(); !errors.Is(err, ErrHalted) {
		t.Errorf("a snapshot: %v", err)
	}
	if _, ok := m.get("a"); !ok {
		t.Error("the endpoints are not served any more")
	}
}

// A command that a member does not know is not proposed.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	if _, err := n.replica.propose(t.Context(), command{Version: 2, Type: importedCommand}); !errors.Is(err, ErrUpgrade) {
		t.Errorf("%v", err)
	}
	old := Member{ID: "oldnode1", Name: "old", Address: "h:1", Commands: 1}
	if r := n.machine.apply(n.machine.applied()+1, encoded(t, command{Type: memberCommand, Member: &old})); r.err != nil {
		t.Fatal(r.err)
	}
	if n.machine.commands() != 1 {
		t.Errorf("the members know version %d", n.machine.commands())
	}
}

// Malformed commands change nothing, and do not stop the machine.
func TestMalformedCommands(t *testing.T) {
	m := filledMachine(t)
	before := snapshotOf(t, m)
	for i, text := range []string{
		"", "null", "[]", `{"v":1}`, `{"v":1,"type":"put"}`, `{"v":1,"type":"put","endpoint":{}}`, `{"v":1,"type":"remove","name":"../x"}`,
		`{"v":1,"type":"member"}`, `{"v":1,"type":"member","member":{"id":"../../x"}}`, `{"v":1,"type":"token","token":{"digest":"x"}}`,
		`{"v":1,"type":"join","name":"x","member":null}`, `{"v":1,"type":"authority","authority":{"certificate":"x"}}`, `{"v":1,"type":"forget","name":""}`,
		`{"v":1,"type":"put","id":"UPPER","endpoint":null}`,
	} {
		if r := m.apply(6, []byte(text)); r.err == nil || r.changed {
			t.Errorf("%d: %s: %+v", i, text, r)
		}
	}
	if got := snapshotOf(t, m); m.haltedBy() == nil && !bytes.Equal(got, before) {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	huge := make([]byte, maxCommand+1)
	if _, err := decodeCommand(huge); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Errorf("a command that is too large: %v", err)
	}
}

// Tokens that have not expired are limited; expired ones go.
func TestTokensAreBounded(t *testing.T) {
	m := newMachine()
	add := func(i int, now int64) error {
		tok := token{Digest: fmt.Sprintf("%064x", i), Expires: 100, Uses: 1}
		return m.apply(m.applied()+1, encoded(t, command{Type: tokenCommand, Token: &tok, Now: now})).err
	}
	for i := range maxTokens {
		if err := add(i, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := add(maxTokens, 1); !errors.Is(err, ErrRefused) {
		t.Errorf("one too many: %v", err)
	}
	if err := add(maxTokens, 200); err != nil || len(m.state.Tokens) != 1 {
		t.Errorf("after the expiry: %v, %d tokens", err, len(m.state.Tokens))
	}
}

// A node cannot take over the id of a member, not even with a valid token.
func TestJoinDoesNotReplaceMembers(t *testing.T) {
	m := filledMachine(t)
	digest := strings.Repeat("0", 64)
	join := func(member Member) error {
		return m.apply(m.applied()+1, encoded(t, command{Type: joinCommand, Name: digest, Member: &member, Now: 2})).err
	}
	key, other := strings.Repeat("1", 64), strings.Repeat("2", 64)
	if err := join(Member{ID: "node0001", Name: "n", Address: "h:1", Commands: 1, Key: key}); !errors.Is(err, ErrRefused) {
		t.Errorf("the id of the first node: %v", err)
	}
	second := Member{ID: "node0002", Name: "n2", Address: "h:2", Commands: 1, Key: key}
	if err := errors.Join(join(second), join(second)); err != nil {
		t.Error(err)
	}
	if got := m.state.Tokens[digest].Uses; got != 1 {
		t.Errorf("%d uses are left, want 1", got)
	}
	second.Key = other
	if err := join(second); !errors.Is(err, ErrRefused) {
		t.Errorf("the id of a node with another key: %v", err)
	}
}

// A snapshot of a state that newer commands have made is refused, and keeps the present state.
func TestSnapshotOfNewerCommands(t *testing.T) {
	m := filledMachine(t)
	if used := m.used(); used != 1 {
		t.Errorf("the newest command has version %d, want 1", used)
	}
	m.state.Commands = CommandVersion + 1
	text := snapshotOf(t, m)
	p := newReplica("self", nil, registry.Options{}, zerolog.Nop())
	if err := p.restore(bytes.NewReader(text)); !errors.Is(err, ErrHalted) || !errors.Is(p.folderProblem(), ErrHalted) {
		t.Errorf("%v; the problem of the node is %v", err, p.folderProblem())
	}
	if p.machine.applied() != 0 {
		t.Error("the snapshot was used")
	}
}

// A node that does not know the commands in use cannot join.
func TestJoinOfOlderBuild(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	n.machine.mu.Lock()
	n.machine.state.Commands = CommandVersion + 1
	n.machine.mu.Unlock()
	other := c.prepare("n1", nil)
	o := JoinOptions{Name: "n1", Advertise: other.address, Peer: n.address, Token: c.newToken(TokenOptions{})}
	if _, err := Join(t.Context(), other.dir, o); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "install a newer version") {
		t.Errorf("%v", err)
	}
}
