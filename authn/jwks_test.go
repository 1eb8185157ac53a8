package authn

import (
	"crypto/rsa"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// listKeys returns the keys of a set as kid:algorithm, sorted.
func listKeys(set keySet) []string {
	var list []string
	for kid, key := range set {
		list = append(list, kid+":"+key.method.Alg())
	}
	slices.Sort(list)
	return list
}

// TestRecordedKeySets parses the key sets that were used to record TabPy's responses.
func TestRecordedKeySets(t *testing.T) {
	const usable = "ec-1:ES256 ec-2:ES384 ed-1:EdDSA ps-1:PS256 rsa-1:RS256"
	for file, c := range map[string]struct{ keys, fails, skipped string }{
		"keys.json":    {keys: usable + " rsa-2:RS256 rsa-512:RS512", skipped: "key 8 'enc-1': not for signatures; key 9 'oct-1': symmetric keys are not accepted"},
		"rotated.json": {keys: "ec-1:ES256 ec-2:ES384 ed-1:EdDSA new-1:RS256 ps-1:PS256 rsa-1:RS256 rsa-512:RS512", skipped: "key 7 'enc-1': not for signatures; key 8 'oct-1': symmetric keys are not accepted"},
		"empty.json":   {fails: "The JWK Set did not contain any keys"},
		"enconly.json": {fails: "The JWKS endpoint did not contain any signing keys (key 1 'enc-1': not for signatures)"},
		"nokid.json":   {fails: "The JWKS endpoint did not contain any signing keys (key 1 '': no kid)"},
	} {
		data, err := os.ReadFile(filepath.Join("../httpapi/tck/testdata/configs/jwks", file))
		if err != nil {
			t.Fatal(err)
		}
		set, skipped, err := parseKeySet(data)
		switch {
		case c.fails != "" && (err == nil || err.Error() != c.fails):
			t.Errorf("%s: %v", file, err)
		case c.fails == "" && (err != nil || strings.Join(listKeys(set), " ") != c.keys || strings.Join(skipped, "; ") != c.skipped):
			t.Errorf("%s: %v %v %v", file, listKeys(set), skipped, err)
		}
	}
}

func TestParseKeySetErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                         "The JWKS endpoint did not return JSON",
		`<html>`:                   "The JWKS endpoint did not return JSON",
		`{"keys":[]} {}`:           "The JWKS endpoint did not return JSON",
		`[]`:                       "The JWKS endpoint did not return a JSON object",
		`null`:                     "The JWKS endpoint did not return a JSON object",
		`{}`:                       "The JWK Set did not contain any keys",
		`{"keys":null}`:            "The JWK Set did not contain any keys",
		`{"KEYS":[{"kty":"RSA"}]}`: "The JWK Set did not contain any keys",
		`{"keys":{"a":1}}`:         "Invalid JWK Set value",
		`{"keys":"RSA"}`:           "Invalid JWK Set value",
		`{"keys":[1]}`:             "The JWKS endpoint did not contain any signing keys (key 1 '': unknown key type)",
	} {
		if set, _, err := parseKeySet([]byte(text)); err == nil || err.Error() != want || set != nil {
			t.Errorf("%s: %v %v", text, set, err)
		}
	}
}

