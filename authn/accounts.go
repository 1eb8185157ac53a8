package authn

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"sync/atomic"
)

// roster is a password file in force.
type roster struct {
	accounts map[string]*member
	nobody   *member // stands for whoever is not in accounts
	rounds   int     // of every check: the most that an account has
	warnings []string
}

// member is an account with the proof of its password, once there is one.
type member struct {
	hash  hash
	known bool
	proof atomic.Pointer[proof]
}

var errEmpty = errors.New("there is no account in it")

func readRoster(path string) (*roster, error) {
	f, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	return newRoster(f)
}

func newRoster(f *File) (*roster, error) {
	if len(f.Accounts) == 0 {
		return nil, errEmpty
	}
	r := &roster{accounts: make(map[string]*member, len(f.Accounts)), rounds: 1}
	for _, a := range f.Accounts {
		r.rounds = max(r.rounds, a.hash.rounds)
	}
	r.nobody = &member{hash: nobody(r.rounds)}
	for _, a := range f.Accounts {
		m := &member{hash: a.hash, known: true}
		if a.Form == Unusable {
			m.hash = nobody(r.rounds)
			r.warnings = append(r.warnings, fmt.Sprintf("line %d: the hash of %s is of no known form: nobody can sign in by that name", a.Line, quote(a.Name)))
		}
		r.accounts[a.Name] = m
	}
	return r, nil
}

func (m *member) proved(who proof) bool {
	var none proof // no digest is known that is all zeros
	was := m.proof.Load()
	if was == nil {
		was = &none
	}
	return subtle.ConstantTimeCompare(was[:], who[:]) == 1
}
