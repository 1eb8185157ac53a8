package authn

import (
	"errors"
	"strings"
)

// TokenConfig says which tokens are accepted. The fields are TabPy's settings TABPY_OAUTH_*, and one of our own.
type TokenConfig struct {
	Issuer             string // compared exactly with the claim "iss"; must use https
	JWKSURI            string // https address of the key set
	Audience           string // must be in the claim "aud"; "" accepts any, and then RequiredScopes must name a scope
	RequiredScopes     string // scopes that each token must have, with commas between
	AllowNonPublicJWKS bool   // permits JWKSURI to lead to a private network

	// KeySetFile is a key set on disk, for hosts that reach no key server. It takes the place of JWKSURI.
	KeySetFile string
}

// check refuses what would let strangers in. The configuration is checked before, with better words; this room does not rely on it.
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

// isHTTPS compares the scheme in any case, as TabPy does.
func isHTTPS(address string) bool { return strings.HasPrefix(strings.ToLower(address), "https://") }

// scopeList splits the setting: blanks around a scope and empty ones are dropped.
func splitScopes(text string) []string {
	var scopes []string
	for scope := range strings.SplitSeq(text, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
