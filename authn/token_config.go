package authn

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// TokenConfig says which tokens are accepted. The fields are TabPy's settings of section TABPY_OAUTH_*, and one of our own.
type TokenConfig struct {
	Issuer             string // compared exactly with the claim "iss"; must use https
	JWKSURI            string // https address of the key set
	Audience           string // must be in the claim "aud"; "" accepts any, and then RequiredScopes must name one
	RequiredScopes     string // scopes that each token must have, with commas between
	AllowNonPublicJWKS bool   // permits JWKSURI to lead to a private network

	// The scopes that routes may ask for. They are only checked here.
	QueryScope, EvaluateScope, DeployScope string

	// KeySetFile is a key set on disk, for hosts that reach no key server. It takes the place of JWKSURI.
	KeySetFile string
}

// named is a setting as messages name it.
type named struct{ name, value string }

func (n named) missing() bool     { return n.value == "" }
func (n named) insecure() bool    { return n.value != "" && !isHTTPS(n.value) }
func (n named) noScopeName() bool { return !scopeName.MatchString(n.value) }

// scopeName is scope-token of RFC 6749, 3.3.
var scopeName = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]+$`)

// Check finds what is wrong with a configuration, without the network: TabPy's start-up checks in its order and with the beginnings of its
// sentences, all of them at once. Warnings do not prevent a start.
func (c TokenConfig) Check() (warnings []string, err error) {
	anchors := c.anchors()
	scopes := []named{
		{"TABPY_OAUTH_QUERY_SCOPE", c.QueryScope}, {"TABPY_OAUTH_EVALUATE_SCOPE", c.EvaluateScope}, {"TABPY_OAUTH_DEPLOY_SCOPE", c.DeployScope},
	}
	var problems []error
	complain := func(those []named, format string) {
		if len(those) > 0 {
			problems = append(problems, fmt.Errorf(format, names(those)))
		}
	}
	complain(which(anchors, named.missing), "TABPY_OAUTH_ENABLED is true but missing required setting(s): %s")
	if c.Audience == "" && len(scopeList(c.RequiredScopes)) == 0 {
		problems = append(problems, errors.New("OAuth requires a global resource authorization boundary: set TABPY_OAUTH_AUDIENCE, "+
			"TABPY_OAUTH_REQUIRED_SCOPES, or both; otherwise tokens that the issuer made for other services would be accepted here"))
	}
	complain(which(scopes, named.noScopeName), "%s must be valid, non-empty OAuth scope tokens: letters, digits and signs, without spaces, \" and \\")
	complain(which(anchors, named.insecure), "%s must use https: who can change the keys on their way can sign tokens")
	return append(c.unused(), shared(scopes)...), errors.Join(problems...)
}

// anchors are the settings that say whom to trust.
func (c TokenConfig) anchors() []named {
	anchors := []named{{"TABPY_OAUTH_ISSUER", c.Issuer}}
	if c.KeySetFile == "" {
		anchors = append(anchors, named{"TABPY_OAUTH_JWKS_URI", c.JWKSURI})
	}
	return anchors
}

func (c TokenConfig) unused() []string {
	if c.KeySetFile == "" || c.JWKSURI == "" {
		return nil
	}
	return []string{"TABPY_OAUTH_JWKS_URI is not used: the keys come from TABCELL_OAUTH_JWKS_FILE"}
}

// shared warns about scopes that open more than one group of routes.
func shared(scopes []named) []string {
	count := map[string]int{}
	for _, s := range scopes {
		count[s.value]++
	}
	var twice []string
	for _, s := range scopes {
		if count[s.value] > 1 {
			twice = append(twice, s.name+"="+s.value)
		}
	}
	if len(twice) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("OAuth endpoint scope settings contain duplicate values (%s): a token with that scope opens all of them", strings.Join(twice, ", "))}
}

func which(all []named, wanted func(named) bool) []named {
	var some []named
	for _, n := range all {
		if wanted(n) {
			some = append(some, n)
		}
	}
	return some
}

func names(some []named) string {
	texts := make([]string, len(some))
	for i, n := range some {
		texts[i] = n.name
	}
	return strings.Join(texts, ", ")
}

// scopeList splits the setting: blanks around a scope and empty ones are dropped.
func scopeList(text string) []string {
	var scopes []string
	for scope := range strings.SplitSeq(text, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
