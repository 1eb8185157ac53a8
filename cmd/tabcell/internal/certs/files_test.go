package certs

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

func newFiles(certificate, key string) Files { return Files{certificate, key} }

func TestLoadAcceptsCommonFormats(t *testing.T) {
	root := certtest.Authority(t, "root", nil)
	intermediate := certtest.Authority(t, "intermediate", root)
	leaf := certtest.Issue(t, "leaf", intermediate, nil)
	sec1, err := x509.MarshalECPrivateKey(leaf.Key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	withRSA, withEd := certtest.IssueFor(t, rsaKey), certtest.IssueFor(t, edKey)
	for name, c := range map[string]struct {
		cert, key string
		length    int
	}{
		"PKCS 8":           {leaf.CertPEM(), leaf.KeyPEM(), 1},
		"PKCS 8, RSA":      {withRSA.CertPEM(), withRSA.KeyPEM(), 1},
		"PKCS 1":           {withRSA.CertPEM(), certtest.PEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), 1},
		"SEC 1":            {leaf.CertPEM(), certtest.PEM("EC PARAMETERS", []byte{6, 0}) + certtest.PEM("EC PRIVATE KEY", sec1), 1},
		"Ed25519":          {withEd.CertPEM(), withEd.KeyPEM(), 1},
		"chain":            {certtest.ChainPEM(leaf, intermediate, root), leaf.KeyPEM(), 3},
		"text around":      {"subject=x\n" + leaf.CertPEM() + "more\n", "Bag Attributes\n" + leaf.KeyPEM(), 1},
		"byte order mark":  {"\xef\xbb\xbf" + leaf.CertPEM(), "\xef\xbb\xbf" + leaf.KeyPEM(), 1},
		"Windows lines":    {strings.ReplaceAll(leaf.CertPEM(), "\n", "\r\n"), strings.ReplaceAll(leaf.KeyPEM(), "\n", "\r\n"), 1},
		"both in one file": {leaf.KeyPEM() + leaf.CertPEM(), leaf.CertPEM() + leaf.KeyPEM(), 1},
	} {
		pair, err := newFiles(certtest.WritePair(t, t.TempDir(), c.cert, c.key)).load(time.Now())
		if err != nil || len(pair.Certificate) != c.length {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func TestLoadRejectsUnusableFiles(t *testing.T) {
	leaf, other := certtest.Issue(t, "leaf", nil, nil), certtest.Issue(t, "other", nil, nil)
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := x509.MarshalPKCS8PrivateKey(exchange)
	if err != nil {
		t.Fatal(err)
	}
	protected := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}}))
	old := certtest.Issue(t, "old", nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2018, 8, 18, 0, 0, 0, 0, time.UTC), time.Date(2018, 8, 18, 19, 47, 18, 0, time.UTC)
	})
	future := certtest.Issue(t, "future", nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(3001, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	for name, c := range map[string]struct{ cert, key, want string }{
		"expired":                 {old.CertPEM(), old.KeyPEM(), "The certificate provided expired on 2018-08-18 19:47:18."},
		"not yet valid":           {future.CertPEM(), future.KeyPEM(), "The certificate provided is not valid until 2999-01-01 00:00:00."},
		"expired, key of another": {old.CertPEM(), leaf.KeyPEM(), "expired on"},
		"key of another":          {leaf.CertPEM(), other.KeyPEM(), "the key does not belong to the certificate"},
		"order":                   {certtest.ChainPEM(other, leaf), leaf.KeyPEM(), "the key belongs to certificate 2 in the file; the server's own certificate must be the first"},
		"swapped":                 {leaf.KeyPEM(), leaf.CertPEM(), "no certificate found: the file contains a PRIVATE KEY; are the certificate and key files swapped?"},
		"certificate twice":       {leaf.CertPEM(), leaf.CertPEM(), "no private key found: the file contains a CERTIFICATE"},
		"password, PKCS 8":        {leaf.CertPEM(), certtest.PEM("ENCRYPTED PRIVATE KEY", []byte("x")), "protected by a password"},
		"password, old form":      {leaf.CertPEM(), protected, "openssl pkey -in server.key -out plain.key"},
		"DER":                     {string(leaf.Cert.Raw), leaf.KeyPEM(), "openssl x509 -inform DER -in server.crt"},
		"DER key":                 {leaf.CertPEM(), "\x30\x81", "openssl pkey -inform DER -in server.key"},
		"empty":                   {"", leaf.KeyPEM(), "the file is not in PEM format"},
		"no key":                  {leaf.CertPEM(), "hello", "the file is not in PEM format"},
		"broken certificate":      {certtest.PEM("CERTIFICATE", []byte("x")), leaf.KeyPEM(), "server.crt: certificate 1: "},
		"broken key":              {leaf.CertPEM(), certtest.PEM("PRIVATE KEY", []byte("x")), "server.key: the key cannot be read: "},
		"kind of key":             {leaf.CertPEM(), certtest.PEM("DSA PRIVATE KEY", []byte("x")), "DSA PRIVATE KEY is not a kind of key that TLS uses"},
		"key that cannot sign":    {leaf.CertPEM(), certtest.PEM("PRIVATE KEY", x25519), "cannot sign"},
	} {
		files := newFiles(certtest.WritePair(t, t.TempDir(), c.cert, c.key))
		if _, err := files.load(time.Now()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	files := newFiles(certtest.WritePair(t, t.TempDir(), leaf.CertPEM(), leaf.KeyPEM()))
	for _, missing := range []Files{{files.Certificate + "x", files.Key}, {files.Certificate, files.Key + "x"}} {
		if _, err := missing.load(time.Now()); err == nil || !strings.Contains(err.Error(), "no such file") && !strings.Contains(err.Error(), "cannot find") {
			t.Errorf("missing file: got error %v", err)
		}
	}
	pfx := filepath.Join(t.TempDir(), "both.PFX")
	testenv.WriteFile(t, pfx, "\x30\x82")
	if _, err := ReadChain(pfx); err == nil || !strings.Contains(err.Error(), "openssl pkcs12 -in both.PFX") {
		t.Errorf("PKCS 12: got error %v", err)
	}
}
