package authn

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// fixedKeys is a keySource with a fixed set.
type fixedKeys keySet

func (f fixedKeys) find(_ context.Context, kid string) (*verifyKey, error) {
	if key := f[kid]; key != nil {
		return key, nil
	}
	return nil, noSuchKey(kid)
}

func (fixedKeys) prepare() (func(), error) { return func() {}, nil }

func (fixedKeys) close() {}

// testTokens returns a verifier that accepts validClaims from any of the signers, at testTime.
func testTokens(t testing.TB) *Tokens {
	return &Tokens{
		issuer: "https://idp.example/", audience: "api://tabpy", keys: fixedKeys(mustParseKeys(t, "rsa", "512", "ps", "ed", "p256", "p384", "p521")),
		now: func() time.Time { return testTime },
	}
}

// verifyError returns the text of Verify's error, or "" if it accepts the token.
func verifyError(tokens *Tokens, token string) string {
	if _, err := tokens.Verify(context.Background(), token); err != nil {
		return err.Error()
	}
	return ""
}

func TestVerifyEachAlgorithm(t *testing.T) {
	tokens := testTokens(t)
	for kid, s := range signers() {
		claims, err := tokens.Verify(t.Context(), s.token(validClaims()))
		if err != nil || claims.Subject != "alice" || !slices.Equal(claims.Scopes, []string{"read", "write"}) {
			t.Errorf("%s: %+v %v", kid, claims, err)
		}
		changed := validClaims().with("sub", "mallory")
		genuine := strings.Split(s.token(validClaims()), ".")
		forged := strings.Join([]string{genuine[0], b64(mustJSON(changed)), genuine[2]}, ".")
		if got := verifyError(tokens, forged); got != "JWT validation failed: Signature verification failed" {
			t.Errorf("%s, changed payload: %q", kid, got)
		}
	}
}

// TestKeyDeterminesAlgorithm checks that the algorithm of the key applies, and that a token that
// names another one is refused.
func TestKeyDeterminesAlgorithm(t *testing.T) {
	tokens, all := testTokens(t), signers()
	public, err := x509.MarshalPKIXPublicKey(all["rsa"].private.Public())
	must(err)
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	good := string(mustJSON(validClaims()))
	hmacSigned := func(header string) string {
		text := b64([]byte(header)) + "." + b64([]byte(good))
		signature, err := jwt.SigningMethodHS256.Sign(text, secret)
		must(err)
		return text + "." + b64(signature)
	}
	const notAllowed = "JWT validation failed: The specified alg value is not allowed"
	headers := map[string]string{
		`{"alg":"RS256","kid":"512"}`:   notAllowed,
		`{"alg":"PS256","kid":"rsa"}`:   notAllowed,
		`{"alg":"none","kid":"rsa"}`:    notAllowed,
		`{"alg":"rs256","kid":"rsa"}`:   notAllowed,
		`{"alg":null,"kid":"rsa"}`:      notAllowed,
		`{"alg":["RS256"],"kid":"rsa"}`: notAllowed,
		`{"alg":{},"kid":"rsa"}`:        notAllowed,
		`{"kid":"rsa"}`:                 "JWT validation failed: Algorithm not specified",
		`{"alg":"ES256","kid":"p384"}`:  notAllowed,
		`{"alg":"RS256","kid":"ps"}`:    notAllowed,
		`{"alg":"RS256"}`:               "Unable to resolve JWT signing key: Unable to find a signing key that matches: None",
		`{"alg":"RS256","kid":"x'\n"}`:  `Unable to resolve JWT signing key: Unable to find a signing key that matches: 'x\'\n'`,
	}
	for header, want := range headers {
		if got := verifyError(tokens, all["rsa"].sign(header, good)); got != want {
			t.Errorf("%s: %q", header, got)
		}
	}
	if got := verifyError(tokens, hmacSigned(`{"alg":"HS256","kid":"rsa"}`)); got != notAllowed {
		t.Errorf("public key as HMAC secret: %q", got)
	}
	if got := verifyError(tokens, hmacSigned(`{"alg":"RS256","kid":"rsa"}`)); got != "JWT validation failed: Signature verification failed" {
		t.Errorf("public key as HMAC secret, with the key's own algorithm: %q", got)
	}
	if got := verifyError(tokens, all["p256"].sign(`{"alg":"RS256","kid":"rsa"}`, good)); got != "JWT validation failed: Signature verification failed" {
		t.Errorf("EC signature with the kid of an RSA key: %q", got)
	}
	longSalt := *jwt.SigningMethodPS256
	options := *longSalt.Options
	options.SaltLength = 64
	longSalt.Options = &options
	unusualSigner := all["ps"]
	unusualSigner.method = &longSalt
	if got := verifyError(tokens, unusualSigner.token(validClaims())); got != "JWT validation failed: Signature verification failed" {
		t.Errorf("PS256 with a salt of 64 bytes: %q", got)
	}
}

func TestVerifyErrorsOmitToken(t *testing.T) {
	tokens := testTokens(t)
	for _, token := range []string{
		signers()["rsa"].token(validClaims().with("exp", 1)), "bearer-secret-text", "secret.secret.secret", signers()["rsa"].token(validClaims()) + "x",
	} {
		got := verifyError(tokens, token)
		for part := range strings.SplitSeq(token, ".") {
			if got == "" || strings.Contains(got, part) {
				t.Errorf("%s: %q repeats a part of the token", headerText(token), got)
			}
		}
	}
}