// TestParseKey changes one member of a valid key at a time.
func TestParseKey(t *testing.T) {
	key := func(kid string) object { return signers()[kid].jwk() }
	rsaKey, p256, p521, ed := object(key("rsa")), object(key("p256")), object(key("p521")), object(key("ed"))
	modulus := func(bits int) string { // an odd number of that length
		data := make([]byte, (bits+7)/8)
		data[0], data[len(data)-1] = 1<<uint((bits-1)%8), 1
		return b64(data)
	}
	wide := base64.URLEncoding.EncodeToString(append([]byte{0}, decodeBase64URL(rsaKey["n"])...))
	for name, c := range map[string]struct {
		key  object
		want string // the algorithm, or a part of the error
	}{
		"RSA":                    {rsaKey, "RS256"},
		"RSA for signatures":     {rsaKey.with("use", "sig"), "RS256"},
		"use null":               {rsaKey.with("use", nil), "RS256"},
		"for encryption":         {rsaKey.with("use", "enc"), "not for signatures"},
		"for a number":           {rsaKey.with("use", 1), "not for signatures"},
		"use in capitals":        {rsaKey.with("use", "SIG"), "not for signatures"},
		"RSA naming PS512":       {rsaKey.with("alg", "PS512"), "PS512"},
		"RSA naming \"\"":        {rsaKey.with("alg", ""), "RS256"},
		"RSA naming null":        {rsaKey.with("alg", nil), "RS256"},
		"RSA naming HS256":       {rsaKey.with("alg", "HS256"), "algorithm is not one of"},
		"RSA naming none":        {rsaKey.with("alg", "none"), "algorithm is not one of"},
		"RSA naming ES256":       {rsaKey.with("alg", "ES256"), "algorithm is not one of"},
		"RSA naming a list":      {rsaKey.with("alg", []any{"RS256"}), "algorithm is not one of"},
		"RSA for encryption":     {rsaKey.with("alg", "RSA-OAEP"), "algorithm is not one of"},
		"no kid":                 {rsaKey.without("kid"), "no kid"},
		"kid a number":           {rsaKey.with("kid", 7), "no kid"},
		"padded, leading zero":   {rsaKey.with("n", wide), "RS256"},
		"modulus missing":        {rsaKey.without("n"), "modulus is not an odd number"},
		"modulus a number":       {rsaKey.with("n", 7), "modulus is not an odd number"},
		"modulus not base64":     {rsaKey.with("n", "*"), "modulus is not an odd number"},
		"modulus of 2047 bits":   {rsaKey.with("n", modulus(2047)), "modulus is not an odd number"},
		"modulus of 2048 bits":   {rsaKey.with("n", modulus(2048)), "RS256"},
		"modulus of 16384 bits":  {rsaKey.with("n", modulus(16384)), "RS256"},
		"modulus of 16385 bits":  {rsaKey.with("n", modulus(16385)), "modulus is not an odd number"},
		"modulus even":           {rsaKey.with("n", b64(append(decodeBase64URL(modulus(2048)), 0))), "modulus is not an odd number"},
		"exponent missing":       {rsaKey.without("e"), "exponent is not an odd number"},
		"exponent 1":             {rsaKey.with("e", "AQ"), "exponent is not an odd number"},
		"exponent 3":             {rsaKey.with("e", "Aw"), "RS256"},
		"exponent even":          {rsaKey.with("e", "AQAA"), "exponent is not an odd number"},
		"exponent of 32 bits":    {rsaKey.with("e", "gAAAAQ"), "exponent is not an odd number"},
		"P-256":                  {p256, "ES256"},
		"P-256 naming ES384":     {p256.with("alg", "ES384"), "algorithm is not one of"},
		"P-521":                  {p521, "ES512"},
		"other curve":            {p256.with("crv", "secp256k1"), "curve is not"},
		"no curve":               {p256.without("crv"), "curve is not"},
		"not on the curve":       {p256.with("y", p256["x"]), "coordinates are not a point"},
		"point at infinity":      {p256.with("x", b64(make([]byte, 32))).with("y", b64(make([]byte, 32))), "coordinates are not a point"},
		"short coordinate":       {p256.with("x", b64(make([]byte, 31))), "Coords should be 32 bytes for curve P-256"},
		"long coordinate":        {p256.with("y", b64(make([]byte, 33))), "Coords should be 32 bytes for curve P-256"},
		"Ed25519":                {ed, "EdDSA"},
		"Ed25519 naming Ed25519": {ed.with("alg", "Ed25519"), "algorithm is not one of"},
		"Ed448":                  {ed.with("crv", "Ed448"), "not an Ed25519 key"},
		"X25519":                 {ed.with("crv", "X25519"), "not an Ed25519 key"},
		"Ed25519 short":          {ed.with("x", "AAAA"), "not an Ed25519 key"},
		"symmetric":              {object{"kid": "s", "kty": "oct", "k": "AAAA"}, "symmetric keys are not accepted"},
		"unknown type":           {rsaKey.with("kty", "XYZ"), "unknown key type"},
		"type in lower case":     {rsaKey.with("kty", "rsa"), "unknown key type"},
	} {
		// Encode the key as JSON, as key servers send it.
		set, _, err := parseKeySet(mustJSON(object{"keys": []any{c.key}}))
		got := ""
		if err != nil {
			got = err.Error()
		}
		for _, key := range set {
			got = key.method.Alg()
		}
		if !strings.Contains(got, c.want) || err == nil && got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestDuplicateKidUsesFirstKey checks that the first of several keys with the same kid is used.
func TestDuplicateKidUsesFirstKey(t *testing.T) {
	first, second := object(signers()["p256"].jwk()).with("kid", "k"), object(signers()["rsa"].jwk()).with("kid", "k")
	set, _, err := parseKeySet(mustJSON(object{"keys": []any{first, second}}))
	if err != nil || strings.Join(listKeys(set), " ") != "k:ES256" {
		t.Errorf("keys %v, error %v", listKeys(set), err)
	}
	tokens := testTokens(t)
	tokens.keys = fixedKeys(set)
	other := signers()["rsa"]
	other.kid = "k"
	if got := verifyError(tokens, other.token(validClaims())); got != "JWT validation failed: The specified alg value is not allowed" {
		t.Errorf("a token signed with the second key: %q", got)
	}
}

func TestSkippedKeysAreBounded(t *testing.T) {
	keys := []any{signers()["p256"].jwk()}
	for range 1000 {
		keys = append(keys, 1)
	}
	set, skipped, err := parseKeySet(mustJSON(object{"keys": keys}))
	if err != nil || len(set) != 1 || len(skipped) != maxSkipped {
		t.Errorf("%d keys, %d skipped, error %v", len(set), len(skipped), err)
	}
}

func FuzzParseKeySet(f *testing.F) {
	for kid := range signers() { // one key each, since Go's fuzzer takes minutes to minimize long inputs
		f.Add(keySetJSON(kid))
	}
	f.Add([]byte(`{"keys":[1,{"kty":"oct","kid":"s","k":"AA","alg":"HS256"},{"kty":"RSA","use":"enc"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, _, err := parseKeySet(data)
		if (err == nil) != (len(set) > 0) {
			t.Fatalf("%d keys, %v", len(set), err)
		}
		for kid, key := range set {
			if kid == "" || key.method == nil || strings.HasPrefix(key.method.Alg(), "HS") || key.method == jwt.SigningMethodNone {
				t.Errorf("%q: %v", kid, key)
			}
			if public, ok := key.public.(*rsa.PublicKey); ok && (public.N.BitLen() < minRSABits || public.E < 3) {
				t.Errorf("%q: a weak key was accepted", kid)
			}
		}
	})
}
