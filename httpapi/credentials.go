package httpapi

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// permit decides whether a client may use a route. There is no authentication yet, so it may; but one that sends a name and password
// is told that nobody looked at them, as TabPy does, rather than left to believe that the server is protected.
func (a *API) permit(x *exchange, p permission) error {
	if p == open || !basicCredentials(x.Request().Header.Get("Authorization")) {
		return nil
	}
	x.Response().Header().Set("Www-Authenticate", `Basic realm="`+quoteRealm(a.cfg.Service.Name)+`"`)
	return errCredentials
}

// basicCredentials reports whether an Authorization header is what TabPy takes for a name and a password: two pieces, the scheme in
// any case, base64 in which other characters are skipped, UTF-8 with exactly one colon.
func basicCredentials(header string) bool {
	pieces := strings.Split(header, " ")
	if len(pieces) != 2 || !strings.EqualFold(pieces[0], "basic") {
		return false
	}
	text, err := base64.StdEncoding.DecodeString(strings.Map(base64Only, pieces[1]))
	return err == nil && utf8.Valid(text) && strings.Count(string(text), ":") == 1
}

func base64Only(r rune) rune {
	if r < 0x80 && (r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("+/=", r)) {
		return r
	}
	return -1
}

var realmQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoteRealm(name string) string { return realmQuoter.Replace(name) }
