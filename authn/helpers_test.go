package authn

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// testMemory permits two checks of the default cost at a time, one of them a trusted login.
const testMemory = 128 << 20

// clock is a clock that a test controls.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// saltedLine returns a line of a password file, with a cheap hash.
func saltedLine(t testing.TB, name, password string) string {
	t.Helper()
	text, err := newPBKDF2(password, 20)
	if err != nil {
		t.Fatal(err)
	}
	return joinFields(name, text) + "\n"
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// openTestFile writes a password file and opens it with a clock that the test controls.
func openTestFile(t testing.TB, text string) (*Passwords, *clock) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pwd.txt")
	writeFile(t, path, text)
	c := newClock()
	p, err := openPasswords(path, testMemory, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

// occupySlots takes all slots, so that no password can be checked until release is called.
func (p *Passwords) occupySlots() (release func()) {
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	return func() {
		for range cap(p.slots) {
			<-p.slots
		}
	}
}

const clientA, clientB = "192.0.2.1", "192.0.2.2"

func (p *Passwords) verifyFrom(name, password, address string) error {
	return p.Verify(context.Background(), name, password, address)
}

// waitIdle waits until no attempt is in progress.
func waitIdle(t *testing.T, p *Passwords) {
	t.Helper()
	waitFor(t, "the end of all attempts", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.attempts) == 0 && len(p.attemptsBySource) == 0
	})
}

// waitFor waits until the condition holds, and fails after ten seconds.
func waitFor(t *testing.T, name string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timeout waiting for %s", name)
		}
	}
}

// forceReload reads the file again, which discards all verified logins.
func (p *Passwords) forceReload(t *testing.T) {
	t.Helper()
	accounts, err := readAccounts(p.path, p.hashMemory)
	if err != nil {
		t.Fatal(err)
	}
	p.accounts.Store(accounts)
}
