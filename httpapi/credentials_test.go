package httpapi

import (
	"encoding/base64"
	"net/http"
	"reflect"
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
		"Basic dXNlcjE6UEBzc3cwcmQ=dXNl":     login("Basic", "user1", "P@ssw0rd"), // text after the padding is ignored
		"Basic =dXNlcjE6UEBzc3cwcmQ=":        login("Basic", "user1", "P@ssw0rd"), // padding in an impossible place
		"Basic YWRtaW46c8OpY3JldC1wYXNz":     login("Basic", "admin", "sécret-pass"),
		"Basic YWRtaW46c+ljcmV0LXBhc3M=":     bad("Basic"), // Latin-1
		"Basic YTpiOmM=":                     login("Basic", "a", "b:c"),
		"Basic Og==":                         login("Basic", "", ""),
		"Basic dXNlcjE=":                     bad("Basic"), // no colon
		"Basic dXNlcjE6UEBzc3cwcmQ":          bad("Basic"), // missing padding
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
		if got := parseCredentials(headerWith(header)); !reflect.DeepEqual(got, want) {
			t.Errorf("header %q: %+v, want %+v", header, got, want)
		}
	}
	for _, second := range []string{basicCredentials("a:b"), "x", ""} {
		for _, first := range []string{basicCredentials("a:b"), basicCredentials("user1:a:b"), "Bearer a.b.c"} {
			if got := parseCredentials(headerWith(first, second)); got.WellFormed {
				t.Errorf("headers %q and %q: the repeated header was parsed: %+v", first, second, got)
			}
		}
	}
	if got := parseCredentials(http.Header{}); !reflect.DeepEqual(got, Credentials{}) {
		t.Errorf("without a header: %+v", got)
	}
}

// Credentials from any well-formed header must survive encoding and parsing.
func FuzzParseCredentials(f *testing.F) {
	for _, seed := range []string{"", "Basic", "Basic Og==", "basic dXNlcjE6UEBzc3cwcmQ=", "Basic dXNl=cjE6", "Basic ==YQ==", "Bearer x", "Bearer  x", "Basic /zpi"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		c := parseCredentials(headerWith(header))
		if c.Token != "" && (c.Name != "" || c.Password != "") {
			t.Fatalf("header %q has both a token and a login", header)
		}
		if !c.WellFormed || !strings.EqualFold(c.Scheme, "basic") {
			return
		}
		if !utf8.ValidString(c.Name+c.Password) || strings.Contains(c.Name, ":") {
			t.Fatalf("header %q: %+v", header, c)
		}
		second := parseCredentials(headerWith(basicCredentials(c.Name + ":" + c.Password)))
		if second.Name != c.Name || second.Password != c.Password || !second.WellFormed {
			t.Fatalf("header %q: %+v, after a round trip %+v", header, c, second)
		}
	})
}

// Text that the standard library can decode must be decoded equally.
func FuzzDecodePythonBase64(f *testing.F) {
	for _, seed := range []string{"", "YQ==", "YWI=", "YWJj", "Y Q = =", "Y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := decodePythonBase64(text)
		if want, err := base64.StdEncoding.DecodeString(text); err == nil && (!ok || got != string(want)) {
			t.Fatalf("decoding %q: %q, want %q", text, got, want)
		}
		if len(got) > len(text)*3/4+1 {
			t.Fatalf("%q was decoded to %d bytes", text, len(got))
		}
	})
}
