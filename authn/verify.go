package authn

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// RefusedError is the error for a wrong name or password. Its text is TabPy's sentence for the log.
// A client must not see it, since it reveals which names exist.
type RefusedError struct{ reason string }

func (e *RefusedError) Error() string { return e.reason }

// ThrottledError is the error for a login that was not checked, because too many logins failed from
// its source or too many checks are waiting.
type ThrottledError struct{ RetryAfter time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many wrong passwords from this address, or too many logins at once; the next one is checked in %s",
		e.RetryAfter.Round(time.Millisecond))
}

// Passwords checks names and passwords against a password file, which Watch keeps up to date.
//
// GAP: TabPy responds at once if a name is unknown, and so reveals which names exist. Here every
// check costs the same, for any account and for names without one: the work of one hash of each
// cost that the file has. A login that was verified once costs nothing for an hour, or until the
// account's hash changes: the account keeps its digest, keyed with a random key of this process. At most half
// of the cores work on checks, so that password guessing does not starve scripts, and all checks
// together use a limited amount of memory.
type Passwords struct {
	path         string
	loaded       atomic.Pointer[fileStat] // the last file that took effect or was found to be invalid
	loginKey     [32]byte                 // the key of login digests
	lockout      *lockout
	slots        chan struct{}       // limits the concurrent checks
	trustedSlots chan struct{}       // the same for trusted logins, which do not queue behind guesses
	hashMemory   int64               // bytes; the limit of one check
	guessMemory  *semaphore.Weighted // limits the memory of concurrent guesses to hashMemory bytes
	accounts     atomic.Pointer[accounts]

	released atomic.Pointer[func(bytes int64)] // see OnRelease

	// check is hash.matches, unless a test replaces it.
	check func(h hash, password string, costs []cost) (bool, error)

	mu               sync.Mutex
	attempts         map[attemptKey]*attempt // guarded by mu
	attemptsBySource map[string]int          // guarded by mu
}

// OpenPasswords reads a password file. memory is the number of bytes that all concurrent checks may
// use together. One check may use half of it: the other half is for a trusted login. The error
// begins with TabPy's sentence, followed by the reason, or by the invalid lines, one by one.
func OpenPasswords(path string, memory int64) (*Passwords, error) {
	return openPasswords(path, memory, time.Now)
}

func openPasswords(path string, memory int64, now func() time.Time) (*Passwords, error) {
	p := &Passwords{
		path: path, lockout: newLockout(now),
		slots: make(chan struct{}, max(1, goruntime.NumCPU()/2)), trustedSlots: make(chan struct{}, 1),
		hashMemory: memory / 2, guessMemory: semaphore.NewWeighted(memory / 2), check: hash.matches,
		attempts: map[attemptKey]*attempt{}, attemptsBySource: map[string]int{},
	}
	_, _ = rand.Read(p.loginKey[:])
	stat := statFile(path)
	p.loaded.Store(&stat)
	accounts, err := readAccounts(path, p.hashMemory)
	if err != nil {
		//lint:ignore ST1005 TabPy's text
		return nil, fmt.Errorf("Failed to read passwords file %s: %w", path, err)
	}
	p.accounts.Store(accounts)
	return p, nil
}

// OnRelease makes p call released after each check, with the memory that the check has used, in
// bytes. The memory is garbage then, which Go itself returns to the system only minutes later.
func (p *Passwords) OnRelease(released func(bytes int64)) { p.released.Store(&released) }

// Has reports whether the file has an account with the name, in any case.
func (p *Passwords) Has(name string) bool { return p.accounts.Load().byName[foldName(name)] != nil }

// Names returns the names of the accounts in the file, sorted.
func (p *Passwords) Names() []string {
	return slices.Sorted(maps.Keys(p.accounts.Load().byName))
}

// Warnings returns one sentence for each account in the file that cannot sign in.
func (p *Passwords) Warnings() []string { return p.accounts.Load().warnings }

// Verify checks a name, in any case, and a password that came from an address. The error is a
// *RefusedError, a *ThrottledError, or ctx's.
func (p *Passwords) Verify(ctx context.Context, name, password, address string) error {
	accounts, source, folded := p.accounts.Load(), sourceOf(address), foldName(name)
	a, exists := accounts.byName[folded]
	if !exists {
		a = accounts.dummy
	}
	attempt, err := p.startOrJoin(attemptKey{a, source, p.loginOf(folded, password)}, accounts, name, password)
	if attempt == nil {
		return err
	}
	select {
	case <-attempt.done:
		return attempt.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// loginOf returns the keyed digest of a name and a password.
func (p *Passwords) loginOf(name, password string) loginDigest {
	mac := hmac.New(sha256.New, p.loginKey[:])
	var size [8]byte // without it, "ab" and "c" would have the digest of "a" and "bc"
	binary.BigEndian.PutUint64(size[:], uint64(len(name)))
	for _, part := range [][]byte{size[:], []byte(name), []byte(password)} {
		mac.Write(part)
	}
	return loginDigest(mac.Sum(nil))
}
