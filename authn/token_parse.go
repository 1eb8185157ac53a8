package authn

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parsedToken is a token split into its parts. Nothing in it can be trusted before verify succeeds.
type parsedToken struct {
	signed    string // the text that the signature covers: header and payload as received
	header    map[string]any
	payload   []byte
	signature []byte
}

// parseToken splits a token and checks its header, without a key. Errors have PyJWT's texts.
func parseToken(token string) (*parsedToken, error) {
	last := strings.LastIndexByte(token, '.')
	if last < 0 {
		return nil, tabpyError("Not enough segments")
	}
	signed := token[:last]
	header, payload, found := strings.Cut(signed, ".")
	if !found {
		return nil, tabpyError("Not enough segments")
	}
	t := &parsedToken{signed: signed}
	raw, err := decodeSegment(header, "header")
	if err != nil {
		return nil, err
	}
	if t.header, err = decodeObject(raw, "header"); err != nil {
		return nil, err
	}
	if t.payload, err = decodeSegment(payload, "payload"); err != nil {
		return nil, err
	}
	if t.signature, err = decodeSegment(token[last+1:], "crypto"); err != nil {
		return nil, err
	}
	return t, checkHeader(t.header)
}

// decodeSegment decodes base64url in its canonical form. Padding is allowed, since some issuers
// write it, but must be correct.
func decodeSegment(segment, name string) ([]byte, error) {
	text := segment
	if strings.HasSuffix(segment, "=") && len(segment)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(segment, "="), "=")
	}
	// The decoder skips line endings, so that one token would have many spellings.
	if strings.ContainsAny(text, "\r\n") {
		return nil, tabpyErrorf("Invalid %s padding", name)
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, tabpyErrorf("Invalid %s padding", name)
	}
	return data, nil
}

// decodeObject decodes a single JSON object, with numbers as json.Number. Invalid UTF-8 is refused,
// since the decoder would replace it.
func decodeObject(data []byte, name string) (map[string]any, error) {
	value, err := decodeJSON(data)
	if err != nil {
		//lint:ignore ST1005 PyJWT's text
		return nil, fmt.Errorf("Invalid %s string: %w", name, err)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, tabpyErrorf("Invalid %s string: must be a json object", name)
	}
	return object, nil
}

var errNotJSON = errors.New("not JSON")

func decodeJSON(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if !utf8.Valid(data) || decoder.Decode(&value) != nil {
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errNotJSON
	}
	return value, nil
}

// checkHeader refuses headers that change how a token must be interpreted. Members that name or
// contain a key (jku, jwk, x5u, x5c) are never used.
func checkHeader(header map[string]any) error {
	if kid, ok := header["kid"]; ok {
		if _, isString := kid.(string); !isString {
			return tabpyError("Key ID header parameter must be a string")
		}
	}
	// GAP: PyJWT supports the extension b64 (RFC 7797), but no token can use it with TabPy.
	if header["b64"] == false {
		return tabpyError("Payload segment must be empty when 'b64' is false.")
	}
	if crit, ok := header["crit"]; ok {
		return refuseExtensions(crit)
	}
	return nil
}

// refuseExtensions returns an error that names the first extension that a token declares critical
// (RFC 7515, section 4.1.11). No extension is supported.
func refuseExtensions(crit any) error {
	list, ok := crit.([]any)
	if !ok || len(list) == 0 {
		return tabpyError("Invalid 'crit' header: must be a non-empty list")
	}
	name, ok := list[0].(string)
	if !ok {
		return tabpyError("Invalid 'crit' header: values must be strings")
	}
	return tabpyErrorf("Unsupported critical extension: %s", quoteName(name))
}

// kid returns the name of the signer's key, or "" if the token has none.
func (t *parsedToken) kid() string {
	kid, _ := t.header["kid"].(string)
	return kid
}

// verify checks the algorithm and the signature, and returns the claims, which can be trusted from
// then on to be the signer's.
func (t *parsedToken) verify(key *verifyKey) (map[string]any, error) {
	alg, ok := t.header["alg"]
	if !ok {
		return nil, tabpyError("Algorithm not specified")
	}
	if alg != key.method.Alg() { // the key determines the algorithm, never the token
		return nil, tabpyError("The specified alg value is not allowed")
	}
	if key.method.Verify(t.signed, t.signature, key.public) != nil {
		return nil, tabpyError("Signature verification failed")
	}
	return decodeObject(t.payload, "payload")
}

// maxQuotedName limits, in bytes, how much of a name from an unauthenticated client is logged.
const maxQuotedName = 80

// quoteName quotes a name approximately as Python's repr does: in single quotes, with nothing in it
// that could end a line of the log.
func quoteName(name string) string {
	quoted := strconv.QuoteToASCII(truncate(name, maxQuotedName))
	inner := strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(inner, "'", `\'`) + "'"
}
