package grants

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"tabcell/runtime"
	"tabcell/settings"
)

// Caller is the account or the endpoint that uses a grant. At most one of the fields is set.
type Caller struct {
	Account  string // as a grant has it, such as ann or subject:auth0|1
	Endpoint string
}

// String returns the caller as error texts name it.
func (c Caller) String() string {
	switch {
	case c.Endpoint != "":
		return "endpoint " + c.Endpoint
	case c.Account != "":
		return "account " + c.Account
	}
	return "a client without an account"
}

// Of returns the grants of a caller, in the form of a call.
func (s *Set) Of(c Caller) *runtime.Grants {
	if c.Endpoint != "" {
		return &runtime.Grants{List: s.OfEndpoint(c.Endpoint), Owner: c.String()}
	}
	return &runtime.Grants{List: s.OfAccount(AccountName(c.Account)), Owner: c.String()}
}

// Only returns g with one of its grants. The error states that g does not have it.
func Only(g *runtime.Grants, name string) (*runtime.Grants, error) {
	for _, one := range g.List {
		if strings.EqualFold(one.Name, name) {
			only := *g
			only.List = []*runtime.Grant{one}
			return &only, nil
		}
	}
	return nil, fmt.Errorf("%s may not use the grant %s; add it to accounts or endpoints of [Grant %s]", g.Owner, name, name)
}

// IsPath reports whether the place that a script reaches is a file or folder, and not a server.
func IsPath(place string) bool {
	return strings.HasPrefix(place, "/") || settings.IsWindowsPath(place)
}

// TargetOf returns the target of a URL, without its path and query.
func TargetOf(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		return "", errors.New("a server is written as a URL, such as https://geo.example.com or tcp://10.0.0.7:1433; a file as an absolute path")
	case u.User != nil:
		return "", errors.New("leave out the user name and the password of the URL")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Check connects to the server at a URL, or opens the file or folder at a path, under the rules for
// a script with the grants.
func Check(ctx context.Context, g *runtime.Grants, limits runtime.GrantLimits, place string) (r runtime.GrantReport) {
	if IsPath(place) {
		r.Err = runtime.StatGrants(ctx, g, place)
		return r
	}
	target, err := TargetOf(place)
	if err != nil {
		r.Err = err
		return r
	}
	return runtime.TestGrants(ctx, g, limits, target)
}
