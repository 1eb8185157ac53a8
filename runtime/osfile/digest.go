package osfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// Digest returns the SHA-256 of content in lower-case hexadecimal.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// DigestReader returns the SHA-256 of everything that r yields, in lower-case hexadecimal.
func DigestReader(r io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// DigestFile returns the SHA-256 of the named file in lower-case hexadecimal.
func DigestFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	digest, err := DigestReader(f)
	return digest, errors.Join(err, f.Close())
}
