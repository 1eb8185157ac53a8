package authn

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"sync/atomic"
)

// roster is a password file in force.
type accounts struct {
	byName   map[string]*account
	dummy    *account // stands for whoever is not in accounts
	rounds   int      // of every check: the most that an account has
	warnings []string
}

// member is an account with the proof of its password, once there is one.
type account struct {
	hash     hash
	exists   bool
	verified atomic.Pointer[loginDigest]
}

var errNoAccounts = errors.New("there is no account in it")

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
		if a.Form == Unusable {
			entry.hash = dummyHash(all.rounds)
			all.warnings = append(all.warnings, fmt.Sprintf("line %d: the hash of %s is of no known form: nobody can sign in by that name", a.Line, quote(a.Name)))
		}
		all.byName[a.Name] = entry
	}
	return all, nil
}

func (a *account) isVerified(l loginDigest) bool {
	var none loginDigest // no digest is known that is all zeros
	verified := a.verified.Load()
	if verified == nil {
		verified = &none
	}
	return subtle.ConstantTimeCompare(verified[:], l[:]) == 1
}
