package authn

import (
	"crypto/rand"
	"math/big"
)

// Generated passwords consist of letters and digits that are not easily confused, and of
// punctuation, as TabPy's do. GAP: the colon is left out, since TabPy's server accepts no password
// with one.
const (
	passwordChars  = "abcdefghijkmnpqrstuvwxyzABCDEFGHIJKLMPQRSTUVWXYZ23456789!#$%&()*+,-./;<=>?@[\\]^_{|}~`"
	passwordLength = 16 // characters of 6.4 bits each
)

// GeneratePassword returns a new random password.
func GeneratePassword() string {
	password := make([]byte, passwordLength)
	limit := big.NewInt(int64(len(passwordChars)))
	for i := range password {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil {
			panic(err) // cannot happen: rand.Reader never fails
		}
		password[i] = passwordChars[n.Int64()]
	}
	return string(password)
}
