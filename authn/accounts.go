package authn

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync/atomic"
)

// accounts is the content of a password file that is in effect.
type accounts struct {
	byName   map[string]*account
	dummy    *account // stands in for names that are not in byName
	rounds   int      // of every check: the maximum over all accounts
	warnings []string
}

// account is an account of the file, or the dummy.
type account struct {
	hash     hash
	exists   bool                        // false for the dummy
	verified atomic.Pointer[loginDigest] // the last correct login; nil if there was none
}

var errNoAccounts = errors.New("the file has no accounts")

func readAccounts(path string) (*accounts, error) {
	f, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	return newAccounts(f)
}

func newAccounts(f *File) (*accounts, error) {
	if len(f.Accounts) == 0 {
		return nil, errNoAccounts
	}
	all := &accounts{byName: make(map[string]*account, len(f.Accounts)), rounds: 1}
	for _, a := range f.Accounts {
		all.rounds = max(all.rounds, a.hash.rounds)
	}
	all.dummy = &account{hash: dummyHash(all.rounds)}
	for _, a := range f.Accounts {
		entry := &account{hash: a.hash, exists: true}
		if a.Scheme == UnknownScheme {
			entry.hash = dummyHash(all.rounds)
			all.warnings = append(all.warnings,
				fmt.Sprintf("line %d: the hash of %s uses an unknown scheme; this account cannot sign in", a.Line, quote(a.Name)))
		}
		all.byName[a.Name] = entry
	}
	return all, nil
}

// isVerified reports whether the login was verified before. It compares in constant time.
func (a *account) isVerified(login loginDigest) bool {
	// No login is known whose digest is all zeros.
	verified := cmp.Or(a.verified.Load(), &loginDigest{})
	return subtle.ConstantTimeCompare(verified[:], login[:]) == 1
}
