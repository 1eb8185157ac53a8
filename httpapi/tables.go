package httpapi

import (
	"slices"
	"sync"
	"time"

	"tabcell/httpapi/internal/arrowipc"
)

// minTableMemory is the number of bytes that each table counts at least, which bounds the number of
// tables.
const minTableMemory = 4 << 10

// tables stores the tables of the Flight service until a client or a script takes them, or until
// their lifetime is over.
//
// GAP: TabPy keeps tables of any size for ever, and gives them to every client.
type tables struct {
	budget   *budget
	lifetime time.Duration
	after    func(time.Duration, func()) *time.Timer // time.AfterFunc

	mu    sync.Mutex // guards the fields below
	pool  pool
	byKey map[tableKey]*storedTable
}

// tableKey identifies a table. The clients without an account share their tables, since the path
// that the server has made up for one is known to its client only.
type tableKey struct {
	account    string // "" without authentication
	descriptor string // FlightDescriptor.key
}

// storedTable is a table with its owner. Its memory is part of the lease.
type storedTable struct {
	*arrowipc.Table
	descriptor FlightDescriptor
	lease      *lease
	memory     int64 // bytes that the table counts in the pool
	stored     time.Time
	expiry     *time.Timer // nil until the table is stored
}

func newTables(cfg Config, b *budget) *tables {
	return &tables{
		budget: b, lifetime: cfg.TableLifetime, after: time.AfterFunc,
		pool: newPool(cfg.MaxTablesBytes), byKey: map[tableKey]*storedTable{},
	}
}

// put stores a table, in place of one with the same key. It adjusts the lease to the memory of the
// table. After an error, the table is freed.
func (s *tables) put(key tableKey, t *storedTable) error {
	t.memory = max(minTableMemory, t.Table.Memory())
	if err := t.lease.resize(t.memory); err != nil {
		t.free()
		return err
	}
	previous, err := s.replace(key, t)
	previous.free()
	if err != nil {
		t.free()
		return &tablesFullError{limit: s.pool.limit, share: err == errShareExceeded}
	}
	return nil
}

// replace stores a table and returns the previous one with the key, or nil. If there is no room for
// the new table, it returns an error, and the previous one stays.
func (s *tables) replace(key tableKey, t *storedTable) (*storedTable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	previous := s.byKey[key]
	if previous != nil {
		s.pool.add(previous.lease.owner, -previous.memory)
	}
	if err := s.pool.check(t.lease.owner, t.memory); err != nil {
		if previous != nil {
			s.pool.add(previous.lease.owner, previous.memory)
		}
		return nil, err
	}
	if previous != nil {
		previous.expiry.Stop()
	}
	s.pool.add(t.lease.owner, t.memory)
	s.byKey[key], t.stored = t, time.Now()
	t.expiry = s.after(s.lifetime, func() { s.expire(key, t) })
	return previous, nil
}

// remove removes a table from the store and returns it, or nil if there is none. The caller holds
// s.mu.
func (s *tables) remove(key tableKey) *storedTable {
	t := s.byKey[key]
	if t == nil {
		return nil
	}
	delete(s.byKey, key)
	s.pool.add(t.lease.owner, -t.memory)
	t.expiry.Stop()
	return t
}

// take removes a table and returns it, or nil if there is none. The caller must free it.
func (s *tables) take(key tableKey) *storedTable {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.remove(key)
}

// expire frees a table whose lifetime is over, unless it has been taken or replaced.
func (s *tables) expire(key tableKey, t *storedTable) {
	s.mu.Lock()
	if s.byKey[key] != t {
		t = nil
	} else {
		s.remove(key)
	}
	s.mu.Unlock()
	t.free()
}

// describe returns the description of a table, or false if there is none.
func (s *tables) describe(key tableKey) (FlightInfo, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.byKey[key]
	if !ok {
		return FlightInfo{}, false
	}
	return t.info(), true
}

// list returns the descriptions of the tables of an owner, the oldest first.
func (s *tables) list(owner string) []FlightInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []*storedTable
	for _, t := range s.byKey {
		if t.lease.owner == owner {
			own = append(own, t)
		}
	}
	slices.SortFunc(own, func(a, b *storedTable) int { return a.stored.Compare(b.stored) })
	infos := make([]FlightInfo, len(own))
	for i, t := range own {
		infos[i] = t.info()
	}
	return infos
}

// clear frees the tables of an owner.
func (s *tables) clear(owner string) {
	s.mu.Lock()
	var removed []*storedTable
	for key, t := range s.byKey {
		if t.lease.owner == owner {
			removed = append(removed, s.remove(key))
		}
	}
	s.mu.Unlock()
	for _, t := range removed {
		t.free()
	}
}

// state returns the number of tables, and their memory in bytes.
func (s *tables) state() (count int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byKey), s.pool.used
}

// info returns the description of a stored table, whose content may be freed afterwards.
func (t *storedTable) info() FlightInfo {
	return FlightInfo{Descriptor: t.descriptor, Schema: t.Schema(), Rows: t.Rows, Bytes: t.Size()}
}

// free frees the table and its lease. It does nothing if t is nil.
func (t *storedTable) free() {
	if t == nil {
		return
	}
	t.Table.Free()
	t.lease.release(t.lease.bytes)
}

// BufferedBytes returns the reserved memory of requests, responses and tables in bytes, for tests.
func (a *API) BufferedBytes() int64 { return a.budget.used() }
