// Package certtest makes certificates for tests.
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

// Issued is a certificate with its key, made for a test.
type Issued struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// issue makes a certificate, which change may alter before it is signed. Without an issuer it is self-signed.
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
		panic(err) // there is entropy, or nothing works
	}
	return key
}

func Issue(t testing.TB, name string, issuer *Issued, change func(*x509.Certificate)) *Issued {
	t.Helper()
	made, err := issue(name, issuer, change, newKey())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func IssueFor(t testing.TB, key crypto.Signer) *Issued {
	t.Helper()
	made, err := issue("server", nil, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// Authority makes a certificate authority; without an issuer it is a root.
func Authority(t testing.TB, name string, issuer *Issued) *Issued {
	t.Helper()
	return Issue(t, name, issuer, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	})
}

// ForHosts gives the subject alternative names.
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

func WeakRSA(t testing.TB) crypto.Signer {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func PemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func (i *Issued) CertPEM() string { return PemText("CERTIFICATE", i.Cert.Raw) }

func (i *Issued) KeyPEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		panic(err) // the keys of these tests have that form
	}
	return PemText("PRIVATE KEY", der)
}

// ChainPEM is the text of a chain file.
func ChainPEM(chain ...*Issued) string {
	var b strings.Builder
	for _, link := range chain {
		b.WriteString(link.CertPEM())
	}
	return b.String()
}

// WriteFiles writes the two files into a folder and returns their paths.
func (i *Issued) WriteFiles(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	return WritePair(t, dir, i.CertPEM(), i.KeyPEM())
}

// MakeCertificate is the command of sessions that makes NAME.crt and NAME.key:
//
//	certificate NAME UNTIL [HOST...]    self-signed, valid until that duration from now, such as 24h or -24h
func MakeCertificate(ts *testscript.TestScript, _ bool, args []string) {
	until, err := time.ParseDuration(args[1])
	ts.Check(err)
	made, err := issue(args[0], nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(min(until, 0)-time.Hour), time.Now().Add(until)
		ForHosts(args[2:]...)(c)
	}, newKey())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), []byte(made.CertPEM()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".key"), []byte(made.KeyPEM()), 0o600))
}

// WritePair writes a certificate and a key, in PEM form, into a folder and returns their paths.
func WritePair(t testing.TB, dir, cert, key string) (certFile, keyFile string) {
	t.Helper()
	certFile, keyFile = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	testenv.WriteFile(t, certFile, cert)
	testenv.WriteFile(t, keyFile, key)
	return certFile, keyFile
}
