package authn

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// fakeVerifier accepts tokens of the form "good:SCOPE,SCOPE".
type fakeVerifier struct{}

var errExpired = errors.New("JWT validation failed: Signature has expired")

func (fakeVerifier) Verify(_ context.Context, token string) (Claims, error) {
	scopes, ok := strings.CutPrefix(token, "good:")
	if !ok {
		return Claims{}, errExpired
	}
	return Claims{Subject: "alice", Scopes: strings.Split(scopes, ",")}, nil
}

func TestJudge(t *testing.T) {
	passwords, _ := openTestFile(t, saltedLine(t, "user1", "right"))
	all := Person{Query: true, Evaluate: true, Deploy: true}
	basic := func(name, password string) Claim {
		return Claim{Scheme: "basic", WellFormed: true, Name: name, Password: password, Address: clientA}
	}
	bearer := func(token string) Claim { return Claim{Scheme: "BEARER", WellFormed: true, Token: token} }
	user1 := all
	user1.Name = "User1"
	only, both := Authority{Passwords: passwords}, Authority{Passwords: passwords, Tokens: fakeVerifier{}}
	oauth := Authority{Tokens: fakeVerifier{}}
	scoped := both
	scoped.LogUser, scoped.Scopes = true, EndpointScopes{Enforced: true, Query: "q", Evaluate: "e", Deploy: "d"}
	for name, c := range map[string]struct {
		by     Authority
		claim  Claim
		method string
		person Person
		err    string // "" if authentication succeeds
	}{
		"password":                     {only, basic("User1", "right"), Basic, user1, ""},
		"password, both enabled":       {both, basic("User1", "right"), Basic, user1, ""},
		"password, scopes":             {scoped, basic("User1", "right"), Basic, user1, ""},
		"wrong password":               {both, basic("User1", "wrong"), Basic, Person{Name: "User1"}, `Wrong password for user name "User1"`},
		"password, tokens only":        {oauth, basic("User1", "right"), Bearer, Person{}, `did not match the expected "Bearer" scheme`},
		"nothing":                      {only, Claim{}, Basic, Person{}, `did not match the expected "Basic" scheme`},
		"nothing, both enabled":        {both, Claim{}, Basic, Person{}, `did not match the expected "Basic" scheme`},
		"nothing, tokens only":         {oauth, Claim{}, Bearer, Person{}, `did not match the expected "Bearer" scheme`},
		"another scheme":               {both, Claim{Scheme: "Digest"}, Basic, Person{}, `did not match the expected "Basic" scheme`},
		"malformed Basic":              {both, Claim{Scheme: "Basic"}, Basic, Person{}, `did not match the expected "Basic" scheme`},
		"malformed Bearer":             {both, Claim{Scheme: "Bearer"}, Bearer, Person{}, `did not match the expected "Bearer" scheme`},
		"token, passwords only":        {only, bearer("good:"), Basic, Person{}, `did not match the expected "Basic" scheme`},
		"token":                        {oauth, bearer("good:x"), Bearer, all, ""},
		"token, both enabled":          {both, bearer("good:x"), Bearer, all, ""},
		"bad token":                    {both, bearer("bad"), Bearer, Person{}, errExpired.Error()},
		"token without scopes":         {scoped, bearer("good:"), Bearer, Person{Name: "alice"}, ""},
		"token with scopes":            {scoped, bearer("good:q,d,E"), Bearer, Person{Name: "alice", Query: true, Deploy: true}, ""},
		"scope with a matching prefix": {scoped, bearer("good:ee"), Bearer, Person{Name: "alice"}, ""},
	} {
		if got := c.by.Method(c.claim.Scheme); got != c.method {
			t.Errorf("%s: method %s, want %s", name, got, c.method)
		}
		if c.err == "" { // set whether or not the user is named in the log
			c.person.Account = map[string]string{Basic: "Basic User1", Bearer: "Bearer alice"}[c.method]
		}
		person, err := c.by.Judge(context.Background(), c.claim)
		if person != c.person || c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %+v, error %v, want %+v, error %q", name, person, err, c.person, c.err)
		}
	}
}

func TestScopeNames(t *testing.T) {
	s := EndpointScopes{Query: "b", Evaluate: "a", Deploy: "b"}
	if got := s.Names(); !slices.Equal(got, []string{"b", "a"}) {
		t.Error(got)
	}
}
