package cluster

import (
	"bytes"
	"errors"
	"testing"

	"tabcell/runtime/registry"

	"github.com/hashicorp/raft"
)

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

func FuzzEntry(f *testing.F) {
	f.Add(encodeEntry(&raft.Log{Index: 1, Term: 2, Data: []byte("data"), Extensions: []byte("x")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var entry raft.Log
		if decodeEntry(b, 1, &entry) == nil && string(encodeEntry(&entry)) != string(b) {
			t.Errorf("%x is decoded to %+v", b, entry)
		}
	})
}
