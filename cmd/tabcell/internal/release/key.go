package release

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"aead.dev/minisign"
)

// Key is a public key.
type Key struct{ public minisign.PublicKey }

// ParseKey returns the key that text is, in base64, or that is in the file of that name.
func ParseKey(text string) (k Key, err error) {
	if k.public.UnmarshalText([]byte(text)) == nil {
		return k, nil
	}
	content, err := os.ReadFile(text)
	if errors.Is(err, fs.ErrNotExist) {
		return k, fmt.Errorf("%q is neither a public key of minisign nor a file with one", text)
	}
	if err == nil {
		err = k.public.UnmarshalText(content)
	}
	if err != nil {
		err = fmt.Errorf("the public key in %s: %w", text, err)
	}
	return k, err
}

// ID returns the ID of the key as minisign writes it.
func (k Key) ID() string { return fmt.Sprintf("%016X", k.public.ID()) }

// refusal returns the reason why a signature is not valid.
func (k Key) refusal(signature []byte) error {
	var s minisign.Signature
	switch err := s.UnmarshalText(signature); {
	case err != nil:
		return errors.New("it is not a signature of minisign")
	case s.KeyID != k.public.ID():
		return fmt.Errorf("it was made with the key %016X, not with %s", s.KeyID, k.ID())
	}
	return errors.New("the file was changed after it was signed, or the key is another one of the same ID")
}
