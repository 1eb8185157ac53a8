package authn

import (
	"context"
	"errors"
	"strings"
)

// TokenConfig determines which tokens are accepted. Except for KeySetFile, the fields are TabPy's
// settings TABPY_OAUTH_*.
type TokenConfig struct {
	Issuer             string // compared exactly with the claim "iss"; must begin with https://
	JWKSURI            string // the https URL of the key set
	Audience           string // must be in the claim "aud"; if "", any is accepted, but RequiredScopes must not be empty
	RequiredScopes     string // scopes that every token must have, separated by commas
	AllowNonPublicJWKS bool   // permits JWKSURI to resolve to a private network

	// KeySetFile is a key set on disk, for hosts that cannot reach a key server. If set, it replaces
	// JWKSURI.
	KeySetFile string

	// Get, if not nil, fetches the key set at JWKSURI in place of a request by this process, which
	// then does not check the host either.
	Get func(context.Context) ([]byte, error)
}

// validate refuses configurations that would accept the tokens of strangers. The settings are
// validated earlier, with better messages, but this package does not rely on that.
func (c TokenConfig) validate() error {
	switch {
	case !isHTTPS(c.Issuer):
		return errors.New("TABPY_OAUTH_ISSUER must use https")
	case c.KeySetFile == "" && !isHTTPS(c.JWKSURI):
		return errors.New("TABPY_OAUTH_JWKS_URI must use https")
	case c.Audience == "" && len(splitScopes(c.RequiredScopes)) == 0:
		return tabpyError("OAuth requires a global resource authorization boundary: an audience or required scopes")
	}
	return nil
}

// isHTTPS reports whether the URL's scheme is https, in any case, as TabPy does.
func isHTTPS(address string) bool { return strings.HasPrefix(strings.ToLower(address), "https://") }

// splitScopes splits the setting at commas. It trims white space and drops empty scopes.
func splitScopes(text string) []string {
	var scopes []string
	for scope := range strings.SplitSeq(text, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
