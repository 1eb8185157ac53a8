package authn

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Roles is a set of roles. Another package decides about the permissions of a role.
type Roles uint8

// The roles, by the bits of a set.
const (
	RoleEvaluate Roles = 1 << iota
	RoleQuery
	RoleDeploy
	RoleMetrics
	RoleAdmin
	RoleGrant
)

const (
	// DefaultRoles are the permissions of every client in TabPy.
	DefaultRoles = RoleEvaluate | RoleQuery | RoleDeploy | RoleMetrics
	// AllRoles has every role.
	AllRoles = DefaultRoles | RoleAdmin | RoleGrant
)

// roleNames has the names of the roles, in the order of their bits.
var roleNames = []string{"evaluate", "query", "deploy", "metrics", "admin", "grant"}

// noRoles is the list of roles that is empty.
const noRoles = "none"

// ParseRoles parses a comma-separated list of roles, or "none".
func ParseRoles(list string) (Roles, error) {
	if list == noRoles {
		return 0, nil
	}
	var roles Roles
	for name := range strings.SplitSeq(list, ",") {
		i := slices.Index(roleNames, strings.TrimSpace(name))
		if i < 0 {
			return 0, fmt.Errorf("%s is not a role; use a list of %s without spaces, or %s", quote(name), strings.Join(roleNames, ","), noRoles)
		}
		roles |= 1 << i
	}
	return roles, nil
}

// RoleTable maps accounts, and the subjects and scopes of tokens, to their roles.
type RoleTable struct {
	Accounts map[string]RoleEntry // by name, in lower case
	subjects map[string]RoleEntry
	scopes   map[string]RoleEntry
	fallback Roles // of everyone else
}

// RoleEntry is a line of a roles file.
type RoleEntry struct {
	Roles Roles
	Line  int // counted from 1
}

// NewRoleTable returns a table that gives the same roles to everyone.
func NewRoleTable(fallback Roles) *RoleTable { return &RoleTable{fallback: fallback} }

var (
	errRoleFields = errors.New("expected a kind (account, subject or scope), a name and a list of roles, with one space between them")
	errRoleName   = errors.New("the name is empty")
)

// ParseRoleTable parses a roles file. Each line has a kind, a name and a list of roles, such as
//
//	account ann evaluate,query
//	subject auth0|123 deploy
//	scope tabpy:ops metrics,admin
//
// A name with spaces is quoted as in a password file. Empty lines and lines that begin with # are
// skipped. fallback are the roles of everyone whom no line names. The error joins a *LineError for
// each invalid line, at most twenty.
func ParseRoleTable(raw []byte, fallback Roles) (*RoleTable, error) {
	t := &RoleTable{Accounts: map[string]RoleEntry{}, subjects: map[string]RoleEntry{}, scopes: map[string]RoleEntry{}, fallback: fallback}
	if err := parseLines(splitLines(textOf(raw)), t.parseLine); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *RoleTable) parseLine(line string, number int) error {
	line = strings.TrimRight(line, " ")
	switch {
	case line == "" || line[0] == '#':
		return nil
	case !utf8.ValidString(line):
		return errNotUTF8
	}
	fields, err := splitFields(line)
	switch {
	case err != nil:
		return err
	case len(fields) != 3:
		return errRoleFields
	case fields[1] == "":
		return errRoleName
	}
	kinds := map[string]map[string]RoleEntry{"account": t.Accounts, "subject": t.subjects, "scope": t.scopes}
	entries, name := kinds[fields[0]], fields[1]
	if entries == nil {
		return errRoleFields
	}
	if fields[0] == "account" {
		name = foldName(name)
	}
	if first, twice := entries[name]; twice {
		return fmt.Errorf("%s %s is already on line %d", fields[0], quote(name), first.Line)
	}
	roles, err := ParseRoles(fields[2])
	entries[name] = RoleEntry{roles, number}
	return err
}

// NamedRoles are the roles of an account, or of a subject or a scope of tokens.
type NamedRoles struct {
	Kind, Name string // as in a roles file
	Roles      Roles
}

// Named returns the lines of the table, the accounts first, in the order of their names.
func (t *RoleTable) Named() (all []NamedRoles) {
	for _, kind := range []struct {
		name    string
		entries map[string]RoleEntry
	}{{"account", t.Accounts}, {"subject", t.subjects}, {"scope", t.scopes}} {
		for _, name := range slices.Sorted(maps.Keys(kind.entries)) {
			all = append(all, NamedRoles{kind.name, name, kind.entries[name].Roles})
		}
	}
	return all
}

// Fallback returns the roles of everyone whom the table does not name.
func (t *RoleTable) Fallback() Roles { return t.fallback }

// OfAccount returns the roles of an account. The name may be in any case.
func (t *RoleTable) OfAccount(name string) Roles {
	if entry, ok := t.Accounts[foldName(name)]; ok {
		return entry.Roles
	}
	return t.fallback
}

// OfToken returns the roles of a token: those of its subject and of all its scopes together.
func (t *RoleTable) OfToken(c Claims) Roles {
	entry, named := t.subjects[c.Subject]
	roles := entry.Roles
	for _, scope := range c.Scopes {
		if entry, ok := t.scopes[scope]; ok {
			roles, named = roles|entry.Roles, true
		}
	}
	if !named {
		return t.fallback
	}
	return roles
}
