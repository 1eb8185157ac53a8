package authn

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// accounts is the content of a password file that is in effect.
type accounts struct {
	byName   map[string]*account
	dummy    *account // stands in for names that are not in byName
	costs    []cost   // of every check: each cost that a hash of the file has, once
	memory   int64    // of a check, in bytes: the maximum over costs
	warnings []string
}

// account is an account of the file, or the dummy.
type account struct {
	hash     hash
	exists   bool                          // false for the dummy
	verified atomic.Pointer[verifiedLogin] // the last correct login; nil if there was none
}

// verifiedLogin is a login that was correct, and need not be hashed again until the time given.
type verifiedLogin struct {
	login loginDigest
	until time.Time
}

// verifiedPeriod is how long a verified login is known. It limits the time for which the memory of
// the process has a digest of the password that is cheaper to guess than the hash in the file.
const verifiedPeriod = time.Hour

// fewCosts is the number of different costs from which there is a warning: with each of them, every
// check takes longer.
const fewCosts = 4

var errNoAccounts = errors.New("the file has no accounts")

// readAccounts reads a password file. memory is the limit of one check in bytes.
func readAccounts(path string, memory int64) (*accounts, error) {
	f, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	return newAccounts(f, memory)
}

func newAccounts(f *File, memory int64) (*accounts, error) {
	if len(f.Accounts) == 0 {
		return nil, errNoAccounts
	}
	all := &accounts{byName: make(map[string]*account, len(f.Accounts))}
	if err := all.setCosts(f.Accounts, memory); err != nil {
		return nil, err
	}
	all.dummy = &account{hash: dummyHash(all.costs[0])}
	for _, a := range f.Accounts {
		entry := &account{hash: a.hash, exists: true}
		if a.Scheme == UnknownScheme {
			entry.hash = dummyHash(all.costs[0])
			all.warnings = append(all.warnings, fmt.Sprintf("line %d: the hash of %s uses an unknown scheme; this account cannot sign in; "+
				"`tabcell user update` gives it a new password", a.Line, quote(a.Name)))
		}
		all.byName[a.Name] = entry
	}
	if n := len(all.costs); n > fewCosts {
		all.warnings = append(all.warnings, fmt.Sprintf("the hashes have %d different costs, and each check of a password does the work of all "+
			"of them, so that its time does not distinguish accounts; set the passwords with the most expensive hashes again", n))
	}
	return all, nil
}

// reuse takes over the accounts of the file that was in effect before whose names and hashes are
// unchanged, and with them the logins that were verified: a reload does not make the server hash the
// passwords of all clients at once. A check in progress continues, too. The dummy stays the same if
// its cost does, so that names without an account are treated as the others.
func (all *accounts) reuse(previous *accounts) {
	for name, a := range all.byName {
		if known := previous.byName[name]; known != nil && known.hash.equal(a.hash) {
			all.byName[name] = known
		}
	}
	if all.dummy.hash.cost == previous.dummy.hash.cost {
		all.dummy = previous.dummy
	}
}

// setCosts sets costs and memory. The error has a line for each account, at most twenty, whose hash
// needs more memory than the limit.
func (all *accounts) setCosts(list []Account, memory int64) error {
	var errs []error
	for _, a := range list {
		c := a.hash.cost
		if c.bytes() > memory && len(errs) < maxLineErrors {
			errs = append(errs, &LineError{a.Line, fmt.Errorf("the hash of %s needs %d MiB of memory; the limit is %d MiB, half of TABCELL_PASSWORD_MEMORY_MB",
				quote(a.Name), c.bytes()>>20, memory>>20)})
		}
		if a.Scheme != UnknownScheme && !slices.Contains(all.costs, c) {
			all.costs = append(all.costs, c)
			all.memory = max(all.memory, c.bytes())
		}
	}
	if len(all.costs) == 0 { // no account can sign in
		all.costs = []cost{{scheme: PBKDF2Scheme, rounds: newRounds}}
	}
	return errors.Join(errs...)
}

// isVerified reports whether the login was verified before. It compares in constant time.
func (a *account) isVerified(login loginDigest, now time.Time) bool {
	// No login is known whose digest is all zeros.
	verified := verifiedLogin{until: now}
	if known := a.verified.Load(); known != nil {
		verified = *known
	}
	return subtle.ConstantTimeCompare(verified.login[:], login[:]) == 1 && now.Before(verified.until)
}
