package authn

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The methods by which somebody can say who it is, as the schemes of HTTP name them.
const (
	Basic  = "Basic"
	Bearer = "Bearer"
)

// Verifier judges tokens; Tokens is one.
type Verifier interface {
	Verify(ctx context.Context, token string) (Claims, error)
}

// Authority judges whoever asks by the methods that are on. At least one of Passwords and Tokens is
// set.
type Authority struct {
	Passwords *Passwords // nil: there is no password file
	Tokens    Verifier   // nil: OAuth is off
	Scopes    EndpointScopes
	LogUser   bool // a token's subject is the person's name
}

// EndpointScopes are what a token's bearer needs for what, where that is enforced. Accounts of the
// password file may do everything.
type EndpointScopes struct {
	Enforced                bool
	Query, Evaluate, Deploy string
}

// Names are the scopes in TabPy's order, each once.
func (s EndpointScopes) Names() []string {
	var names []string
	for _, name := range []string{s.Query, s.Evaluate, s.Deploy} {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Claim is what a client said about itself.
type Claim struct {
	Scheme         string // of HTTP, in any case; "" when nothing was sent
	WellFormed     bool   // what follows the scheme can be read; of Basic: a name and a password were found
	Name, Password string // of Basic
	Token          string // of Bearer
	Address        string // the client's
}

// Person is who it turned out to be. Name is for the log: "" is unknown; it is set also when the
// password was wrong.
type Person struct {
	Name                    string
	Query, Evaluate, Deploy bool   // what the person may do
	Account                 string // tells people apart, whether they are named in the log or not; never shown
}

// Method is which method judges a claim, and names the challenge when the claim fails: the one
// whose scheme was sent, if it is on, else Basic, if that is on.
func (a *Authority) Method(scheme string) string {
	switch {
	case a.Tokens != nil && (a.Passwords == nil || isScheme(scheme, Bearer)):
		return Bearer
	default:
		return Basic
	}
}

// Judge finds out who claims to be somebody. Errors are sentences for the log: *Unmatched, those of
// Passwords.Verify and of Tokens.Verify.
func (a *Authority) Judge(ctx context.Context, c Claim) (Person, error) {
	method := a.Method(c.Scheme)
	switch {
	case !isScheme(c.Scheme, method) || !c.WellFormed:
		return Person{}, &Unmatched{method}
	case method == Bearer:
		return a.judgeToken(ctx, c.Token)
	}
	person := Person{Name: c.Name, Query: true, Evaluate: true, Deploy: true, Account: Basic + " " + c.Name}
	if err := a.Passwords.Verify(ctx, c.Name, c.Password, c.Address); err != nil {
		return Person{Name: c.Name}, err
	}
	return person, nil
}

func (a *Authority) judgeToken(ctx context.Context, token string) (Person, error) {
	claims, err := a.Tokens.Verify(ctx, token)
	if err != nil {
		return Person{}, err
	}
	has := func(scope string) bool { return !a.Scopes.Enforced || slices.Contains(claims.Scopes, scope) }
	person := Person{Query: has(a.Scopes.Query), Evaluate: has(a.Scopes.Evaluate), Deploy: has(a.Scopes.Deploy), Account: Bearer + " " + claims.Subject}
	if a.LogUser {
		person.Name = claims.Subject
	}
	return person, nil
}

func isScheme(scheme, method string) bool { return strings.EqualFold(scheme, method) }

// Unmatched is an Authorization header that is missing, or cannot be read as the method wants it.
type Unmatched struct{ Method string }

func (e *Unmatched) Error() string {
	return fmt.Sprintf("Authorization header did not match the expected %q scheme", e.Method) // TabPy's words
}
