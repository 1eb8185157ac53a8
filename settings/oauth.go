package settings

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// scopeToken is RFC 6749, appendix A.4.
	scopeToken = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`)
	scopePaths = []string{"oauth.query", "oauth.evaluate", "oauth.deploy"}
)

// checkOAuth finds what TabPy refuses before it looks for the key set's host, in its sentences; all of it, and not the first.
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
		l.reject("oauth.enabled", "OAuth requires a global resource authorization boundary: set TABPY_OAUTH_AUDIENCE or TABPY_OAUTH_REQUIRED_SCOPES, "+
			"or every token of the issuer would do, whatever it was made for; scopes by route are not enough")
	}
	l.checkScopes(&s)
}

// checkIssuer: who makes the tokens, and where the keys are.
func (l *loader) checkIssuer(o OAuth) {
	var missing, plain []string
	for _, one := range []struct{ path, text string }{{"oauth.issuer", o.Issuer}, {"oauth.jwks", o.JWKSURI}} {
		switch {
		case one.text == "" && (one.path != "oauth.jwks" || o.KeySetFile == ""):
			missing = append(missing, one.path)
		case one.text != "" && !strings.HasPrefix(strings.ToLower(one.text), "https://"):
			plain = append(plain, one.path)
		}
	}
	if len(missing) > 0 {
		l.reject("oauth.enabled", "TABPY_OAUTH_ENABLED is true but missing required setting(s): "+joinNames(missing, ", "))
	}
	if len(plain) > 0 {
		l.reject(plain[0], joinNames(plain, ", ")+" must use https: what comes in the clear can be replaced on its way")
	}
}

// checkScopes looks at the scopes of the routes, also where they are not asked for.
func (l *loader) checkScopes(s *Settings) {
	var invalid, shared, pairs []string
	used := map[string]int{}
	for _, path := range scopePaths {
		scope := textAt(s, path)
		used[scope]++
		if !scopeToken.MatchString(scope) {
			invalid = append(invalid, path)
		}
	}
	for _, path := range scopePaths {
		if scope := textAt(s, path); used[scope] > 1 && !slices.Contains(invalid, path) {
			shared, pairs = append(shared, path), append(pairs, joinNames([]string{path}, "")+"="+scope)
		}
	}
	if len(invalid) > 0 {
		l.reject(invalid[0], joinNames(invalid, ", ")+" must be valid, non-empty OAuth scope tokens: printable ASCII without spaces, \" and \\")
	}
	if len(shared) > 0 {
		l.warnAbout(l.firstSet(shared), "OAuth endpoint scope settings contain duplicate values ("+strings.Join(pairs, ", ")+
			"): whoever has one of these rights has the other")
	}
}

// firstSet is the first of the settings that is not at its default, else the first.
func (l *loader) firstSet(paths []string) string {
	return paths[max(0, slices.IndexFunc(paths, l.isSet))]
}
