package authn

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Refused is a name and password that are not right. Its text is TabPy's sentence for the log; a client must not see it, since it tells which names
// exist.
type Refused struct{ reason string }

func (e *Refused) Error() string { return e.reason }

// Throttled is a check that was not made, because too many wrong guesses came from its source or too many checks are waiting.
type Throttled struct{ RetryAfter time.Duration }

func (e *Throttled) Error() string {
	return fmt.Sprintf("too many wrong passwords from this address, or too many at once; the next one is looked at in %s", e.RetryAfter.Round(time.Millisecond))
}

// Passwords checks names and passwords against a password file, which Watch keeps up to date.
//
// GAP: TabPy answers at once when a name is unknown. Here each check costs the same, whatever account it is for and whether there is one: as many
// rounds as the most expensive account in the file needs. Who was right once pays nothing until the file changes: the account keeps a proof, keyed
// with a random key of this process. At most half of the cores work on checks, so that guessing does not keep scripts from running.
type Passwords struct {
	path         string
	openedStat   fileStat // the file as it was before it was read
	loginKey     [32]byte // of proofs
	lockout      *lockout
	slots        chan struct{} // one for each check at the same time
	trustedSlots chan struct{} // likewise, for those who signed in before: they do not queue behind guesses
	accounts     atomic.Pointer[accounts]

	mu               sync.Mutex
	attempts         map[attemptKey]*attempt // guarded by mu
	attemptsBySource map[string]int          // guarded by mu; attempts by source
}

// OpenPasswords reads a password file. The error begins with TabPy's sentence and goes on with what is wrong, line by line.
func OpenPasswords(path string) (*Passwords, error) {
	return openPasswords(path, time.Now)
}

func openPasswords(path string, now func() time.Time) (*Passwords, error) {
	p := &Passwords{
		path: path, openedStat: statFile(path), lockout: newLockout(now),
		slots: make(chan struct{}, max(1, goruntime.NumCPU()/2)), trustedSlots: make(chan struct{}, 1),
		attempts: map[attemptKey]*attempt{}, attemptsBySource: map[string]int{},
	}
	_, _ = rand.Read(p.loginKey[:])
	accounts, err := readAccounts(path)
	if err != nil {
		return nil, fmt.Errorf("Failed to read passwords file %s: %w", path, err) //nolint:staticcheck // TabPy's words
	}
	p.accounts.Store(accounts)
	return p, nil
}

// Warnings are about accounts of the file that cannot be used, a sentence each.
func (p *Passwords) Warnings() []string { return p.accounts.Load().warnings }

// Verify checks a name, in any case, and a password that came from an address. The error is a *Refused, a *Throttled, or ctx's.
func (p *Passwords) Verify(ctx context.Context, name, password, address string) error {
	accounts, source, folded := p.accounts.Load(), sourceOf(address), foldName(name)
	a, exists := accounts.byName[folded]
	if !exists {
		a = accounts.dummy
	}
	t, err := p.startOrJoin(attemptKey{accounts, source, p.loginOf(folded, password)}, a, name, password)
	if t == nil {
		return err
	}
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prove makes the proof of a name and a password.
func (p *Passwords) loginOf(name, password string) loginDigest {
	mac := hmac.New(sha256.New, p.loginKey[:])
	var size [8]byte // or a character could move from the one to the other
	binary.BigEndian.PutUint64(size[:], uint64(len(name)))
	for _, part := range [][]byte{size[:], []byte(name), []byte(password)} {
		mac.Write(part)
	}
	return loginDigest(mac.Sum(nil))
}
