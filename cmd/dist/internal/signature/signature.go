// Package signature signs files with a minisign key. Anybody can verify them with the program
// minisign and the public key; "tabcell release verify" does it for a whole release.
package signature

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"aead.dev/minisign"
)

// Extension is added to the name of a file for that of its signature.
const Extension = ".minisig"

// Key is a private key.
type Key struct{ key minisign.PrivateKey }

// ReadKey reads a file that "minisign -G" has written. It calls password if the key is encrypted.
func ReadKey(file string, password func() (string, error)) (Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Key{}, err
	}
	var k Key
	if !minisign.IsEncrypted(text) {
		err = k.key.UnmarshalText(text)
		return k, named(file, err)
	}
	secret, err := password()
	if err != nil {
		return k, fmt.Errorf("%s is encrypted: %w", file, err)
	}
	if k.key, err = minisign.DecryptKey(secret, text); err != nil {
		err = fmt.Errorf("the key cannot be decrypted, is the password correct? %w", err)
	}
	return k, named(file, err)
}

func named(file string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return err
}

// Sign writes the signature of a file into a second file beside it. The trusted comment, which is
// signed too, says which release and which file it is: an old release cannot pass for a new one,
// nor one file for another.
func (k Key) Sign(file, release string) error {
	content, err := os.Open(file)
	if err != nil {
		return err
	}
	defer content.Close()
	r := minisign.NewReader(content)
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	comment := fmt.Sprintf("%s file:%s", release, filepath.Base(file))
	text := r.SignWithComments(k.key, comment, fmt.Sprintf("signature by the minisign key %016X", k.key.ID()))
	return os.WriteFile(file+Extension, append(bytes.TrimRight(text, "\n"), '\n'), 0o644)
}

// Public returns the public key as the base64 text that minisign -P and "tabcell release verify"
// accept.
func (k Key) Public() string {
	public, ok := k.key.Public().(minisign.PublicKey)
	if !ok {
		panic(errors.New("the public key of a minisign key has another type"))
	}
	return public.String()
}
