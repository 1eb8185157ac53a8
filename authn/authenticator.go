package authn

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// The authentication methods, by the names of their HTTP authentication schemes.
const (
	Basic  = "Basic"
	Bearer = "Bearer"
)

// TokenVerifier verifies bearer tokens. Tokens implements it.
type TokenVerifier interface {
	Verify(ctx context.Context, token string) (Claims, error)
}

// Authenticator authenticates clients by the enabled methods. At least one of Passwords, Tokens and
// ClientCerts must be set.
type Authenticator struct {
	Passwords   *Passwords    // nil if there is no password file
	Tokens      TokenVerifier // nil if OAuth is disabled
	ClientCerts *ClientCerts  // nil if clients cannot authenticate by certificate
	Scopes      EndpointScopes
	Roles       func() *RoleTable // returns the table in effect; if nil, everyone has DefaultRoles
	LogUser     bool              // whether a token's subject becomes the user's name
}

// EndpointScopes are the scopes that a token needs to query, evaluate and deploy, if they are
// enforced. Accounts of the password file need none.
type EndpointScopes struct {
	Enforced                bool
	Query, Evaluate, Deploy string
}

// Names returns the scopes in TabPy's order, without duplicates.
func (s EndpointScopes) Names() []string {
	var names []string
	for _, name := range []string{s.Query, s.Evaluate, s.Deploy} {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// permitted returns the roles that a token with the given scopes may have. The roles for which
// TabPy has no scope are among them.
func (s EndpointScopes) permitted(scopes []string) Roles {
	roles := AllRoles
	for role, scope := range map[Roles]string{RoleQuery: s.Query, RoleEvaluate: s.Evaluate, RoleDeploy: s.Deploy} {
		if s.Enforced && !slices.Contains(scopes, scope) {
			roles &^= role
		}
	}
	return roles
}

// Credentials are the parts of a client's Authorization header, and its address.
type Credentials struct {
	Scheme         string // the HTTP authentication scheme, in any case; "" if the header is missing
	WellFormed     bool   // whether the rest of the header could be parsed; for Basic, into a name and a password
	Name, Password string // for Basic
	Token          string // for Bearer
	Address        string // of the client

	// Chains has the chains of the client's certificate that the TLS handshake verified. Each
	// begins with the same certificate. It is empty if the client sent none.
	Chains [][]*x509.Certificate
}

// User is an authenticated client and its permissions: the roles in both sets.
type User struct {
	Name    string // for the log; "" if unknown
	Roles   Roles  // granted by the role table
	Scopes  Roles  // permitted by the scopes of a token; AllRoles for an account
	Account string // identifies the user even if Name is not set; only for the audit trail
}

// Method returns the method for credentials with the given scheme, which is also the challenge if
// they are refused: the method of the scheme, if it is enabled; otherwise Basic, if it is enabled;
// otherwise Bearer.
func (a *Authenticator) Method(scheme string) string {
	switch {
	case a.Tokens != nil && (a.Passwords == nil || isScheme(scheme, Bearer)):
		return Bearer
	default:
		return Basic
	}
}

// Authenticate verifies the credentials. An Authorization header decides alone. Without one, the
// client's certificate decides. The error, which is for the log, is a *SchemeError, a
// *CertificateError or one of Passwords.Verify or Tokens.Verify. If a login by password fails, the
// user's Name is set nevertheless.
func (a *Authenticator) Authenticate(ctx context.Context, c Credentials) (User, error) {
	method := a.Method(c.Scheme)
	onlyCertificates := a.Passwords == nil && a.Tokens == nil
	switch {
	case a.ClientCerts != nil && c.Scheme == "" && (len(c.Chains) > 0 || onlyCertificates):
		return a.authenticateCertificate(c.Chains)
	case onlyCertificates:
		return User{}, errUnexpectedHeader
	case !isScheme(c.Scheme, method) || !c.WellFormed:
		return User{}, &SchemeError{method}
	case method == Bearer:
		return a.authenticateToken(ctx, c.Token)
	}
	user := a.userOf(c.Name)
	if err := a.Passwords.Verify(ctx, c.Name, c.Password, c.Address); err != nil {
		return User{Name: c.Name}, err
	}
	return user, nil
}

// authenticateCertificate returns the user of a client certificate. It is the same user as one that
// signs in to the account by password.
func (a *Authenticator) authenticateCertificate(chains [][]*x509.Certificate) (User, error) {
	if len(chains) == 0 {
		return User{}, errNoCertificate
	}
	account, err := a.ClientCerts.Account(chains[0][0])
	if err != nil {
		return User{}, err
	}
	return a.userOf(account), nil
}

// userOf returns the user of an account. The name may be in any case.
func (a *Authenticator) userOf(name string) User {
	return User{Name: name, Roles: a.roleTable().OfAccount(name), Scopes: AllRoles, Account: Basic + " " + foldName(name)}
}

func (a *Authenticator) authenticateToken(ctx context.Context, token string) (User, error) {
	claims, err := a.Tokens.Verify(ctx, token)
	if err != nil {
		return User{}, err
	}
	user := User{Roles: a.roleTable().OfToken(claims), Scopes: a.Scopes.permitted(claims.Scopes), Account: Bearer + " " + claims.Subject}
	if a.LogUser {
		user.Name = claims.Subject
	}
	return user, nil
}

func (a *Authenticator) roleTable() *RoleTable {
	if a.Roles == nil {
		return NewRoleTable(DefaultRoles)
	}
	return a.Roles()
}

func isScheme(scheme, method string) bool { return strings.EqualFold(scheme, method) }

// SchemeError is the error for an Authorization header that is missing, has another scheme than
// Method, or cannot be parsed.
type SchemeError struct{ Method string }

func (e *SchemeError) Error() string {
	return fmt.Sprintf("Authorization header did not match the expected %q scheme", e.Method) // TabPy's words
}
