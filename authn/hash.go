package authn

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// HashScheme determines how a password is hashed and how the hash is written.
//
// To add a scheme: add a constant here, a text to String, and a parser to parseHash that recognizes
// the scheme by its text. Extend matches so that every scheme takes the same time: if the scheme
// does not use PBKDF2-HMAC-SHA512, rounds are no longer a common measure of the work, neither in
// matches nor in newAccounts. For new hashes of the scheme, change newHash. Then add cases to
// TestParseHash and TestEqualWorkForAllAccounts.
type HashScheme int

const (
	// UnknownScheme stands for a text that follows neither scheme. TabPy accepts any text as a hash,
	// but no password matches it.
	UnknownScheme HashScheme = iota
	// TabPyScheme is 128 hexadecimal digits: PBKDF2-HMAC-SHA512 with 10 000 rounds, salted with the
	// name in lower case.
	TabPyScheme
	// PBKDF2Scheme is `$pbkdf2-sha512$i=ROUNDS$SALT$HASH` with a random salt (PHC string format; salt
	// and hash in base64 without padding).
	PBKDF2Scheme
)

func (s HashScheme) String() string {
	switch s {
	case TabPyScheme:
		return "TabPy's scheme, 10 000 rounds, salted with the name"
	case PBKDF2Scheme:
		return "random salt"
	}
	return "unknown scheme; this account cannot sign in"
}

const (
	tabpyRounds = 10_000
	newRounds   = 220_000 // of new hashes. GAP: TabPy uses 10 000; OWASP's Password Storage Cheat Sheet asks for 210 000
	maxRounds   = 5_000_000
	hashSize    = sha512.Size // bytes; a longer hash would cost the server more, but not an attacker
	saltSize    = 16          // bytes, of new hashes; other sizes are accepted within these limits:
	minSaltSize = 8
	maxSaltSize = 64

	pbkdf2Prefix = "$pbkdf2-sha512$i="
)

// hash is a parsed password hash.
type hash struct {
	scheme HashScheme
	salt   []byte
	rounds int
	sum    []byte // hashSize bytes
}

var (
	errUnknownScheme = errors.New("the hash uses an unknown scheme")
	errPBKDF2Syntax  = fmt.Errorf("the hash does not have the form %sROUNDS$SALT$HASH with at most %d rounds", pbkdf2Prefix, maxRounds)
)

// parseHash parses the text of a hash. The name is that of its account, in lower case.
func parseHash(name, text string) (hash, error) {
	if rest, ok := strings.CutPrefix(text, pbkdf2Prefix); ok {
		return parsePBKDF2(rest)
	}
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != hashSize {
		return hash{}, errUnknownScheme
	}
	return hash{TabPyScheme, tabpySalt(name), tabpyRounds, sum}, nil
}

func parsePBKDF2(text string) (hash, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 3 {
		return hash{}, errPBKDF2Syntax
	}
	rounds, err := strconv.Atoi(fields[0])
	salt, err2 := base64.RawStdEncoding.Strict().DecodeString(fields[1])
	sum, err3 := base64.RawStdEncoding.Strict().DecodeString(fields[2])
	bad := errors.Join(err, err2, err3) != nil
	if bad || rounds < 1 || rounds > maxRounds || len(salt) < minSaltSize || len(salt) > maxSaltSize || len(sum) != hashSize {
		return hash{}, errPBKDF2Syntax
	}
	return hash{PBKDF2Scheme, salt, rounds, sum}, nil
}

// tabpySalt returns TabPy's salt. It is not secret: it is derived from the name.
func tabpySalt(name string) []byte { return []byte("_$salt@tabpy:" + name + "$_") }

// NewHash returns the text of a new hash of a password: the salted scheme with 220 000 rounds.
func NewHash(password string) (string, error) { return newHash(password, newRounds) }

func newHash(password string, rounds int) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: without entropy it ends the process
	sum, err := derive(password, salt, rounds)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%s%d$%s$%s", pbkdf2Prefix, rounds, b64(salt), b64(sum)), nil
}

// derive computes PBKDF2-HMAC-SHA512 (RFC 8018). It fails only if FIPS 140 is enforced and forbids
// the parameters.
func derive(password string, salt []byte, rounds int) ([]byte, error) {
	return pbkdf2.Key(sha512.New, password, salt, rounds, hashSize)
}

// paddingSalt is the salt of derivations whose result is discarded.
var paddingSalt = []byte("_$padding$_")

// matches reports whether the password has this hash. It always computes totalRounds+1 rounds, for
// any scheme and number of rounds of the hash, so that the time does not distinguish accounts.
// totalRounds must not be less than h.rounds.
func (h hash) matches(password string, totalRounds int) (bool, error) {
	sum, err := derive(password, h.salt, h.rounds)
	_, err2 := derive(password, paddingSalt, h.paddingRounds(totalRounds))
	if err = errors.Join(err, err2); err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, h.sum) == 1, nil
}

// paddingRounds returns the number of rounds to compute and discard. It is at least one, so that
// there are always two derivations: two take longer than one of as many rounds.
func (h hash) paddingRounds(totalRounds int) int { return totalRounds - h.rounds + 1 }

// dummyHash returns a random hash that no password matches, for accounts that do not exist or
// cannot sign in.
func dummyHash(rounds int) hash {
	h := hash{UnknownScheme, make([]byte, saltSize), rounds, make([]byte, hashSize)}
	_, _ = rand.Read(h.salt)
	_, _ = rand.Read(h.sum)
	return h
}
