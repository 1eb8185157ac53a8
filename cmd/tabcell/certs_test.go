// Package certtest makes certificates for tests.
package main

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

// issued is a certificate with its key, made for a test.
type issued struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// issue makes a certificate, which change may alter before it is signed. Without an issuer it is self-signed.
func issue(name string, issuer *issued, change func(*x509.Certificate), key crypto.Signer) (*issued, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	parent := &issued{template, key}
	if issuer != nil {
		parent = issuer
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &issued{cert, key}, err
}

func newKey() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // there is entropy, or nothing works
	}
	return key
}

func mustIssue(t testing.TB, name string, issuer *issued, change func(*x509.Certificate)) *issued {
	t.Helper()
	made, err := issue(name, issuer, change, newKey())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func mustIssueFor(t testing.TB, key crypto.Signer) *issued {
	t.Helper()
	made, err := issue("server", nil, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// authority makes a certificate authority; without an issuer it is a root.
func authority(t testing.TB, name string, issuer *issued) *issued {
	t.Helper()
	return mustIssue(t, name, issuer, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	})
}

// forHosts gives the subject alternative names.
func forHosts(hosts ...string) func(*x509.Certificate) {
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

func weakRSA(t testing.TB) crypto.Signer {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func (i *issued) certPEM() string { return pemText("CERTIFICATE", i.cert.Raw) }

func (i *issued) keyPEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		panic(err) // the keys of these tests have that form
	}
	return pemText("PRIVATE KEY", der)
}

// chainPEM is the text of a chain file.
func chainPEM(chain ...*issued) string {
	var b strings.Builder
	for _, link := range chain {
		b.WriteString(link.certPEM())
	}
	return b.String()
}

// put writes the two files into a folder and returns their paths.
func (i *issued) put(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	return writePair(t, dir, i.certPEM(), i.keyPEM())
}

// makeCertificate is the command of sessions that makes NAME.crt and NAME.key:
//
//	certificate NAME UNTIL [HOST...]    self-signed, valid until that duration from now, such as 24h or -24h
func makeCertificate(ts *testscript.TestScript, _ bool, args []string) {
	until, err := time.ParseDuration(args[1])
	ts.Check(err)
	made, err := issue(args[0], nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(min(until, 0)-time.Hour), time.Now().Add(until)
		forHosts(args[2:]...)(c)
	}, newKey())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), []byte(made.certPEM()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".key"), []byte(made.keyPEM()), 0o600))
}

// writePair writes a certificate and a key, in PEM form, into a folder and returns their paths.
func writePair(t testing.TB, dir, cert, key string) (certFile, keyFile string) {
	t.Helper()
	certFile, keyFile = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	testenv.WriteFile(t, certFile, cert)
	testenv.WriteFile(t, keyFile, key)
	return certFile, keyFile
}
