package cluster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/hashicorp/raft"
	bolt "go.etcd.io/bbolt"
)

// logStore stores the log and the votes of Raft in a file. Every change is flushed to the disk.
// It implements raft.LogStore and raft.StableStore.
type logStore struct {
	db     *bolt.DB
	failed failure // the last one to write the file

	arrivals arrivals
}

var logBucket, stableBucket = []byte("log"), []byte("stable")

// openLogStore opens or creates the file at path.
func openLogStore(path string) (*logStore, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return nil, fmt.Errorf("the log of the cluster %s cannot be opened: %w", path, err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(logBucket)
		if err == nil {
			_, err = tx.CreateBucketIfNotExists(stableBucket)
		}
		return err
	})
	return &logStore{db: db}, err
}

// Close closes the file.
func (s *logStore) Close() error { return s.db.Close() }

// update writes to the file, and notes whether that is possible.
func (s *logStore) update(write func(*bolt.Tx) error) error {
	err := s.db.Update(write)
	s.failed.note(err)
	return err
}

// FirstIndex implements raft.LogStore.
func (s *logStore) FirstIndex() (uint64, error) { return s.edge((*bolt.Cursor).First) }

// LastIndex implements raft.LogStore.
func (s *logStore) LastIndex() (uint64, error) { return s.edge((*bolt.Cursor).Last) }

func (s *logStore) edge(move func(*bolt.Cursor) (key, value []byte)) (index uint64, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		if key, _ := move(tx.Bucket(logBucket).Cursor()); key != nil {
			index = binary.BigEndian.Uint64(key)
		}
		return nil
	})
	return index, err
}

// GetLog implements raft.LogStore.
func (s *logStore) GetLog(index uint64, entry *raft.Log) error {
	return s.db.View(func(tx *bolt.Tx) error {
		text := tx.Bucket(logBucket).Get(uint64Bytes(index))
		if text == nil {
			return raft.ErrLogNotFound
		}
		return decodeEntry(text, index, entry)
	})
}

// StoreLog implements raft.LogStore.
func (s *logStore) StoreLog(entry *raft.Log) error { return s.StoreLogs([]*raft.Log{entry}) }

// StoreLogs implements raft.LogStore.
func (s *logStore) StoreLogs(entries []*raft.Log) error {
	err := s.update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(logBucket)
		for _, entry := range entries {
			if err := bucket.Put(uint64Bytes(entry.Index), encodeEntry(entry)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.arrivals.note(entries)
	}
	return err
}

// DeleteRange implements raft.LogStore.
func (s *logStore) DeleteRange(first, last uint64) error {
	return s.update(func(tx *bolt.Tx) error {
		cursor := tx.Bucket(logBucket).Cursor()
		for key, _ := cursor.Seek(uint64Bytes(first)); key != nil && binary.BigEndian.Uint64(key) <= last; key, _ = cursor.Next() {
			if err := cursor.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Set implements raft.StableStore.
func (s *logStore) Set(key, value []byte) error {
	return s.update(func(tx *bolt.Tx) error { return tx.Bucket(stableBucket).Put(key, value) })
}

// Get implements raft.StableStore. It returns nil for a missing key.
func (s *logStore) Get(key []byte) (value []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		value = bytes.Clone(tx.Bucket(stableBucket).Get(key))
		return nil
	})
	return value, err
}

// SetUint64 implements raft.StableStore.
func (s *logStore) SetUint64(key []byte, value uint64) error { return s.Set(key, uint64Bytes(value)) }

// GetUint64 implements raft.StableStore. It returns 0 for a missing key.
func (s *logStore) GetUint64(key []byte) (uint64, error) {
	value, err := s.Get(key)
	if err != nil || value == nil {
		return 0, err
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("the value %q in the log of the cluster is malformed", key)
	}
	return binary.BigEndian.Uint64(value), nil
}

func uint64Bytes(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// entryHead is the number of bytes before the data of a stored entry: CRC32 of the rest, index,
// term, type, time in nanoseconds, and length of the data. The extensions follow the data.
const entryHead = 4 + 8 + 8 + 1 + 8 + 4

var errDamagedLog = errors.New("the log of the cluster is damaged; remove this node from the cluster, and let it join again")

func encodeEntry(entry *raft.Log) []byte {
	b := make([]byte, 4, entryHead+len(entry.Data)+len(entry.Extensions))
	b = binary.BigEndian.AppendUint64(b, entry.Index)
	b = binary.BigEndian.AppendUint64(b, entry.Term)
	b = append(b, byte(entry.Type))
	b = binary.BigEndian.AppendUint64(b, uint64(entry.AppendedAt.UnixNano()))
	b = binary.BigEndian.AppendUint32(b, uint32(len(entry.Data)))
	b = append(append(b, entry.Data...), entry.Extensions...)
	binary.BigEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

// decodeEntry decodes an entry, with copies of its parts. Its error is errDamagedLog.
func decodeEntry(b []byte, index uint64, entry *raft.Log) error {
	if len(b) < entryHead || binary.BigEndian.Uint32(b) != crc32.ChecksumIEEE(b[4:]) || binary.BigEndian.Uint64(b[4:]) != index {
		return errDamagedLog
	}
	rest, size := bytes.Clone(b[entryHead:]), binary.BigEndian.Uint32(b[29:])
	if uint64(size) > uint64(len(rest)) {
		return errDamagedLog
	}
	*entry = raft.Log{
		Index: index, Term: binary.BigEndian.Uint64(b[12:]), Type: raft.LogType(b[20]),
		AppendedAt: time.Unix(0, int64(binary.BigEndian.Uint64(b[21:]))), Data: rest[:size:size], Extensions: rest[size:],
	}
	return nil
}
