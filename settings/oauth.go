package settings

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// scopeToken matches a scope-token of RFC 6749, appendix A.4.
	scopeToken = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`)
	scopePaths = []string{"oauth.query", "oauth.evaluate", "oauth.deploy"}
)

// checkOAuth makes the checks that TabPy makes before it resolves the host of the key set, with
// TabPy's sentences. TabPy stops at the first problem; checkOAuth reports all.
func (l *loader) checkOAuth(s Settings) {
	if !s.OAuth.Enabled {
		for _, path := range []string{"oauth.issuer", "oauth.jwks", "oauth.jwks_file"} {
			if l.isSet(path) {
				l.warnAbout(path, "has no effect while TABPY_OAUTH_ENABLED is false")
			}
		}
		return
	}
	l.checkIssuer(s.OAuth)
	if s.OAuth.Audience == "" && len(SplitList(s.OAuth.RequiredScopes)) == 0 {
		l.reject("oauth.enabled", "OAuth requires a global resource authorization boundary: "+
			"set TABPY_OAUTH_AUDIENCE or TABPY_OAUTH_REQUIRED_SCOPES; without them, any token of the issuer "+
			"is accepted, even one for another service; scopes per route are not enough")
	}
	l.checkScopes(&s)
}

// checkIssuer checks the addresses of the issuer and of its key set.
func (l *loader) checkIssuer(o OAuth) {
	var missing, insecure []string
	for _, url := range []struct{ path, text string }{{"oauth.issuer", o.Issuer}, {"oauth.jwks", o.JWKSURI}} {
		switch {
		case url.text == "" && (url.path != "oauth.jwks" || o.KeySetFile == ""):
			missing = append(missing, url.path)
		case url.text != "" && !strings.HasPrefix(strings.ToLower(url.text), "https://"):
			insecure = append(insecure, url.path)
		}
	}
	if len(missing) > 0 {
		l.reject("oauth.enabled", "TABPY_OAUTH_ENABLED is true but missing required setting(s): "+joinNames(missing, ", "))
	}
	if len(insecure) > 0 {
		l.reject(insecure[0], joinNames(insecure, ", ")+" must use https, because an attacker can replace an unencrypted response")
	}
}

// checkScopes checks the scopes of the routes, even if they are not enforced.
func (l *loader) checkScopes(s *Settings) {
	var invalid, shared, pairs []string
	count := map[string]int{}
	for _, path := range scopePaths {
		scope := textAt(s, path)
		count[scope]++
		if !scopeToken.MatchString(scope) {
			invalid = append(invalid, path)
		}
	}
	for _, path := range scopePaths {
		if scope := textAt(s, path); count[scope] > 1 && !slices.Contains(invalid, path) {
			shared, pairs = append(shared, path), append(pairs, joinNames([]string{path}, "")+"="+scope)
		}
	}
	if len(invalid) > 0 {
		l.reject(invalid[0], joinNames(invalid, ", ")+" must be valid, non-empty OAuth scope tokens: printable ASCII without spaces, \" and \\")
	}
	if len(shared) > 0 {
		l.warnAbout(l.firstSet(shared), "OAuth endpoint scope settings contain duplicate values ("+strings.Join(pairs, ", ")+
			"): a token with one of these rights has the others too")
	}
}

// firstSet returns the first of the paths that is not at its default, or paths[0] if all are.
func (l *loader) firstSet(paths []string) string {
	return paths[max(0, slices.IndexFunc(paths, l.isSet))]
}
