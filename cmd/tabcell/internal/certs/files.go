package certs

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Files has the paths of the certificate and private key, both in PEM format. They may be the same
// file.
type Files struct{ Certificate, Key string }

// load reads the certificate chain and the key, and checks that they belong together and that the
// certificate is valid at the given time.
func (f Files) load(now time.Time) (*tls.Certificate, error) {
	chain, err := ReadChain(f.Certificate)
	if err != nil {
		return nil, err
	}
	if err := checkValidity(chain[0], now); err != nil {
		return nil, err
	}
	key, err := ReadKey(f.Key)
	if err != nil {
		return nil, err
	}
	if err := CheckMatch(chain, key); err != nil {
		return nil, err
	}
	pair := &tls.Certificate{PrivateKey: key, Leaf: chain[0]}
	for _, cert := range chain {
		pair.Certificate = append(pair.Certificate, cert.Raw)
	}
	return pair, nil
}

// ReadChain reads the certificates in a file, of which the first is the server's own. It returns an
// error if there is none.
func ReadChain(file string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for block := range pemBlocks(text) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: certificate %d: %w", file, len(chain)+1, err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("%s: no certificate found: %s", file, describeFormat(text, file, "openssl x509 -inform DER"))
	}
	return chain, nil
}

// ReadKey reads the private key in a file, in PKCS 8, PKCS 1 (RSA) or SEC 1 (elliptic curves) form.
//
// GAP: TabPy asks on the terminal for the password of a protected key.
func ReadKey(file string) (crypto.Signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for block := range pemBlocks(text) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return nil, fmt.Errorf("%s: the key is protected by a password, which the server cannot ask for; write it without a password (openssl pkey -in %s "+
				"-out plain.key) to a file that only this user can read", file, filepath.Base(file))
		}
		key, err := parseKey(block)
		if err != nil {
			return nil, fmt.Errorf("%s: the key cannot be read: %w", file, err)
		}
		return key, nil
	}
	return nil, fmt.Errorf("%s: no private key found: %s", file, describeFormat(text, file, "openssl pkey -inform DER"))
}

// parseKey parses a private key that is not protected by a password.
func parseKey(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		err = fmt.Errorf("%s is not a kind of key that TLS uses", block.Type)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", key)
	}
	return signer, nil
}

// pemBlocks yields the PEM blocks in text. It skips a byte order mark, which editors on Windows
// insert.
func pemBlocks(text []byte) func(yield func(*pem.Block) bool) {
	return func(yield func(*pem.Block) bool) {
		rest := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		for {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil || !yield(block) {
				return
			}
		}
	}
}

// describeFormat returns the format of a file that lacks the expected PEM block, and advice.
// convert is the openssl command that converts the expected object from DER.
func describeFormat(text []byte, file, convert string) string {
	ext := strings.ToLower(filepath.Ext(file))
	switch {
	case ext == ".pfx" || ext == ".p12":
		return "the file is in PKCS 12 format; unpack it with: openssl pkcs12 -in " + filepath.Base(file) + " -nodes -out both.pem"
	case len(text) > 0 && text[0] == 0x30: // a DER sequence
		return "the file is in binary form (DER); convert it with: " + convert + " -in " + filepath.Base(file) + " -out converted.pem"
	}
	for block := range pemBlocks(text) {
		return fmt.Sprintf("the file contains a %s; are the certificate and key files swapped?", block.Type)
	}
	return "the file is not in PEM format, which begins with -----BEGIN"
}

// TimeFormat is the layout in which Python prints times.
const TimeFormat = "2006-01-02 15:04:05"

// checkValidity returns an error with TabPy's text if a certificate is not valid at the given time.
func checkValidity(cert *x509.Certificate, now time.Time) error {
	switch {
	case now.Before(cert.NotBefore):
		//lint:ignore ST1005 TabPy's text
		return fmt.Errorf("The certificate provided is not valid until %s.", cert.NotBefore.UTC().Format(TimeFormat))
	case now.After(cert.NotAfter):
		//lint:ignore ST1005 TabPy's text
		return fmt.Errorf("The certificate provided expired on %s.", cert.NotAfter.UTC().Format(TimeFormat))
	}
	return nil
}

// ErrMismatch means that the key belongs to none of the certificates.
var ErrMismatch = errors.New("the key does not belong to the certificate: " +
	"they come from different certificate requests, or only one of them was renewed")

// CheckMatch returns an error if the key does not belong to the first certificate of the chain.
func CheckMatch(chain []*x509.Certificate, key crypto.Signer) error {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return fmt.Errorf("keys of type %T cannot be used", key)
	}
	for i, cert := range chain {
		if !public.Equal(cert.PublicKey) {
			continue
		}
		if i > 0 {
			return fmt.Errorf("the key belongs to certificate %d in the file; the server's own certificate must be the first", i+1)
		}
		return nil
	}
	return ErrMismatch
}
