package authn

import (
	"crypto/rand"
	"math/big"
)

// generated is what generated passwords are made of: letters and digits that are not taken for one another, and punctuation, as TabPy's are.
// GAP: no colon, since TabPy's server takes no password that holds one.
const (
	passwordChars  = "abcdefghijkmnpqrstuvwxyzABCDEFGHIJKLMPQRSTUVWXYZ23456789!#$%&()*+,-./;<=>?@[\\]^_{|}~`"
	passwordLength = 16 // characters of 6.4 bits
)

// GeneratePassword is a new random password.
func GeneratePassword() string {
	password := make([]byte, passwordLength)
	limit := big.NewInt(int64(len(passwordChars)))
	for i := range password {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil {
			panic(err) // there is always entropy
		}
		password[i] = passwordChars[n.Int64()]
	}
	return string(password)
}
