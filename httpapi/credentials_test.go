package httpapi

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

func basicCredentials(login string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login))
}

func headerWith(values ...string) http.Header { return http.Header{"Authorization": values} }

func TestParseCredentials(t *testing.T) {
	login := func(scheme, name, password string) Credentials {
		return Credentials{Scheme: scheme, WellFormed: true, Name: name, Password: password}
	}
	bad := func(scheme string) Credentials { return Credentials{Scheme: scheme} }
	for header, want := range map[string]Credentials{
		"Basic dXNlcjE6UEBzc3cwcmQ=":         login("Basic", "user1", "P@ssw0rd"),
		"bAsIc dXNlcjE6UEBzc3cwcmQ=":         login("bAsIc", "user1", "P@ssw0rd"),
		"Basic #dXNl#c\tjE6UEBzc3cwcmQ=":     login("Basic", "user1", "P@ssw0rd"), // other characters are skipped
		"Basic dXNlcjE6UEBzc3cwcmQ=dXNl":     login("Basic", "user1", "P@ssw0rd"), // nothing counts after the padding
		"Basic =dXNlcjE6UEBzc3cwcmQ=":        login("Basic", "user1", "P@ssw0rd"), // padding where none can be
		"Basic YWRtaW46c8OpY3JldC1wYXNz":     login("Basic", "admin", "sécret-pass"),
		"Basic YWRtaW46c+ljcmV0LXBhc3M=":     bad("Basic"), // Latin-1
		"Basic YTpiOmM=":                     login("Basic", "a", "b:c"),
		"Basic Og==":                         login("Basic", "", ""),
		"Basic dXNlcjE=":                     bad("Basic"), // no colon
		"Basic dXNlcjE6UEBzc3cwcmQ":          bad("Basic"), // the padding is missing
		"Basic dXNlcjE6UEBzc3cwc":            bad("Basic"),
		"Basic ###":                          bad("Basic"),
		"Basic  dXNlcjE6UEBzc3cwcmQ=":        bad("Basic"),
		"Basic dXNlcjE6UEBzc3cwcmQ= x":       bad("Basic"),
		"Basic dXNlcjE6UEBzc3cwcmQ= ":        bad("Basic"),
		"Basic":                              bad("Basic"),
		"Basic ":                             bad("Basic"),
		"":                                   bad(""),
		"bearer a.b.c":                       {Scheme: "bearer", WellFormed: true, Token: "a.b.c"},
		"Bearer ":                            bad("Bearer"),
		"Bearer  a":                          bad("Bearer"),
		"Bearer a b":                         bad("Bearer"),
		"Digest x":                           bad("Digest"),
		"Basic " + strings.Repeat("A", 8000): bad("Basic"),
	} {
		if got := parseCredentials(headerWith(header)); got != want {
			t.Errorf("%q: %+v, want %+v", header, got, want)
		}
	}
	for _, second := range []string{basicCredentials("a:b"), "x", ""} {
		for _, first := range []string{basicCredentials("a:b"), basicCredentials("user1:a:b"), "Bearer a.b.c"} {
			if got := parseCredentials(headerWith(first, second)); got.WellFormed {
				t.Errorf("%q and %q: a header that came twice was read: %+v", first, second, got)
			}
		}
	}
	if got := parseCredentials(http.Header{}); got != (Credentials{}) {
		t.Errorf("%+v of nothing", got)
	}
}

// FuzzAuthorization: whatever is well-formed is read back from a header that says the same
// properly.
func FuzzParseCredentials(f *testing.F) {
	for _, seed := range []string{"", "Basic", "Basic Og==", "basic dXNlcjE6UEBzc3cwcmQ=", "Basic dXNl=cjE6", "Basic ==YQ==", "Bearer x", "Bearer  x", "Basic /zpi"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		c := parseCredentials(headerWith(header))
		if c.Token != "" && (c.Name != "" || c.Password != "") {
			t.Fatalf("%q is both", header)
		}
		if !c.WellFormed || !strings.EqualFold(c.Scheme, "basic") {
			return
		}
		if !utf8.ValidString(c.Name+c.Password) || strings.Contains(c.Name, ":") {
			t.Fatalf("%q: %+v", header, c)
		}
		again := parseCredentials(headerWith(basicCredentials(c.Name + ":" + c.Password)))
		if again.Name != c.Name || again.Password != c.Password || !again.WellFormed {
			t.Fatalf("%q: %+v, then %+v", header, c, again)
		}
	})
}

// FuzzLenientBase64: what the standard library decodes is decoded alike.
func FuzzDecodePythonBase64(f *testing.F) {
	for _, seed := range []string{"", "YQ==", "YWI=", "YWJj", "Y Q = =", "Y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := decodePythonBase64(text)
		if want, err := base64.StdEncoding.DecodeString(text); err == nil && (!ok || got != string(want)) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
		if len(got) > len(text)*3/4+1 {
			t.Fatalf("%q became %d bytes", text, len(got))
		}
	})
}
