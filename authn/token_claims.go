package authn

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checkClaims checks the claims at the present time, without leeway, in PyJWT's order and with its
// error texts. The signature must have been verified before.
//
// To add a check of a claim: write a method like checkIssuer with PyJWT's text, call it here at the
// place where PyJWT makes the check, and add cases to TestCheckClaims: claim missing, null, of the
// wrong type, wrong, right, and together with the error that must win. If it needs a setting, add
// the field to TokenConfig, check it in validate, and copy it in NewTokens.
func (t *Tokens) checkClaims(claims map[string]any) error {
	for _, name := range []string{"exp", "iat"} {
		if claims[name] == nil { // null counts as missing
			return missingClaim(name)
		}
	}
	if err := checkTimes(claims, float64(t.now().UnixMicro())/1e6); err != nil {
		return err
	}
	if err := t.checkIssuer(claims); err != nil {
		return err
	}
	if err := t.checkAudience(claims); err != nil {
		return err
	}
	return checkStrings(claims)
}

func missingClaim(name string) error { return tabpyErrorf("Token is missing the %q claim", name) }

// checkTimes checks the times of a token, which is valid from iat and nbf, inclusive, until exp,
// exclusive. now is in seconds since 1970.
func checkTimes(claims map[string]any, now float64) error {
	iat, ok := pythonInt(claims["iat"])
	switch {
	case !ok:
		return tabpyError("Issued At claim (iat) must be an integer.")
	case iat > now:
		return tabpyError("The token is not yet valid (iat)")
	}
	if value, present := claims["nbf"]; present {
		nbf, ok := pythonInt(value)
		switch {
		case !ok:
			return tabpyError("Not Before claim (nbf) must be an integer.")
		case nbf > now:
			return tabpyError("The token is not yet valid (nbf)")
		}
	}
	exp, ok := pythonInt(claims["exp"])
	switch {
	case !ok:
		return tabpyError("Expiration Time claim (exp) must be an integer.")
	case exp <= now:
		return tabpyError("Signature has expired")
	}
	return nil
}

// pythonIntSyntax is the syntax of strings that Python's int() accepts, except for non-ASCII
// digits.
var pythonIntSyntax = regexp.MustCompile(`^[+-]?[0-9]+(_[0-9]+)*$`)

// pythonInt converts a claim as Python's int() does: numbers lose their fraction, strings of digits
// are parsed, true is 1. ok is false for other values, and for numbers beyond the range of a
// float64, which no time is.
func pythonInt(value any) (number float64, ok bool) {
	var text string
	switch v := value.(type) {
	case bool:
		return map[bool]float64{true: 1}[v], true
	case json.Number:
		text = v.String()
	case string:
		text = strings.TrimSpace(v)
		if !pythonIntSyntax.MatchString(text) {
			return 0, false
		}
		text = strings.ReplaceAll(text, "_", "")
	default:
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	return math.Trunc(number), err == nil
}

func (t *Tokens) checkIssuer(claims map[string]any) error {
	value, present := claims["iss"]
	if !present {
		return missingClaim("iss")
	}
	issuer, isString := value.(string)
	switch {
	case !isString:
		return tabpyError("Payload Issuer (iss) must be a string")
	case issuer != t.issuer:
		return tabpyError("Invalid issuer")
	}
	return nil
}

// checkAudience checks that the claim "aud", a string or a list of strings, contains the audience.
func (t *Tokens) checkAudience(claims map[string]any) error {
	if t.audience == "" {
		return nil
	}
	value := claims["aud"]
	if isFalsy(value) {
		return missingClaim("aud")
	}
	if text, ok := value.(string); ok {
		value = []any{text}
	}
	list, ok := value.([]any)
	if !ok || slices.ContainsFunc(list, notString) {
		return tabpyError("Invalid claim format in token")
	}
	if !slices.Contains(list, any(t.audience)) {
		return tabpyError("Audience doesn't match")
	}
	return nil
}

// isFalsy reports whether `not value` is true in Python.
func isFalsy(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case json.Number:
		number, err := v.Float64()
		return err == nil && number == 0
	}
	return false
}

func notString(value any) bool {
	_, isString := value.(string)
	return !isString
}

// checkStrings checks that the subject and the JWT ID are strings, if they are present. null is not
// one.
func checkStrings(claims map[string]any) error {
	if value, present := claims["sub"]; present && notString(value) {
		return tabpyError("Subject must be a string")
	}
	if value, present := claims["jti"]; present && notString(value) {
		return tabpyError("JWT ID must be a string")
	}
	return nil
}
