// Package session keeps the sessions of the console in memory.
//
// The client has the only copy of a session's ID: the store knows its digest. The store keeps the
// credentials of a session encrypted with a key that is derived from the ID, so that a copy of the
// process's memory contains no passwords of clients that are not sending a request.
package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

const (
	// Lifetime is the time after which a session ends, however busy it is: a working day.
	Lifetime = 12 * time.Hour
	// IdleTime is the time without requests after which a session ends. It spans a meeting, so that
	// nobody has to sign in again after one, but not a night.
	IdleTime = 2 * time.Hour
	// MaxSessions is the number of all sessions. One takes about 500 bytes, and up to the size of a
	// token more.
	MaxSessions = 1000
	// MaxPerAccount is the number of sessions of one account: enough for its browsers, and few enough
	// that one account cannot end the sessions of others.
	MaxPerAccount = 10
	// MaxSecret is the size of the credentials in bytes, which is that of a request's headers.
	MaxSecret = 64 << 10
)

// idSize is the size of an ID in bytes.
const idSize = 32

// Store keeps sessions. It is safe for concurrent use.
type Store struct {
	now func() time.Time

	mu       sync.Mutex
	sessions map[digest]*entry // guarded by mu, with all entries
}

type digest [sha256.Size]byte

type entry struct {
	account       string
	secret        []byte // encrypted
	created, used time.Time
}

// Session is a session that exists.
type Session struct {
	ID      string
	Account string
	Secret  []byte // the credentials
	Expires time.Time
	Idle    time.Time // when it ends without further requests
}

// NewStore returns an empty store. now is time.Now, except in tests.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, sessions: map[digest]*entry{}}
}

// Create begins a session. If the account, or the store, has too many, the one that was not used
// for the longest time ends.
func (s *Store) Create(account string, secret []byte) Session {
	var raw [idSize]byte
	_, _ = rand.Read(raw[:]) // never fails
	id := base64.RawURLEncoding.EncodeToString(raw[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.removeExpired(now)
	s.makeRoom(MaxPerAccount, func(e *entry) bool { return e.account == account })
	s.makeRoom(MaxSessions, func(*entry) bool { return true })
	e := &entry{account: account, secret: seal(raw[:], secret), created: now, used: now}
	s.sessions[sha256.Sum256(raw[:])] = e
	return e.session(id, secret)
}

// Get returns the session with an ID, and counts as its use unless peek is set. ok is false if there
// is none, or not any more.
func (s *Store) Get(id string, peek bool) (session Session, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil || len(raw) != idSize {
		return Session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, now := digest(sha256.Sum256(raw)), s.now()
	e, ok := s.sessions[key]
	if !ok {
		return Session{}, false
	}
	if e.expired(now) {
		delete(s.sessions, key)
		return Session{}, false
	}
	if !peek {
		e.used = now
	}
	return e.session(id, unseal(raw, e.secret)), true
}

// Remove ends a session. It does nothing if there is none.
func (s *Store) Remove(id string) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, sha256.Sum256(raw))
}

// Count returns the number of sessions of an account, and of all accounts.
func (s *Store) Count(account string) (own, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeExpired(s.now())
	for _, e := range s.sessions {
		if e.account == account {
			own++
		}
	}
	return own, len(s.sessions)
}

func (s *Store) removeExpired(now time.Time) {
	for key, e := range s.sessions {
		if e.expired(now) {
			delete(s.sessions, key)
		}
	}
}

// makeRoom ends the least recently used of the counted sessions until there are fewer than limit.
func (s *Store) makeRoom(limit int, counts func(*entry) bool) {
	for {
		var oldest digest
		n := 0
		for key, e := range s.sessions {
			if !counts(e) {
				continue
			}
			if n == 0 || e.used.Before(s.sessions[oldest].used) {
				oldest = key
			}
			n++
		}
		if n < limit {
			return
		}
		delete(s.sessions, oldest)
	}
}

func (e *entry) expired(now time.Time) bool {
	return !now.Before(e.created.Add(Lifetime)) || !now.Before(e.used.Add(IdleTime))
}

func (e *entry) session(id string, secret []byte) Session {
	expires, idle := e.created.Add(Lifetime), e.used.Add(IdleTime)
	if idle.After(expires) {
		idle = expires
	}
	return Session{ID: id, Account: e.account, Secret: secret, Expires: expires, Idle: idle}
}

// CSRF returns the CSRF token of a session. It can be computed only from the ID, and does not
// disclose it.
func CSRF(id string) string { return base64.RawURLEncoding.EncodeToString(derive([]byte(id), "csrf")) }

// Equal reports whether two tokens are equal, in a time that does not depend on their content.
func Equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// derive returns a key for a purpose.
func derive(key []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("tabcell console " + purpose))
	return mac.Sum(nil)
}

// seal encrypts a secret. The key encrypts nothing else, so that the nonce can be constant.
func seal(id, secret []byte) []byte {
	aead := newAEAD(id)
	return aead.Seal(nil, make([]byte, aead.NonceSize()), secret, nil)
}

// unseal decrypts what seal returned for the same ID.
func unseal(id, sealed []byte) []byte {
	aead := newAEAD(id)
	secret, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, nil)
	if err != nil {
		panic(err) // cannot happen: the digest of the ID was the key of the entry
	}
	return secret
}

func newAEAD(id []byte) cipher.AEAD {
	block, err := aes.NewCipher(derive(id, "credentials"))
	if err != nil {
		panic(err) // cannot happen: the key has 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // cannot happen: the block cipher is AES
	}
	return aead
}
