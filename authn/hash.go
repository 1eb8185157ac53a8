package authn

import (
	"bytes"
	"crypto/fips140"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// HashScheme determines how a password is hashed and how the hash is written.
//
// To add a scheme: add a constant here, a text to String, and a parser to parseHash that recognizes
// the scheme by its text. Add its derivation to check, its dummy to dummyHash, and its memory to
// cost.bytes. For new hashes of the scheme, extend NewHash and ParseScheme. Then add cases to
// TestParseHash and TestEqualWorkForAllAccounts.
type HashScheme int

const (
	// UnknownScheme stands for a text that follows no known scheme. TabPy accepts any text as a
	// hash, but no password matches it.
	UnknownScheme HashScheme = iota
	// TabPyScheme is 128 hexadecimal digits: PBKDF2-HMAC-SHA512 with 10 000 rounds, salted with the
	// name in lower case.
	TabPyScheme
	// PBKDF2Scheme is `$pbkdf2-sha512$i=ROUNDS$SALT$HASH` with a random salt (PHC string format;
	// salt and hash in base64 without padding).
	PBKDF2Scheme
	// Argon2Scheme is `$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH` with a random salt (RFC
	// 9106, PHC string format).
	Argon2Scheme
	// BcryptScheme is `$2y$COST$SALTHASH`, or with 2a or 2b in place of 2y, which are the same.
	// Files of Apache's htpasswd have it.
	BcryptScheme
)

func (s HashScheme) String() string {
	switch s {
	case TabPyScheme:
		return "TabPy's scheme, 10 000 rounds, salted with the name"
	case PBKDF2Scheme:
		return "PBKDF2-SHA512, random salt"
	case Argon2Scheme:
		return "argon2id, random salt"
	case BcryptScheme:
		return "bcrypt, random salt"
	}
	return "unknown scheme; this account cannot sign in"
}

// DefaultScheme returns the scheme of new hashes: argon2id, or PBKDF2 if the FIPS 140 mode of Go is
// on, because FIPS 140 does not approve argon2id.
func DefaultScheme() HashScheme {
	if fips140.Enabled() {
		return PBKDF2Scheme
	}
	return Argon2Scheme
}

// ParseScheme returns the scheme with the given name, argon2id or pbkdf2. These are the schemes of
// which NewHash makes hashes.
func ParseScheme(name string) (HashScheme, error) {
	switch name {
	case "argon2id":
		return Argon2Scheme, nil
	case "pbkdf2":
		return PBKDF2Scheme, nil
	}
	return UnknownScheme, fmt.Errorf("unknown scheme %s; choose argon2id, or pbkdf2 for hosts that must follow FIPS 140", quote(name))
}

const (
	saltSize    = 16 // bytes, of new hashes; other sizes are accepted within these limits:
	minSaltSize = 8
	maxSaltSize = 64
)

// cost holds the parameters of a hash that determine the work of checking a password against it.
type cost struct {
	scheme HashScheme
	rounds int    // iterations of PBKDF2, passes of argon2id, or the cost of bcrypt
	memory uint32 // KiB, of argon2id; otherwise 0
	lanes  uint8  // of argon2id; otherwise 0
}

// bytes returns the memory that a check needs, as far as it is worth counting.
func (c cost) bytes() int64 { return int64(c.memory) << 10 }

// hash is a parsed password hash.
type hash struct {
	cost
	salt, sum []byte // for bcrypt, in its own base64
}

// equal reports whether both hashes have the same parameters, salt and sum. It compares the sums in
// constant time.
func (h hash) equal(other hash) bool {
	return h.cost == other.cost && bytes.Equal(h.salt, other.salt) && subtle.ConstantTimeCompare(h.sum, other.sum) == 1
}

var errUnknownScheme = errors.New("the hash uses an unknown scheme")

// parseHash parses the text of a hash. The name is that of its account, in lower case. The error is
// errUnknownScheme if the text follows no known scheme. No error repeats the salt or the sum.
func parseHash(name, text string) (hash, error) {
	switch {
	case strings.HasPrefix(text, pbkdf2Prefix):
		return parsePBKDF2(strings.TrimPrefix(text, pbkdf2Prefix))
	case strings.HasPrefix(text, argon2Prefix):
		return parseArgon2(strings.TrimPrefix(text, argon2Prefix))
	case bcryptPrefix.MatchString(text):
		return parseBcrypt(text)
	}
	return parseTabPy(name, text)
}

// NewHash returns the text of a new hash of a password. The scheme is PBKDF2Scheme or Argon2Scheme.
// The error is that of FIPS 140, if it is enforced and forbids the scheme.
func NewHash(scheme HashScheme, password string) (string, error) {
	switch scheme {
	case Argon2Scheme:
		return newArgon2(password, newMemory, newPasses), nil
	case PBKDF2Scheme:
		return newPBKDF2(password, newRounds)
	}
	return "", fmt.Errorf("no new hash can be made with the scheme %q", scheme)
}

// newSalt returns a random salt.
func newSalt() []byte { return randomBytes(saltSize) }

func randomBytes(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails: without entropy it ends the process
	return b
}

// decodeSaltAndSum decodes the last two fields of a hash in PHC string format. It reports whether
// both are valid, with a sum of minSum to maxSum bytes.
func decodeSaltAndSum(saltText, sumText string, minSum, maxSum int) (salt, sum []byte, ok bool) {
	salt, err := base64.RawStdEncoding.Strict().DecodeString(saltText)
	sum, err2 := base64.RawStdEncoding.Strict().DecodeString(sumText)
	ok = err == nil && err2 == nil && len(salt) >= minSaltSize && len(salt) <= maxSaltSize && len(sum) >= minSum && len(sum) <= maxSum
	return salt, sum, ok
}

// matches reports whether the password has this hash. It always does the work of all costs, of
// which one is the hash's own, so that the time does not distinguish accounts. It fails only if
// FIPS 140 is enforced and forbids a scheme.
func (h hash) matches(password string, costs []cost) (bool, error) {
	ok, err := h.check(password)
	for _, c := range costs {
		if c != h.cost {
			_, err2 := dummyHash(c).check(password)
			err = errors.Join(err, err2)
		}
	}
	return ok && err == nil, err
}

// check reports whether the password has this hash. It compares in constant time.
func (h hash) check(password string) (bool, error) {
	switch h.scheme {
	case Argon2Scheme:
		return h.checkArgon2(password), nil
	case BcryptScheme:
		return h.checkBcrypt(password), nil
	}
	return h.checkPBKDF2(password)
}

// dummyHash returns a random hash that no password matches. Checking a password against it does the
// work of c.
func dummyHash(c cost) hash {
	switch c.scheme {
	case Argon2Scheme:
		return hash{c, newSalt(), randomBytes(argon2SumSize)}
	case BcryptScheme:
		return dummyBcrypt(c)
	}
	return hash{c, newSalt(), randomBytes(pbkdf2SumSize)}
}
