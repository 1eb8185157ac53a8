package authn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signer is a key pair of a fictitious issuer.
type signer struct {
	kid     string
	private crypto.Signer
	method  jwt.SigningMethod
	alg     string // the member alg in the key set; "" if it has none
}

// signers returns the key pairs of the tests by kid. They are generated once, since RSA keys are
// slow to generate.
var signers = sync.OnceValue(func() map[string]signer {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	all := map[string]signer{
		"rsa": {"rsa", rsaKey, jwt.SigningMethodRS256, ""},
		"512": {"512", rsaKey, jwt.SigningMethodRS512, "RS512"},
		"ps":  {"ps", rsaKey, jwt.SigningMethodPS256, "PS256"},
		"ed":  {"ed", edKey, jwt.SigningMethodEdDSA, ""},
	}
	for kid, c := range map[string]struct {
		curve  elliptic.Curve
		method jwt.SigningMethod
	}{"p256": {elliptic.P256(), jwt.SigningMethodES256}, "p384": {elliptic.P384(), jwt.SigningMethodES384}, "p521": {elliptic.P521(), jwt.SigningMethodES512}} {
		key, err := ecdsa.GenerateKey(c.curve, rand.Reader)
		must(err)
		all[kid] = signer{kid, key, c.method, ""}
	}
	return all
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// jwk returns the public key as a member of a key set.
func (s signer) jwk() map[string]any {
	member := map[string]any{"kid": s.kid}
	if s.alg != "" {
		member["alg"] = s.alg
	}
	switch key := s.private.Public().(type) {
	case *rsa.PublicKey:
		member["kty"], member["n"], member["e"] = "RSA", b64(key.N.Bytes()), b64(big.NewInt(int64(key.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		must(err)
		half := len(point) / 2
		member["kty"], member["crv"], member["x"], member["y"] = "EC", key.Curve.Params().Name, b64(point[1:1+half]), b64(point[1+half:])
	case ed25519.PublicKey:
		member["kty"], member["crv"], member["x"] = "OKP", "Ed25519", b64(key)
	}
	return member
}

// keySetJSON returns a key set as JSON.
func keySetJSON(kids ...string) []byte {
	keys := []any{}
	for _, kid := range kids {
		keys = append(keys, signers()[kid].jwk())
	}
	return mustJSON(map[string]any{"keys": keys})
}

func mustJSON(value any) []byte {
	data, err := json.Marshal(value)
	must(err)
	return data
}

func mustParseKeys(t testing.TB, kids ...string) keySet {
	t.Helper()
	set, skipped, err := parseKeySet(keySetJSON(kids...))
	if err != nil || len(skipped) > 0 {
		t.Fatal(err, skipped)
	}
	return set
}

// object is a JSON object. with and without return a changed copy.
type object map[string]any

func (o object) with(name string, value any) object {
	changed := object{name: value}
	for k, v := range o {
		if k != name {
			changed[k] = v
		}
	}
	return changed
}

func (o object) without(name string) object {
	changed := o.with(name, nil)
	delete(changed, name)
	return changed
}

// testTime is the current time in tests of tokens.
var testTime = time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)

// validClaims returns claims that testTokens accepts.
func validClaims() object {
	return object{
		"iss": "https://idp.example/", "aud": "api://tabpy", "sub": "alice",
		"iat": testTime.Unix() - 60, "exp": testTime.Unix() + 60, "scope": "read write",
	}
}

// token returns a signed token with these claims, which may be any JSON value.
func (s signer) token(claims any) string {
	return s.sign(string(mustJSON(object{"alg": s.method.Alg(), "typ": "JWT", "kid": s.kid})), string(mustJSON(claims)))
}

func (s signer) sign(header, payload string) string {
	signed := b64([]byte(header)) + "." + b64([]byte(payload))
	signature, err := s.method.Sign(signed, s.private)
	must(err)
	return signed + "." + b64(signature)
}

// headerText returns the header of a token, for messages of tests.
func headerText(token string) string {
	header, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		return header
	}
	return string(text)
}
