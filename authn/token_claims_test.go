package authn

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// rawJSON returns JSON that is encoded unchanged.
func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }

func TestCheckClaims(t *testing.T) {
	tokens, good, now := testTokens(t), validClaims(), testTime.Unix()
	const (
		expired, early  = "Signature has expired", "The token is not yet valid (iat)"
		expText         = "Expiration Time claim (exp) must be an integer."
		iatText         = "Issued At claim (iat) must be an integer."
		nbfText         = "Not Before claim (nbf) must be an integer."
		missing, format = `Token is missing the "`, "Invalid claim format in token"
	)
	for name, c := range map[string]struct {
		claims any
		want   string
	}{
		"good":                     {good, ""},
		"a list":                   {[]any{1}, "Invalid payload string: must be a json object"},
		"null":                     {nil, "Invalid payload string: must be a json object"},
		"exp missing":              {good.without("exp"), missing + `exp" claim`},
		"exp null":                 {good.with("exp", nil), missing + `exp" claim`},
		"iat missing":              {good.without("iat"), missing + `iat" claim`},
		"exp before iat":           {good.without("iat").without("exp"), missing + `exp" claim`},
		"exp this second":          {good.with("exp", now), expired}, // testTime is half a second later
		"exp next second":          {good.with("exp", now+1), ""},
		"exp loses its fraction":   {good.with("exp", rawJSON("1772366400.9")), expired},
		"exp with exponent":        {good.with("exp", rawJSON("1.8e9")), ""},
		"exp in digits":            {good.with("exp", "4102444800"), ""},
		"exp in digits, blanks":    {good.with("exp", " +4_102_444_800\n"), ""},
		"exp in digits, fraction":  {good.with("exp", "4102444800.5"), expText},
		"exp in hex":               {good.with("exp", "0xffffffff"), expText},
		"exp inf":                  {good.with("exp", "inf"), expText},
		"exp nan":                  {good.with("exp", "nan"), expText},
		"exp empty":                {good.with("exp", ""), expText},
		"exp a word":               {good.with("exp", "never"), expText},
		"exp a list":               {good.with("exp", []any{}), expText},
		"exp true":                 {good.with("exp", true), expired},
		"exp false":                {good.with("exp", false), expired},
		"exp past any float":       {good.with("exp", rawJSON("1e400")), expText},
		"exp negative":             {good.with("exp", -1), expired},
		"iat this second":          {good.with("iat", now), ""},
		"iat next second":          {good.with("iat", now+1), early},
		"iat loses its fraction":   {good.with("iat", rawJSON("1772366400.9")), ""},
		"iat a word":               {good.with("iat", "x"), iatText},
		"iat an object":            {good.with("iat", object{}), iatText},
		"iat before exp":           {good.with("iat", now+1).with("exp", 1), early},
		"nbf this second":          {good.with("nbf", now), ""},
		"nbf next second":          {good.with("nbf", now+1), "The token is not yet valid (nbf)"},
		"nbf null":                 {good.with("nbf", nil), nbfText},
		"nbf a word":               {good.with("nbf", "x"), nbfText},
		"nbf before exp":           {good.with("nbf", now+1).with("exp", 1), "The token is not yet valid (nbf)"},
		"issuer missing":           {good.without("iss"), missing + `iss" claim`},
		"issuer without its slash": {good.with("iss", "https://idp.example"), "Invalid issuer"},
		"issuer in other case":     {good.with("iss", "https://IDP.example/"), "Invalid issuer"},
		"issuer in a list":         {good.with("iss", []any{"https://idp.example/"}), "Payload Issuer (iss) must be a string"},
		"issuer null":              {good.with("iss", nil), "Payload Issuer (iss) must be a string"},
		"expired, no issuer":       {good.with("exp", 1).without("iss"), expired},
		"audience missing":         {good.without("aud"), missing + `aud" claim`},
		"audience empty":           {good.with("aud", ""), missing + `aud" claim`},
		"audience empty list":      {good.with("aud", []any{}), missing + `aud" claim`},
		"audience zero":            {good.with("aud", 0), missing + `aud" claim`},
		"audience a number":        {good.with("aud", 7), format},
		"audience an object":       {good.with("aud", object{"api://tabpy": 1}), format},
		"audience list":            {good.with("aud", []any{"x", "api://tabpy"}), ""},
		"audience list, number":    {good.with("aud", []any{"api://tabpy", 1}), format},
		"other audience":           {good.with("aud", []any{"x"}), "Audience doesn't match"},
		"audience in other case":   {good.with("aud", "API://tabpy"), "Audience doesn't match"},
		"issuer before audience":   {good.without("aud").without("iss"), missing + `iss" claim`},
		"subject a number":         {good.with("sub", 7), "Subject must be a string"},
		"subject null":             {good.with("sub", nil), "Subject must be a string"},
		"no subject":               {good.without("sub"), ""},
		"jti a number":             {good.with("jti", 7), "JWT ID must be a string"},
		"jti":                      {good.with("jti", "7"), ""},
		"scope null":               {good.with("scope", nil), ""},
	} {
		got := verifyError(tokens, signers()["p256"].token(c.claims))
		if strings.TrimPrefix(got, "JWT validation failed: ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := verifyError(tokens, signers()["p256"].sign(`{"alg":"ES256","kid":"p256"}`, "{")); got != "JWT validation failed: Invalid payload string: not JSON" {
		t.Errorf("payload that is not JSON: %q", got)
	}
}

func TestAudienceNotRequired(t *testing.T) {
	tokens := testTokens(t)
	tokens.audience = ""
	for _, claims := range []object{validClaims().without("aud"), validClaims().with("aud", 7), validClaims().with("aud", "other")} {
		if got := verifyError(tokens, signers()["p256"].token(claims)); got != "" {
			t.Errorf("%v: %s", claims["aud"], got)
		}
	}
}

func TestRequiredScopes(t *testing.T) {
	tokens := testTokens(t)
	tokens.required = []string{"b", "a"}
	good := validClaims()
	for name, c := range map[string]struct {
		claims object
		want   string
	}{
		"all":           {good.with("scope", "a x\tb"), ""},
		"one missing":   {good.with("scope", "b"), "JWT missing required scope(s): a"},
		"both missing":  {good.with("scope", ""), "JWT missing required scope(s): b, a"},
		"no claim":      {good.without("scope"), "JWT missing required scope(s): b, a"},
		"other case":    {good.with("scope", "A b"), "JWT missing required scope(s): a"},
		"comma":         {good.with("scope", "a,b"), "JWT missing required scope(s): b, a"},
		"a list":        {good.with("scope", []any{"a", "b"}), "Unable to evaluate JWT scopes"},
		"null":          {good.with("scope", nil), "Unable to evaluate JWT scopes"},
		"scope in scp":  {good.without("scope").with("scp", "a b"), "JWT missing required scope(s): b, a"},
		"expired first": {good.with("scope", "").with("exp", 1), "JWT validation failed: Signature has expired"},
	} {
		if got := verifyError(tokens, signers()["p256"].token(c.claims)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestScopeClaimTypes(t *testing.T) {
	tokens := testTokens(t)
	for value, want := range map[any][]string{"": nil, "a  b": {"a", "b"}, 7: nil, nil: nil, true: nil} {
		claims, err := tokens.Verify(t.Context(), signers()["p256"].token(validClaims().with("scope", value)))
		if err != nil || !slices.Equal(claims.Scopes, want) {
			t.Errorf("%v: %v %v", value, claims.Scopes, err)
		}
	}
}

// FuzzClaims checks claims without a signature, so that only checkClaims can refuse them.
func FuzzClaims(f *testing.F) {
	good := validClaims()
	for _, claims := range []object{good, good.with("aud", []any{"x"}), good.with("exp", "4102444800"), good.with("nbf", 1e300), good.with("scope", []any{})} {
		f.Add(string(mustJSON(claims)))
	}
	f.Add(`{"exp":1e999,"iat":-1e999}`)
	tokens := testTokens(f)
	f.Fuzz(func(t *testing.T, payload string) {
		claims, err := decodeObject([]byte(payload), "payload")
		if err == nil {
			err = tokens.checkClaims(claims)
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("%q: %v", payload, err)
			}
			return
		}
		exp, ok := pythonInt(claims["exp"])
		if claims["iss"] != tokens.issuer || !ok || exp <= float64(testTime.Unix()) {
			t.Errorf("accepted: %q", payload)
		}
	})
}
