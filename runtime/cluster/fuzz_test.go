package cluster

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

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

// The seeds of FuzzSnapshot have no authority, whose certificates would be nine tenths of the text: a
// change in them makes the whole snapshot invalid, and go test tries to leave out each part of them.
func FuzzSnapshot(f *testing.F) {
	for _, s := range []state{
		{Members: map[string]Member{"node0001": {ID: "node0001", Name: "n", Address: "h:1", Commands: 1}}, Applied: 2},
		{Tokens: map[string]token{strings.Repeat("0", 64): {Digest: strings.Repeat("0", 64), Expires: 9, Uses: 2}}},
		{Endpoints: map[string]registry.Endpoint{"a": *endpoint("a", 1)}, Imported: true, Revision: 3},
		{Done: []finished{{ID: "request1"}}},
	} {
		var text bytes.Buffer
		if err := s.write(&text); err != nil {
			f.Fatal(err)
		}
		if err := newMachine().restore(bytes.NewReader(text.Bytes())); err != nil {
			f.Fatalf("%v in the seed %s", err, &text)
		}
		f.Add(text.Bytes())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, again := newMachine(), newMachine()
		if m.restore(bytes.NewReader(text)) != nil {
			return
		}
		written := snapshotOf(t, m)
		if err := again.restore(bytes.NewReader(written)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshotOf(t, again), written) {
			t.Errorf("the snapshot changes when it is restored:\n%s", written)
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
		var b blob
		if readMessage(bytes.NewReader(text), maxMessage, &b) == nil && b.check() == nil {
			_ = b.version()
		}
		var r changeReply
		_ = decodeReply("n", bytes.NewReader(text), &r)
	})
}

func FuzzToken(f *testing.F) {
	token, err := formatToken(newSecret(), strings.Repeat("ab", sumBytes))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(" " + token + "\n")
	f.Add(tokenPrefix + ".")
	f.Fuzz(func(t *testing.T, text string) {
		secret, sum, err := parseToken(text)
		if err != nil {
			if !errors.Is(err, ErrToken) {
				t.Error(err)
			}
			return
		}
		again, err := formatToken(secret, sum)
		if err != nil {
			t.Fatal(err)
		}
		if s, d, err := parseToken(again); s != secret || d != sum || err != nil {
			t.Errorf("%q becomes %q, %v", text, again, err)
		}
	})
}

func FuzzIdentity(f *testing.F) {
	f.Add([]byte(`{"format":1,"cluster":"cluster0","node":"node0000","name":"n","advertise":"h:1","joined":true,"peers":{"node0001":"i:1"}}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var id Identity
		if json.Unmarshal(text, &id) != nil || id.check() != nil {
			return
		}
		if _, _, err := net.SplitHostPort(id.Advertise); err != nil || strings.ContainsAny(id.Name+id.Node+id.Cluster, "/\\ \n") {
			t.Errorf("%+v is accepted", id)
		}
	})
}

// FuzzJoinReply checks that no text but the certificates of the cluster is accepted.
func FuzzJoinReply(f *testing.F) {
	a, err := newAuthority("cluster0", time.Now())
	if err != nil {
		f.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	chain, err := a.sign("cluster0", "node0000", key.Public(), time.Now())
	if err != nil {
		f.Fatal(err)
	}
	f.Add("cluster0", chain, a.Certificate)
	f.Add("cluster0", []byte(a.Certificate), a.Certificate+a.Certificate)
	f.Fuzz(func(t *testing.T, cluster string, chain []byte, authorities string) {
		sum := fingerprintOf(a.Certificate)
		r := joinReply{Cluster: cluster, Chain: string(chain), Authorities: authorities}
		if r.check(sum, "node0000", key.Public()) == nil && cluster != "cluster0" {
			t.Errorf("the cluster %q is accepted", cluster)
		}
		other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if r.check(sum, "node0000", other.Public()) == nil {
			t.Error("the certificate of another key is accepted")
		}
	})
}

// fingerprintOf returns the fingerprint of a certificate in PEM.
func fingerprintOf(text string) string {
	certificate, err := parseCertificate([]byte(text))
	if err != nil {
		return ""
	}
	return fingerprint(certificate.Raw)
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
