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

// Files are the two files that TLS needs, in PEM form. They may be one file.
type Files struct{ Certificate, Key string }

// load reads both, checks what makes them usable, and returns them as the server presents them.
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

// ReadChain reads the certificates of a file, at least one; the server's own is the first.
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
		return nil, fmt.Errorf("%s: there is no certificate in it: %s", file, insteadOf(text, file, "openssl x509 -inform DER"))
	}
	return chain, nil
}

// ReadKey reads the private key of a file: PKCS 8, PKCS 1 (RSA), or SEC 1 (elliptic curves).
//
// GAP: for a key with a password TabPy asks on the terminal.
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
			return nil, fmt.Errorf("%s: the key is protected by a password, and nobody is there to enter it: write it without one (openssl pkey -in %s -out "+
				"plain.key) into a file that only this user can read", file, filepath.Base(file))
		}
		key, err := parseKey(block)
		if err != nil {
			return nil, fmt.Errorf("%s: the key cannot be read: %w", file, err)
		}
		return key, nil
	}
	return nil, fmt.Errorf("%s: there is no private key in it: %s", file, insteadOf(text, file, "openssl pkey -inform DER"))
}

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
		err = fmt.Errorf("%s is a kind that TLS does not use", block.Type)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%T cannot sign", key)
	}
	return signer, nil
}

// pemBlocks yields the blocks of a text, also of one that an editor on Windows began with a byte order mark.
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

// insteadOf says what a file is that does not hold what it should, and what to do.
func insteadOf(text []byte, file, convert string) string {
	ext := strings.ToLower(filepath.Ext(file))
	switch {
	case ext == ".pfx" || ext == ".p12":
		return "it is a PKCS 12 file; unpack it with: openssl pkcs12 -in " + filepath.Base(file) + " -nodes -out both.pem"
	case len(text) > 0 && text[0] == 0x30: // a DER sequence
		return "it is in binary form (DER); convert it with: " + convert + " -in " + filepath.Base(file) + " -out converted.pem"
	}
	for block := range pemBlocks(text) {
		return fmt.Sprintf("it holds a %s; are the two files mistaken for each other?", block.Type)
	}
	return "it is not a PEM file, which begins with -----BEGIN"
}

// TimeFormat is a time as Python prints it.
const TimeFormat = "2006-01-02 15:04:05"

// checkValidity says, in TabPy's words, that a certificate is not valid now.
func checkValidity(cert *x509.Certificate, now time.Time) error {
	switch {
	case now.Before(cert.NotBefore):
		return fmt.Errorf("The certificate provided is not valid until %s.", cert.NotBefore.UTC().Format(TimeFormat)) //nolint:staticcheck // TabPy's sentence
	case now.After(cert.NotAfter):
		return fmt.Errorf("The certificate provided expired on %s.", cert.NotAfter.UTC().Format(TimeFormat)) //nolint:staticcheck // TabPy's sentence
	}
	return nil
}

var ErrMismatch = errors.New("the key does not belong to the certificate: they come from different requests, or one of the two was renewed alone")

// CheckMatch tells whether the key is that of the first certificate.
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
			return fmt.Errorf("the key belongs to certificate %d in the file: the server's own must be the first", i+1)
		}
		return nil
	}
	return ErrMismatch
}
