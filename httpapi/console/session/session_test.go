package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeClock is a clock that tests move. It is safe for concurrent use.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *fakeClock { return &fakeClock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *fakeClock) get() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestSession(t *testing.T) {
	clock := newClock()
	s := NewStore(clock.get)
	made := s.Create("a", []byte("secret"))
	got, ok := s.Get(made.ID, false)
	if !ok || got.Account != "a" || string(got.Secret) != "secret" || !got.Expires.Equal(clock.now.Add(Lifetime)) || !got.Idle.Equal(clock.now.Add(IdleTime)) {
		t.Errorf("session %+v, %v", got, ok)
	}
	if raw, err := base64.RawURLEncoding.DecodeString(made.ID); err != nil || len(raw) != 32 {
		t.Errorf("the ID %q does not have 256 bits", made.ID)
	}
	for _, id := range []string{"", "x", made.ID[:42], made.ID + "A", made.ID[:42] + "!", strings.Repeat("A", 43), strings.Repeat("A", 1<<20)} {
		if _, ok := s.Get(id, false); ok {
			t.Errorf("there is a session with the ID %.50q", id)
		}
		s.Remove(id)
	}
	if own, all := s.Count("a"); own != 1 || all != 1 {
		t.Errorf("%d of %d sessions", own, all)
	}
	s.Remove(made.ID)
	if _, ok := s.Get(made.ID, false); ok {
		t.Error("a removed session exists")
	}
}

// TestSecretsAreEncrypted checks that the store has neither the ID nor the credentials of a session
// in a form that can be read.
func TestSecretsAreEncrypted(t *testing.T) {
	s := NewStore(time.Now)
	secret := []byte("correct horse battery staple")
	made := s.Create("a", secret)
	raw, _ := base64.RawURLEncoding.DecodeString(made.ID)
	for key, e := range s.sessions {
		if bytes.Contains(e.secret, secret[:8]) || bytes.Equal(key[:], raw) || key != sha256.Sum256(raw) {
			t.Error("the store has the secret or the ID itself")
		}
	}
	if other := s.Create("a", secret); bytes.Equal(s.sessions[digestOf(made.ID)].secret, s.sessions[digestOf(other.ID)].secret) {
		t.Error("two sessions have the same key")
	}
}

func digestOf(id string) digest {
	raw, _ := base64.RawURLEncoding.DecodeString(id)
	return sha256.Sum256(raw)
}

func TestExpiry(t *testing.T) {
	clock := newClock()
	s := NewStore(clock.get)
	idle, peeked, used := s.Create("a", nil), s.Create("a", nil), s.Create("a", nil)
	clock.advance(IdleTime - time.Second)
	s.Get(peeked.ID, true)
	if _, ok := s.Get(used.ID, false); !ok {
		t.Fatal("a session ended early")
	}
	clock.advance(time.Second)
	for id, want := range map[string]bool{idle.ID: false, peeked.ID: false, used.ID: true} {
		if _, ok := s.Get(id, false); ok != want {
			t.Errorf("after the idle time: %v, want %v", ok, want)
		}
	}
	for clock.get().Before(used.Expires.Add(-time.Hour)) {
		clock.advance(time.Hour)
		s.Get(used.ID, false)
	}
	if got, ok := s.Get(used.ID, false); !ok || got.Idle.After(got.Expires) {
		t.Errorf("before the end of its lifetime: %+v, %v", got, ok)
	}
	clock.now = used.Expires
	if _, ok := s.Get(used.ID, false); ok {
		t.Error("a session exists after its lifetime")
	}
	if _, all := s.Count(""); all != 0 {
		t.Errorf("%d sessions are left", all)
	}
}

// TestBounds checks that an account can only end its own sessions, and that the store is bounded.
func TestBounds(t *testing.T) {
	clock := newClock()
	s := NewStore(clock.get)
	other := s.Create("other", nil)
	var mine []Session
	for range MaxPerAccount + 5 {
		clock.advance(time.Millisecond)
		mine = append(mine, s.Create("a", nil))
	}
	if own, all := s.Count("a"); own != MaxPerAccount || all != MaxPerAccount+1 {
		t.Errorf("%d of %d sessions", own, all)
	}
	for i, m := range mine {
		if _, ok := s.Get(m.ID, true); ok != (i >= 5) {
			t.Errorf("session %d: %v", i, ok)
		}
	}
	if _, ok := s.Get(other.ID, false); !ok {
		t.Error("the session of another account has ended")
	}
	for i := range 2 * MaxSessions {
		clock.advance(time.Microsecond)
		s.Create(fmt.Sprint("account ", i), nil)
	}
	if _, all := s.Count(""); all != MaxSessions {
		t.Errorf("%d sessions, want %d", all, MaxSessions)
	}
}

func TestCSRF(t *testing.T) {
	s := NewStore(time.Now)
	a, b := s.Create("a", nil), s.Create("a", nil)
	if CSRF(a.ID) == CSRF(b.ID) || strings.Contains(CSRF(a.ID), a.ID) || len(CSRF(a.ID)) != 43 {
		t.Error("the tokens of sessions are equal, or disclose their IDs")
	}
	if !Equal(CSRF(a.ID), CSRF(a.ID)) || Equal(CSRF(a.ID), CSRF(b.ID)) || Equal("", CSRF(a.ID)) {
		t.Error("Equal is wrong")
	}
}

// TestHammer uses sessions on many goroutines. A session must never have the account or the secret
// of another one, and the bounds must hold.
func TestHammer(t *testing.T) {
	clock := newClock()
	s := NewStore(clock.get)
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			var ids []string
			account := fmt.Sprint("account ", g%4)
			for range 300 {
				switch rand.IntN(6) {
				case 0, 1:
					ids = append(ids, s.Create(account, []byte(account)).ID)
				case 2:
					clock.advance(time.Minute)
				case 3:
					if len(ids) > 0 {
						s.Remove(ids[rand.IntN(len(ids))])
					}
				case 4:
					if own, _ := s.Count(account); own > MaxPerAccount {
						t.Errorf("%d sessions of one account", own)
					}
				default:
					for _, id := range ids {
						if got, ok := s.Get(id, rand.IntN(2) == 0); ok && (got.Account != account || string(got.Secret) != account) {
							t.Errorf("session %+v of %s", got, account)
						}
					}
				}
			}
		})
	}
	wg.Wait()
}
