package cluster

import (
	"bytes"
	"errors"
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
