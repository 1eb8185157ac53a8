package authn

import (
	"crypto/pbkdf2"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

const (
	tabpyRounds = 10_000
	newRounds   = 220_000 // of new hashes. GAP: TabPy uses 10 000; OWASP's Password Storage Cheat Sheet asks for 210 000
	maxRounds   = 5_000_000

	// pbkdf2SumSize is in bytes; a longer sum would cost the server more, but not an attacker.
	pbkdf2SumSize = sha512.Size

	pbkdf2Prefix = "$pbkdf2-sha512$i="
)

var errPBKDF2Syntax = fmt.Errorf("the hash does not have the form %sROUNDS$SALT$HASH with at most %d rounds", pbkdf2Prefix, maxRounds)

// parseTabPy parses a hash of TabPyScheme.
func parseTabPy(name, text string) (hash, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != pbkdf2SumSize {
		return hash{}, errUnknownScheme
	}
	return hash{cost{scheme: TabPyScheme, rounds: tabpyRounds}, tabpySalt(name), sum}, nil
}

// tabpySalt returns TabPy's salt. It is not secret: it is derived from the name.
func tabpySalt(name string) []byte { return []byte("_$salt@tabpy:" + name + "$_") }

// parsePBKDF2 parses a hash of PBKDF2Scheme after its prefix.
func parsePBKDF2(text string) (hash, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 3 {
		return hash{}, errPBKDF2Syntax
	}
	rounds, err := strconv.Atoi(fields[0])
	salt, sum, ok := decodeSaltAndSum(fields[1], fields[2], pbkdf2SumSize, pbkdf2SumSize)
	if err != nil || !ok || rounds < 1 || rounds > maxRounds {
		return hash{}, errPBKDF2Syntax
	}
	return hash{cost{scheme: PBKDF2Scheme, rounds: rounds}, salt, sum}, nil
}

func newPBKDF2(password string, rounds int) (string, error) {
	salt := newSalt()
	sum, err := derivePBKDF2(password, salt, rounds)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%s%d$%s$%s", pbkdf2Prefix, rounds, b64(salt), b64(sum)), nil
}

func (h hash) checkPBKDF2(password string) (bool, error) {
	sum, err := derivePBKDF2(password, h.salt, h.rounds)
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1, err
}

// derivePBKDF2 computes PBKDF2-HMAC-SHA512 (RFC 8018). It fails only if FIPS 140 is enforced and
// forbids the parameters.
func derivePBKDF2(password string, salt []byte, rounds int) ([]byte, error) {
	return pbkdf2.Key(sha512.New, password, salt, rounds, pbkdf2SumSize)
}
