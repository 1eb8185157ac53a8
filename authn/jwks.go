package authn

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// verifyKey is a public key of a key set, bound to one algorithm.
type verifyKey struct {
	public any // of the type that method expects
	method jwt.SigningMethod
}

// keySet holds the keys that can verify tokens, by kid. It is immutable.
type keySet map[string]*verifyKey

// signingMethods are the algorithms that a key may have. PS* require the salt length that RFC 7518,
// section 3.5 prescribes.
//
// GAP: HS256, HS384 and HS512 are not supported: key sets are public, and everyone who can read a
// symmetric key can sign with it. GAP: ES256K is not supported by the libraries in use.
//
// To add an algorithm: add it here, then to the algorithms of its key type in parsePublicKey, or to
// its curve in curves. To add a key type: also write its parser and call it in parsePublicKey. Then
// add a signer in keys_test.go, so that TestVerifyEachAlgorithm covers it, and cases to
// TestParseKey.
var signingMethods = map[string]jwt.SigningMethod{
	"RS256": jwt.SigningMethodRS256, "RS384": jwt.SigningMethodRS384, "RS512": jwt.SigningMethodRS512,
	"PS256": strictPSS(jwt.SigningMethodPS256), "PS384": strictPSS(jwt.SigningMethodPS384), "PS512": strictPSS(jwt.SigningMethodPS512),
	"ES256": jwt.SigningMethodES256, "ES384": jwt.SigningMethodES384, "ES512": jwt.SigningMethodES512,
	"EdDSA": jwt.SigningMethodEdDSA,
}

// strictPSS returns the method without the exception of the library that accepts any salt length.
func strictPSS(m *jwt.SigningMethodRSAPSS) jwt.SigningMethod {
	return &jwt.SigningMethodRSAPSS{SigningMethodRSA: m.SigningMethodRSA, Options: m.Options}
}

// parseKeySet parses a JWK Set (RFC 7517). Keys that cannot verify tokens, keys without a kid, and
// keys for other uses than signing are left out; skipped gives the reasons, one string per key. If
// no key is left, the error is PyJWT's.
func parseKeySet(data []byte) (set keySet, skipped []string, err error) {
	value, err := decodeJSON(data)
	if err != nil {
		return nil, nil, tabpyError("The JWKS endpoint did not return JSON")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, nil, tabpyError("The JWKS endpoint did not return a JSON object")
	}
	if isFalsy(object["keys"]) {
		return nil, nil, tabpyError("The JWK Set did not contain any keys")
	}
	list, ok := object["keys"].([]any)
	if !ok {
		return nil, nil, tabpyError("Invalid JWK Set value")
	}
	set, skipped = collectKeys(list)
	if len(set) == 0 {
		return nil, skipped, tabpyErrorf("The JWKS endpoint did not contain any signing keys (%s)", strings.Join(skipped, "; "))
	}
	return set, skipped, nil
}

// maxSkipped limits the keys whose reasons are logged.
const maxSkipped = 20

// collectKeys parses the keys of a set. Of keys with the same kid it takes the first.
func collectKeys(list []any) (set keySet, skipped []string) {
	set = keySet{}
	for i, item := range list {
		jwk, _ := item.(map[string]any)
		kid, key, err := parseKey(jwk)
		switch {
		case err != nil && len(skipped) < maxSkipped:
			skipped = append(skipped, fmt.Sprintf("key %d %s: %v", i+1, quoteName(kid), err))
		case err == nil && set[kid] == nil:
			set[kid] = key
		}
	}
	return set, skipped
}

func parseKey(jwk map[string]any) (kid string, key *verifyKey, err error) {
	kid, _ = jwk["kid"].(string)
	if use := jwk["use"]; use != nil && use != "sig" {
		return kid, nil, errors.New("not for signatures")
	}
	public, algorithms, err := parsePublicKey(jwk)
	if err != nil {
		return kid, nil, err
	}
	if kid == "" {
		return kid, nil, errors.New("no kid")
	}
	alg := algorithms[0]
	if named := jwk["alg"]; !isFalsy(named) {
		alg, _ = named.(string)
	}
	if !slices.Contains(algorithms, alg) {
		return kid, nil, fmt.Errorf("algorithm is not one of %s", strings.Join(algorithms, ", "))
	}
	return kid, &verifyKey{public, signingMethods[alg]}, nil
}

// parsePublicKey parses the key itself (RFC 7518, section 6, and RFC 8037). It returns the
// algorithms that the key can be used with, the default first.
func parsePublicKey(jwk map[string]any) (public any, algorithms []string, err error) {
	switch jwk["kty"] {
	case "RSA":
		public, err = parseRSA(jwk)
		return public, []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, err
	case "EC":
		return parseEC(jwk)
	case "OKP":
		public, err = parseEd25519(jwk)
		return public, []string{"EdDSA"}, err
	case "oct":
		return nil, nil, errors.New("symmetric keys are not accepted")
	}
	return nil, nil, errors.New("unknown key type")
}

// The limits of an RSA modulus. RFC 7518, section 3.3 forbids shorter keys. Longer ones serve only
// to consume CPU time. GAP: PyJWT accepts shorter keys.
const minRSABits, maxRSABits = 2048, 16384

func parseRSA(jwk map[string]any) (*rsa.PublicKey, error) {
	n, e := new(big.Int).SetBytes(decodeBase64URL(jwk["n"])), new(big.Int).SetBytes(decodeBase64URL(jwk["e"]))
	if bits := n.BitLen(); bits < minRSABits || bits > maxRSABits || n.Bit(0) == 0 {
		return nil, fmt.Errorf("modulus is not an odd number of %d to %d bits", minRSABits, maxRSABits)
	}
	if e.BitLen() < 2 || e.BitLen() > 31 || e.Bit(0) == 0 {
		return nil, errors.New("exponent is not an odd number of 2 to 31 bits")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

// curves are those of RFC 7518, section 6.2.1.1. GAP: secp256k1 is not supported.
var curves = map[string]struct {
	curve elliptic.Curve
	size  int // of a coordinate, in bytes
	alg   string
}{
	"P-256": {elliptic.P256(), 32, "ES256"},
	"P-384": {elliptic.P384(), 48, "ES384"},
	"P-521": {elliptic.P521(), 66, "ES512"},
}

func parseEC(jwk map[string]any) (*ecdsa.PublicKey, []string, error) {
	name, _ := jwk["crv"].(string)
	c, known := curves[name]
	if !known {
		return nil, nil, errors.New("curve is not P-256, P-384 or P-521")
	}
	x, y := decodeBase64URL(jwk["x"]), decodeBase64URL(jwk["y"])
	if len(x) != c.size || len(y) != c.size {
		return nil, nil, tabpyErrorf("Coords should be %d bytes for curve %s", c.size, name)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(c.curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, nil, errors.New("coordinates are not a point on the curve")
	}
	return public, []string{c.alg}, nil
}

// parseEd25519 parses an Ed25519 key. GAP: PyJWT also accepts Ed448 keys with the algorithm EdDSA.
func parseEd25519(jwk map[string]any) (ed25519.PublicKey, error) {
	x := decodeBase64URL(jwk["x"])
	if jwk["crv"] != "Ed25519" || len(x) != ed25519.PublicKeySize {
		return nil, errors.New("not an Ed25519 key")
	}
	return ed25519.PublicKey(x), nil
}

// decodeBase64URL decodes base64url, with or without padding. It returns nil for anything else.
func decodeBase64URL(value any) []byte {
	text, _ := value.(string)
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return data
}
