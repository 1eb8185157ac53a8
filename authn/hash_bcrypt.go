package authn

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/bcrypt"
)

// maxBcryptCost is the limit of hashes in a file. A check takes seconds at this cost, and twice as
// long at each further one.
const maxBcryptCost = 16

var (
	// bcryptPrefix does not match $2x$, which is the scheme with an error of an old implementation.
	bcryptPrefix   = regexp.MustCompile(`^\$2[aby]\$`)
	bcryptSyntax   = regexp.MustCompile(`^\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$`)
	bcryptEncoding = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

	errBcryptSyntax = errors.New("the hash does not have the form of bcrypt: $2y$, two digits, $, and 53 letters, digits, dots and slashes")
)

// The sizes of the decoded parts of a bcrypt hash, in bytes.
const (
	bcryptSaltSize = 16
	bcryptSumSize  = 23
)

// parseBcrypt parses a hash of BcryptScheme.
func parseBcrypt(text string) (hash, error) {
	parts := bcryptSyntax.FindStringSubmatch(text)
	if parts == nil {
		return hash{}, errBcryptSyntax
	}
	rounds, _ := strconv.Atoi(parts[1]) // cannot fail: two digits
	if rounds < bcrypt.MinCost || rounds > maxBcryptCost {
		return hash{}, fmt.Errorf("the bcrypt hash has a cost of %d; the limits are %d and %d", rounds, bcrypt.MinCost, maxBcryptCost)
	}
	return hash{cost{scheme: BcryptScheme, rounds: rounds}, []byte(parts[2]), []byte(parts[3])}, nil
}

// checkBcrypt ignores all but the first 72 bytes of the password, as bcrypt does.
func (h hash) checkBcrypt(password string) bool {
	text := fmt.Appendf(nil, "$2b$%02d$%s%s", h.rounds, h.salt, h.sum)
	return bcrypt.CompareHashAndPassword(text, []byte(password)) == nil
}

func dummyBcrypt(c cost) hash {
	encode := func(size int) []byte { return bcryptEncoding.AppendEncode(nil, randomBytes(size)) }
	return hash{c, encode(bcryptSaltSize), encode(bcryptSumSize)}
}
