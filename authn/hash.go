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

// Form is how the text of a hash is written.
type Form int

const (
	// Unusable is a text of neither form. TabPy takes any text for a hash; nobody can sign in by this one.
	Unusable Form = iota
	// TabPyForm is 128 hexadecimal digits: PBKDF2-HMAC-SHA512 with 10 000 rounds, salted by the name in lower case.
	TabPyForm
	// SaltedForm is `$pbkdf2-sha512$i=ROUNDS$SALT$HASH` (PHC string format; salt and hash in base64 without padding), salted at random.
	SaltedForm
)

func (f Form) String() string {
	switch f {
	case TabPyForm:
		return "TabPy's form, 10 000 rounds, salted by the name"
	case SaltedForm:
		return "salted at random"
	}
	return "of no known form: nobody can sign in by it"
}

const (
	tabpyRounds = 10_000
	newRounds   = 220_000 // of passwords set here. GAP: TabPy has 10 000; OWASP's Password Storage Cheat Sheet asks for 210 000
	maxRounds   = 5_000_000
	hashSize    = sha512.Size // bytes; more would cost the server more and an attacker not
	saltSize    = 16          // bytes, of new hashes
	minSaltSize = 8
	maxSaltSize = 64

	saltedSchemePrefix = "$pbkdf2-sha512$i="
)

// hash is a password's hash, ready to be compared with.
type hash struct {
	form   Form
	salt   []byte
	rounds int
	sum    []byte // hashSize bytes
}

var (
	errUnknownScheme = errors.New("the hash is of no known form")
	errSaltedSyntax  = fmt.Errorf("the hash is not of the form %sROUNDS$SALT$HASH with at most %d rounds", saltedSchemePrefix, maxRounds)
)

// parseHash reads the text of a hash; name is its account's, in lower case.
func parseHash(name, text string) (hash, error) {
	if rest, ok := strings.CutPrefix(text, saltedSchemePrefix); ok {
		return parseSalted(rest)
	}
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != hashSize {
		return hash{}, errUnknownScheme
	}
	return hash{TabPyForm, tabpySalt(name), tabpyRounds, sum}, nil
}

func parseSalted(text string) (hash, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 3 {
		return hash{}, errSaltedSyntax
	}
	rounds, err := strconv.Atoi(fields[0])
	salt, err2 := base64.RawStdEncoding.Strict().DecodeString(fields[1])
	sum, err3 := base64.RawStdEncoding.Strict().DecodeString(fields[2])
	bad := errors.Join(err, err2, err3) != nil
	if bad || rounds < 1 || rounds > maxRounds || len(salt) < minSaltSize || len(salt) > maxSaltSize || len(sum) != hashSize {
		return hash{}, errSaltedSyntax
	}
	return hash{SaltedForm, salt, rounds, sum}, nil
}

// tabpySalt is TabPy's salt: known to everybody who knows the name.
func tabpySalt(name string) []byte { return []byte("_$salt@tabpy:" + name + "$_") }

// NewHash is the text of a new hash of a password: the salted form with 220 000 rounds.
func NewHash(password string) (string, error) { return newHash(password, newRounds) }

func newHash(password string, rounds int) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // cannot fail: it ends the process when there is no entropy
	sum, err := derive(password, salt, rounds)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%s%d$%s$%s", saltedSchemePrefix, rounds, b64(salt), b64(sum)), nil
}

// derive is PBKDF2-HMAC-SHA512 (RFC 8018). It fails only where FIPS 140 is enforced and forbids the parameters.
func derive(password string, salt []byte, rounds int) ([]byte, error) {
	return pbkdf2.Key(sha512.New, password, salt, rounds, hashSize)
}

// filler is the salt of work that is done for its time only.
var paddingSalt = []byte("_$work for nothing$_")

// matches compares a password with the hash, in total+1 rounds whatever its form and its own rounds, which total is not less than: the time does
// not tell one account from another.
func (h hash) matches(password string, totalRounds int) (bool, error) {
	sum, err := derive(password, h.salt, h.rounds)
	_, err2 := derive(password, paddingSalt, h.paddingRounds(totalRounds))
	if err = errors.Join(err, err2); err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, h.sum) == 1, nil
}

// idle are the rounds to do for nothing, at least one: two derivations take longer than one of as many rounds.
func (h hash) paddingRounds(totalRounds int) int { return totalRounds - h.rounds + 1 }

// nobody is a hash that no password has, for accounts that do not exist or cannot be used.
func dummyHash(rounds int) hash {
	h := hash{Unusable, make([]byte, saltSize), rounds, make([]byte, hashSize)}
	_, _ = rand.Read(h.salt)
	_, _ = rand.Read(h.sum)
	return h
}
