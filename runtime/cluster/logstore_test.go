package cluster

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	bolt "go.etcd.io/bbolt"
)

func openTestStore(t *testing.T) (*logStore, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "raft.db")
	s, err := openLogStore(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, path
}

func TestLogStore(t *testing.T) {
	s, path := openTestStore(t)
	var entries []*raft.Log
	at := time.Now().Round(0)
	for i := uint64(1); i <= 300; i++ {
		entries = append(entries, &raft.Log{Index: i, Term: 7, Type: raft.LogConfiguration, Data: []byte{byte(i)}, Extensions: []byte{1, 2}, AppendedAt: at})
	}
	if err := s.StoreLogs(entries); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.SetUint64([]byte("term"), 1<<40), s.Set([]byte("vote"), []byte("x")), s.DeleteRange(1, 250), s.DeleteRange(299, 300)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := openLogStore(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first, err1 := s.FirstIndex()
	last, err2 := s.LastIndex()
	if err := errors.Join(err1, err2); err != nil || first != 251 || last != 298 {
		t.Errorf("entries %d to %d, %v; want 251 to 298", first, last, err)
	}
	for i := uint64(1); i <= 300; i++ {
		var entry raft.Log
		err := s.GetLog(i, &entry)
		switch {
		case i < 251 || i > 298:
			if !errors.Is(err, raft.ErrLogNotFound) {
				t.Errorf("entry %d: %v", i, err)
			}
		case err != nil || entry.Index != i || entry.Term != 7 || entry.Data[0] != byte(i) || len(entry.Extensions) != 2 || !entry.AppendedAt.Equal(at) || entry.Type != raft.LogConfiguration:
			t.Errorf("entry %d: %+v, %v", i, entry, err)
		}
	}
	if n, err := s.GetUint64([]byte("term")); err != nil || n != 1<<40 {
		t.Errorf("term %d, %v", n, err)
	}
	if n, err := s.GetUint64([]byte("missing")); err != nil || n != 0 {
		t.Errorf("a missing key: %d, %v", n, err)
	}
	if _, err := s.GetUint64([]byte("vote")); err == nil {
		t.Error("a text is a number")
	}
}

// A damaged entry is not returned.
func TestDamagedLog(t *testing.T) {
	s, _ := openTestStore(t)
	if err := s.StoreLog(&raft.Log{Index: 1, Data: []byte("data")}); err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		func(b []byte) []byte { return b[:10] },
		func([]byte) []byte { return []byte{} },
		func(b []byte) []byte { return append(b, 0) },
	} {
		err := s.db.Update(func(tx *bolt.Tx) error {
			bucket := tx.Bucket(logBucket)
			text := append([]byte{}, bucket.Get(uint64Bytes(1))...)
			return bucket.Put(uint64Bytes(1), damage(text))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.GetLog(1, new(raft.Log)); !errors.Is(err, errDamagedLog) {
			t.Errorf("%v", err)
		}
		if err := s.StoreLog(&raft.Log{Index: 1, Data: []byte("data")}); err != nil {
			t.Fatal(err)
		}
	}
}
