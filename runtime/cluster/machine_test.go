package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

// endpoint returns a model with one version.
func endpoint(name string, version int) *registry.Endpoint {
	return &registry.Endpoint{Name: name, Type: registry.TypeModel, Version: version, Versions: []registry.Version{
		{Number: version, Kind: registry.Source, Sum: strings.Repeat("ab", 32), Size: 3},
	}}
}

// encoded returns the text of a command.
func encoded(t testing.TB, c command) []byte {
	t.Helper()
	if c.Version == 0 {
		c.Version = 1
	}
	text, err := encodeCommand(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// filledMachine returns a machine with something of everything.
func filledMachine(t testing.TB) *machine {
	t.Helper()
	m := newMachine()
	a, err := newAuthority("cluster1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	commands := []command{
		{Type: authorityCommand, Authority: &a},
		{Type: memberCommand, Member: &Member{ID: "node0001", Name: "n", Address: "h:1", Commands: 1}},
		{Type: importedCommand},
		{Type: tokenCommand, Token: &token{Digest: strings.Repeat("0", 64), Expires: 100, Uses: 2}, Now: 1},
		{Type: putCommand, ID: "request1", Endpoint: endpoint("a", 1)},
		{Type: putCommand, ID: "request2", Base: 5, Endpoint: endpoint("b", 1)},
	}
	for i, c := range commands {
		if r := m.apply(uint64(i+1), encoded(t, c)); r.err != nil {
			t.Fatalf("%s: %v", c.Type, r.err)
		}
	}
	return m
}

func snapshotOf(t testing.TB, m *machine) []byte {
	t.Helper()
	s, err := m.capture()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSnapshot(t *testing.T) {
	m := filledMachine(t)
	text := snapshotOf(t, m)
	again := newMachine()
	if err := again.restore(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if got := snapshotOf(t, again); !bytes.Equal(got, text) {
		t.Errorf("got\n%s\nwant\n%s", got, text)
	}
	repeated := command{Type: putCommand, ID: "request2", Base: 6, Endpoint: endpoint("b", 9)}
	if r := again.apply(7, encoded(t, repeated)); r.changed || r.err != nil {
		t.Errorf("a request from before the snapshot is executed again: %+v", r)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for name, damaged := range map[string][]byte{
		"empty": nil, "short": bytes.Join(lines[:2], nil), "long": append(bytes.Clone(text), "{}\n"...), "no endpoint": append(bytes.Clone(lines[0]), "{}\n{}\n"...),
		"newer":     bytes.Replace(text, []byte(`"format":1`), []byte(`"format":2`), 1),
		"negative":  bytes.Replace(text, []byte(`"endpoints":2`), []byte(`"endpoints":-1`), 1),
		"wide line": bytes.Replace(text, []byte(`"imported"`), append(bytes.Repeat([]byte(" "), maxSnapshotLine), `"imported"`...), 1),
	} {
		before := snapshotOf(t, again)
		if err := again.restore(bytes.NewReader(damaged)); err == nil {
			t.Errorf("%s: restored", name)
		}
		if !bytes.Equal(snapshotOf(t, again), before) {
			t.Errorf("%s: the state has changed", name)
		}
	}
}

// A change computed from an old state is refused, and a repeated one changes nothing.
func TestChangesAreOrdered(t *testing.T) {
	m := filledMachine(t)
	if r := m.apply(7, encoded(t, command{Type: putCommand, ID: "request3", Base: 5, Endpoint: endpoint("a", 2)})); !errors.Is(r.err, errConflict) || r.changed {
		t.Errorf("an old base: %+v", r)
	}
	if r := m.apply(8, encoded(t, command{Type: putCommand, ID: "request3", Base: 6, Endpoint: endpoint("a", 2)})); r.err != nil || !r.changed || r.old.Version != 1 || r.now.Version != 2 {
		t.Errorf("the present base: %+v", r)
	}
	if r := m.apply(9, encoded(t, command{Type: putCommand, ID: "request3", Base: 8, Endpoint: endpoint("a", 3)})); r.err != nil || r.changed {
		t.Errorf("a repeated request: %+v", r)
	}
	if r := m.apply(10, encoded(t, command{Type: removeCommand, ID: "request4", Base: 8, Name: "a"})); r.err != nil || !r.changed || r.now.Name != "" {
		t.Errorf("a removal: %+v", r)
	}
	if _, ok := m.get("a"); ok {
		t.Error("the endpoint exists after its removal")
	}
}

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

func FuzzCommand(f *testing.F) {
	m := filledMachine(f)
	text := snapshotOf(f, m)
	f.Add(encoded(f, command{Type: putCommand, ID: "request9", Base: 6, Endpoint: endpoint("a", 2)}))
	f.Add(encoded(f, command{Type: forgetCommand, Name: "node0001"}))
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, command []byte) {
		a, b := newMachine(), newMachine()
		if err := errors.Join(a.restore(bytes.NewReader(text)), b.restore(bytes.NewReader(text))); err != nil {
			t.Fatal(err)
		}
		ra, rb := a.apply(7, command), b.apply(7, command)
		if ra.changed != rb.changed || (ra.err == nil) != (rb.err == nil) {
			t.Errorf("%+v and %+v", ra, rb)
		}
		if a.haltedBy() != nil {
			return
		}
		snapshot := snapshotOf(t, a)
		if !bytes.Equal(snapshot, snapshotOf(t, b)) {
			t.Error("one command has two results")
		}
		if err := b.restore(bytes.NewReader(snapshot)); err != nil {
			t.Errorf("the state cannot be restored: %v\n%s", err, snapshot)
		}
	})
}

func FuzzSnapshot(f *testing.F) {
	f.Add(snapshotOf(f, filledMachine(f)))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := newMachine()
		if m.restore(bytes.NewReader(text)) == nil {
			again := newMachine()
			if err := again.restore(bytes.NewReader(snapshotOf(t, m))); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"id":"request1","origin":"node0001","caller":{"user":"u","roles":["deploy"]},"kind":"deploy","name":"m","deployment":{"Name":"m"},"sum":"x","size":1}`))
	f.Add([]byte(`{"secret":"x","request":"y","member":{"id":"node0001"}}`))
	f.Add([]byte(`{"error":{"code":"exists","text":"x"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var q changeRequest
		if readMessage(bytes.NewReader(text), maxMessage, &q) == nil && q.check() == nil {
			v := registry.NewView(registry.Options{}, map[string]registry.Endpoint{"m": *endpoint("m", 1)})
			if q.Kind != removeChange {
				_, _, _ = planEndpoint(v, q)
			}
		}
		var j joinRequest
		if readMessage(bytes.NewReader(text), maxJoinMessage, &j) == nil {
			_ = j.Member.check()
			_, _ = parseRequest(j.Request)
		}
		var r changeReply
		_ = decodeReply("n", bytes.NewReader(text), &r)
		_, _, _ = parseToken(string(text))
	})
}
