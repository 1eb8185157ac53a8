// Package certtest creates certificates for tests.
package certtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/rogpeppe/go-internal/testscript"
)

// Issued is a certificate with its private key.
type Issued struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// issue creates a certificate for key. If change is not nil, it is called with the template before
// the certificate is signed. If issuer is nil, the certificate is self-signed.
func issue(name string, issuer *Issued, change func(*x509.Certificate), key crypto.Signer) (*Issued, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	parent := &Issued{template, key}
	if issuer != nil {
		parent = issuer
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Cert, key.Public(), parent.Key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &Issued{cert, key}, err
}

func newKey() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // cannot happen: the system's random source does not fail
	}
	return key
}

// Issue creates a certificate with a new P-256 key; see issue.
func Issue(t testing.TB, name string, issuer *Issued, change func(*x509.Certificate)) *Issued {
	t.Helper()
	issued, err := issue(name, issuer, change, newKey())
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// IssueFor creates a self-signed certificate for key.
func IssueFor(t testing.TB, key crypto.Signer) *Issued {
	t.Helper()
	issued, err := issue("server", nil, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// Authority creates a certificate authority. If issuer is nil, it is a root.
func Authority(t testing.TB, name string, issuer *Issued) *Issued {
	t.Helper()
	return Issue(t, name, issuer, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	})
}

// ForHosts returns a function that adds hosts to the subject alternative names of a certificate.
func ForHosts(hosts ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, host := range hosts {
			if ip := net.ParseIP(host); ip != nil {
				c.IPAddresses = append(c.IPAddresses, ip)
			} else {
				c.DNSNames = append(c.DNSNames, host)
			}
		}
	}
}

// WeakRSA returns an RSA key of 1024 bits.
func WeakRSA(t testing.TB) crypto.Signer {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// PEM returns the PEM block of the given type with the given content.
func PEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// CertPEM returns the certificate in PEM format.
func (i *Issued) CertPEM() string { return PEM("CERTIFICATE", i.Cert.Raw) }

// KeyPEM returns the private key in PKCS 8 form and PEM format.
func (i *Issued) KeyPEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		panic(err) // cannot happen: tests use only RSA, ECDSA and Ed25519 keys
	}
	return PEM("PRIVATE KEY", der)
}

// ChainPEM returns the certificates of a chain in PEM format, in the given order.
func ChainPEM(chain ...*Issued) string {
	var b strings.Builder
	for _, issued := range chain {
		b.WriteString(issued.CertPEM())
	}
	return b.String()
}

// WriteFiles writes the certificate and key to a folder and returns the paths of the files.
func (i *Issued) WriteFiles(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	return WritePair(t, dir, i.CertPEM(), i.KeyPEM())
}

// MakeCertificate is a command for testscript that creates a self-signed certificate, NAME.crt, and
// its key, NAME.key. UNTIL is the duration from now until it expires, such as 24h or -24h.
//
//	certificate NAME UNTIL [HOST...]
func MakeCertificate(ts *testscript.TestScript, _ bool, args []string) {
	until, err := time.ParseDuration(args[1])
	ts.Check(err)
	issued, err := issue(args[0], nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(min(until, 0)-time.Hour), time.Now().Add(until)
		ForHosts(args[2:]...)(c)
	}, newKey())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), []byte(issued.CertPEM()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".key"), []byte(issued.KeyPEM()), 0o600))
}

// WritePair writes a certificate and a key, both in PEM format, to a folder and returns the paths
// of the files.
func WritePair(t testing.TB, dir, cert, key string) (certFile, keyFile string) {
	t.Helper()
	certFile, keyFile = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	testenv.WriteFile(t, certFile, cert)
	testenv.WriteFile(t, keyFile, key)
	return certFile, keyFile
}
