package authn

import (
	"strings"
	"testing"
)

func TestParseTokenErrors(t *testing.T) {
	tokens, s := testTokens(t), signers()["rsa"]
	good := s.token(validClaims())
	parts := strings.Split(good, ".")
	header := func(text string) string { return b64([]byte(text)) + "." + parts[1] + "." + parts[2] }
	for name, c := range map[string]struct{ token, want string }{
		"nothing":            {"", "Missing JWT"},
		"one segment":        {"abc", "Not enough segments"},
		"two segments":       {"a.b", "Not enough segments"},
		"empty segments":     {"..", "Invalid header string: not JSON"},
		"four segments":      {good + ".x", "Invalid payload padding"},
		"not base64":         {"a.b.c", "Invalid header padding"},
		"other alphabet":     {"++++." + parts[1] + ".", "Invalid header padding"},
		"line ending":        {parts[0] + "\n." + parts[1] + "." + parts[2], "Invalid header padding"},
		"spare bits":         {"e31." + parts[1] + "." + parts[2], "Invalid header padding"},
		"excess padding":     {"e30=" + "==." + parts[1] + "." + parts[2], "Invalid header padding"},
		"needless padding":   {"e30==." + parts[1] + "." + parts[2], "Invalid header padding"},
		"bad signature text": {parts[0] + "." + parts[1] + ".!", "Invalid crypto padding"},
		"header not JSON":    {header(`{"alg"`), "Invalid header string: not JSON"},
		"header two values":  {header(`{} {}`), "Invalid header string: not JSON"},
		"header not UTF-8":   {header("{\"kid\":\"\xff\"}"), "Invalid header string: not JSON"},
		"header a list":      {header(`[]`), "Invalid header string: must be a json object"},
		"kid a number":       {header(`{"alg":"RS256","kid":1}`), "Key ID header parameter must be a string"},
		"kid null":           {header(`{"alg":"RS256","kid":null}`), "Key ID header parameter must be a string"},
		"crit":               {header(`{"kid":"rsa","crit":["exp"],"exp":1}`), "Unsupported critical extension: 'exp'"},
		"crit b64":           {header(`{"kid":"rsa","crit":["b64"],"b64":true}`), "Unsupported critical extension: 'b64'"},
		"crit empty":         {header(`{"kid":"rsa","crit":[]}`), "Invalid 'crit' header: must be a non-empty list"},
		"crit a text":        {header(`{"kid":"rsa","crit":"exp"}`), "Invalid 'crit' header: must be a non-empty list"},
		"crit of a number":   {header(`{"kid":"rsa","crit":[1]}`), "Invalid 'crit' header: values must be strings"},
		"detached":           {header(`{"alg":"RS256","kid":"rsa","b64":false}`), "Payload segment must be empty when 'b64' is false."},
		"keys in the header": {header(`{"alg":"RS256","kid":"other","jku":"https://evil.example/","jwk":{"kty":"oct","k":"AA"}}`), "Unable to find a signing key that matches: 'other'"},
		"deeply nested":      {header(strings.Repeat("[", 20000)), "Invalid header string: not JSON"},
		"very long kid":      {header(`{"kid":"` + strings.Repeat("k", 9000) + `"}`), "Unable to find a signing key that matches: '" + strings.Repeat("k", 80) + "...'"},
		"kid cut at a rune":  {header(`{"kid":"` + strings.Repeat("k", 79) + `é"}`), "Unable to find a signing key that matches: '" + strings.Repeat("k", 79) + "...'"},
	} {
		want := c.want
		if c.token != "" {
			want = "Unable to resolve JWT signing key: " + want
		}
		if got := verifyError(tokens, c.token); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if padded := s.sign(`{"alg":"RS256","kid":"rsa"} `, string(mustJSON(validClaims()))); verifyError(tokens, padded) != "" {
		t.Error("white space after the header's JSON was refused")
	}
}

// TestTokenPadding checks that padding, which some issuers write and sign, is accepted.
func TestTokenPadding(t *testing.T) {
	s := signers()["rsa"]
	head, body := `{"alg":"RS256","kid":"rsa"}`, string(mustJSON(validClaims()))
	for len(body)%3 != 1 {
		body += " "
	}
	signed := b64([]byte(head)) + "." + b64([]byte(body)) + "=="
	signature, err := s.method.Sign(signed, s.private)
	must(err)
	if got := verifyError(testTokens(t), signed+"."+b64(signature)); got != "" {
		t.Errorf("a payload with padding: %s", got)
	}
}

func FuzzParseToken(f *testing.F) {
	for _, s := range signers() {
		f.Add(s.token(validClaims()))
	}
	for _, header := range []string{`{"alg":"RS256","kid":"rsa","crit":["b64"]}`, `{"kid":null}`, `[]`, `{"b64":false}`, `{"kid":"\ud800"}`} {
		f.Add(b64([]byte(header)) + ".e30.AA")
	}
	f.Add("e30=.e30=.")
	tokens := testTokens(f)
	f.Fuzz(func(t *testing.T, token string) {
		parsed, err := parseToken(token)
		got := verifyError(tokens, token)
		if err != nil {
			if got == "" || strings.ContainsAny(got, "\r\n") {
				t.Errorf("%q: parseToken returned %v, but Verify %q", token, err, got)
			}
			return
		}
		if parsed.signed+"." != token[:len(parsed.signed)+1] || strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q: signed part %q, Verify returned %q", token, parsed.signed, got)
		}
	})
}
