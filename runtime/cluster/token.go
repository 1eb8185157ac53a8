package cluster

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"tabcell/runtime/osfile"
)

// TokenOptions configures a join token. Zero fields have the defaults.
type TokenOptions struct {
	TTL   time.Duration // default an hour, at most a year
	Uses  int           // number of nodes that may join; default 1
	Voter bool          // the nodes may become voters
}

const (
	tokenPrefix   = "tabcell1."
	secretBytes   = 24
	sumBytes      = 32
	defaultTTL    = time.Hour
	maxTTL        = 365 * 24 * time.Hour
	maxTokenBytes = 200
)

// withDefaults returns the options to use, or an error for those out of range.
func (o TokenOptions) withDefaults() (TokenOptions, error) {
	if o.TTL == 0 {
		o.TTL = defaultTTL
	}
	if o.Uses == 0 {
		o.Uses = 1
	}
	switch {
	case o.TTL < time.Second || o.TTL > maxTTL:
		return o, fmt.Errorf("%w: a join token can be valid for a second to a year, not %s", ErrRefused, o.TTL)
	case o.Uses < 1 || o.Uses > maxTokenUses:
		return o, fmt.Errorf("%w: a join token can be used 1 to %d times, not %d", ErrRefused, maxTokenUses, o.Uses)
	}
	return o, nil
}

// newSecret returns a random secret.
func newSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// secretDigest returns the digest by which the machine knows a secret. A secret has 192 random bits,
// so that a lookup by its digest needs no constant time.
func secretDigest(secret string) string { return osfile.Digest([]byte(secret)) }

// formatToken returns the text of a token: the secret, and the fingerprint of the authority by which
// the joining node recognizes the cluster.
func formatToken(secret, fingerprint string) (string, error) {
	sum, err := hex.DecodeString(fingerprint)
	if err != nil {
		return "", err
	}
	return tokenPrefix + secret + "." + base64.RawURLEncoding.EncodeToString(sum), nil
}

// parseToken returns the parts of a token. Its error is ErrToken, without the text of the token.
func parseToken(text string) (secret, fingerprint string, err error) {
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	secret, sum, found := strings.Cut(rest, ".")
	raw, errSum := base64.RawURLEncoding.DecodeString(sum)
	rawSecret, errSecret := base64.RawURLEncoding.DecodeString(secret)
	if len(text) > maxTokenBytes || !ok || !found || errSum != nil || errSecret != nil || len(raw) != sumBytes || len(rawSecret) != secretBytes {
		return "", "", fmt.Errorf("%w: its form is wrong; it begins with %q", ErrToken, tokenPrefix)
	}
	return secret, hex.EncodeToString(raw), nil
}
