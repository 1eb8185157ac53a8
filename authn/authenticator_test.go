package authn

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
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

// testRoles are the roles that the tests give to everyone.
const testRoles = RoleEvaluate | RoleQuery

func TestAuthenticate(t *testing.T) {
	passwords, _ := openTestFile(t, saltedLine(t, "user1", "right"))
	all, none := User{Roles: testRoles, Scopes: AllRoles}, AllRoles&^RoleQuery&^RoleEvaluate&^RoleDeploy
	table := NewRoleTable(testRoles)
	roles := func() *RoleTable { return table }
	basic := func(name, password string) Credentials {
		return Credentials{Scheme: "basic", WellFormed: true, Name: name, Password: password, Address: clientA}
	}
	bearer := func(token string) Credentials { return Credentials{Scheme: "BEARER", WellFormed: true, Token: token} }
	user1 := all
	user1.Name = "User1"
	only, both := Authenticator{Passwords: passwords, Roles: roles}, Authenticator{Passwords: passwords, Tokens: fakeVerifier{}, Roles: roles}
	oauth := Authenticator{Tokens: fakeVerifier{}, Roles: roles}
	scoped := both
	scoped.LogUser, scoped.Scopes = true, EndpointScopes{Enforced: true, Query: "q", Evaluate: "e", Deploy: "d"}
	chains := [][]*x509.Certificate{{withSubject(t, pkix.Name{CommonName: "Ann"})}}
	withChain := func(c Credentials) Credentials { c.Chains = chains; return c }
	byCert, ann := withChain(Credentials{}), all
	ann.Name = "Ann"
	certs, noAccount := Authenticator{ClientCerts: ByCommonName(nil), Roles: roles}, Authenticator{ClientCerts: ByCommonName(passwords.Has)}
	allThree := both
	allThree.ClientCerts = ByCommonName(nil)
	for name, c := range map[string]struct {
		authenticator Authenticator
		credentials   Credentials
		method        string
		user          User
		err           string // "" if authentication succeeds
	}{
		"password":                 {only, basic("User1", "right"), Basic, user1, ""},
		"password, default roles":  {Authenticator{Passwords: passwords}, basic("User1", "right"), Basic, User{Name: "User1", Roles: DefaultRoles, Scopes: AllRoles}, ""},
		"password, both enabled":   {both, basic("User1", "right"), Basic, user1, ""},
		"password, scopes":         {scoped, basic("User1", "right"), Basic, user1, ""},
		"wrong password":           {both, basic("User1", "wrong"), Basic, User{Name: "User1"}, `Wrong password for user name "User1"`},
		"password, tokens only":    {oauth, basic("User1", "right"), Bearer, User{}, `did not match the expected "Bearer" scheme`},
		"nothing":                  {only, Credentials{}, Basic, User{}, `did not match the expected "Basic" scheme`},
		"nothing, both enabled":    {both, Credentials{}, Basic, User{}, `did not match the expected "Basic" scheme`},
		"nothing, tokens only":     {oauth, Credentials{}, Bearer, User{}, `did not match the expected "Bearer" scheme`},
		"another scheme":           {both, Credentials{Scheme: "Digest"}, Basic, User{}, `did not match the expected "Basic" scheme`},
		"malformed Basic":          {both, Credentials{Scheme: "Basic"}, Basic, User{}, `did not match the expected "Basic" scheme`},
		"malformed Bearer":         {both, Credentials{Scheme: "Bearer"}, Bearer, User{}, `did not match the expected "Bearer" scheme`},
		"token, passwords only":    {only, bearer("good:"), Basic, User{}, `did not match the expected "Basic" scheme`},
		"token":                    {oauth, bearer("good:x"), Bearer, all, ""},
		"token, both enabled":      {both, bearer("good:x"), Bearer, all, ""},
		"bad token":                {both, bearer("bad"), Bearer, User{}, errExpired.Error()},
		"token without scopes":     {scoped, bearer("good:"), Bearer, User{Name: "alice", Roles: testRoles, Scopes: none}, ""},
		"token with scopes":        {scoped, bearer("good:q,d,E"), Bearer, User{Name: "alice", Roles: testRoles, Scopes: none | RoleQuery | RoleDeploy}, ""},
		"scope with a longer name": {scoped, bearer("good:ee"), Bearer, User{Name: "alice", Roles: testRoles, Scopes: none}, ""},

		"certificate":                        {certs, byCert, Basic, ann, ""},
		"certificate, passwords":             {allThree, byCert, Basic, ann, ""},
		"no certificate, passwords":          {allThree, Credentials{}, Basic, User{}, `did not match the expected "Basic" scheme`},
		"certificate and password":           {allThree, withChain(basic("User1", "right")), Basic, user1, ""},
		"certificate and wrong password":     {allThree, withChain(basic("User1", "wrong")), Basic, User{Name: "User1"}, `Wrong password for user name "User1"`},
		"certificate and token":              {allThree, withChain(bearer("good:x")), Bearer, all, ""},
		"certificate and another scheme":     {allThree, withChain(Credentials{Scheme: "Digest"}), Basic, User{}, `did not match the expected "Basic" scheme`},
		"certificate and unexpected header":  {certs, withChain(basic("User1", "right")), Basic, User{}, "An Authorization header was sent"},
		"no certificate, certificates only":  {certs, Credentials{}, Basic, User{}, "A client certificate is required"},
		"certificate without account":        {noAccount, byCert, Basic, User{}, `The subject of the client certificate, "CN=Ann", has no account.`},
		"certificate, no certificates":       {only, byCert, Basic, User{}, `did not match the expected "Basic" scheme`},
		"certificate and password, no certs": {only, withChain(basic("User1", "right")), Basic, user1, ""},
	} {
		if got := c.authenticator.Method(c.credentials.Scheme); got != c.method {
			t.Errorf("%s: method %s, want %s", name, got, c.method)
		}
		if c.err == "" { // set whether or not the user is named in the log
			c.user.Account = map[string]string{Basic: "Basic " + strings.ToLower(c.user.Name), Bearer: "Bearer alice"}[c.method]
		}
		user, err := c.authenticator.Authenticate(context.Background(), c.credentials)
		if user != c.user || c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %+v, error %v, want %+v, error %q", name, user, err, c.user, c.err)
		}
	}
}

func TestScopeNames(t *testing.T) {
	s := EndpointScopes{Query: "b", Evaluate: "a", Deploy: "b"}
	if got, want := s.Names(), []string{"b", "a"}; !slices.Equal(got, want) {
		t.Errorf("Names() = %v, want %v", got, want)
	}
}
