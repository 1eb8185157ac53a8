package doctor

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

func TestStrength(t *testing.T) {
	small, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := certtest.Authority(t, "root", nil).Cert
	sha1Root := *root
	sha1Root.SignatureAlgorithm = x509.SHA1WithRSA
	with := func(change func(*x509.Certificate)) []*x509.Certificate {
		leaf := *certtest.Issue(t, "leaf", nil, nil).Cert
		change(&leaf)
		return []*x509.Certificate{&leaf}
	}
	for name, c := range map[string]struct {
		chain []*x509.Certificate
		want  string
	}{
		"P-256":              {with(func(*x509.Certificate) {}), "ok strength: leaf: ECDSA P-256, signed with ECDSA-SHA256"},
		"RSA 1024":           {with(func(c *x509.Certificate) { c.PublicKey = certtest.WeakRSA(t).Public() }), "fail strength: leaf: RSA 1024"},
		"P-224":              {with(func(c *x509.Certificate) { c.PublicKey = small.Public() }), "fail strength: leaf: ECDSA P-224"},
		"Ed25519":            {with(func(c *x509.Certificate) { c.PublicKey = edPublic }), "warn strength: leaf: Ed25519"},
		"SHA-1":              {with(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }), "fail strength: leaf: ECDSA P-256, signed with SHA1-RSA"},
		"SHA-1 intermediate": {append(with(func(*x509.Certificate) {}), with(func(c *x509.Certificate) { c.SignatureAlgorithm, c.RawIssuer = x509.ECDSAWithSHA1, []byte{1} })...), "fail strength"},
	} {
		wantFindings(t, name, checkStrength(c.chain), c.want)
	}
	if got := checkStrength(append(with(func(*x509.Certificate) {}), &sha1Root)); len(got) != 1 || got[0].Severity != OK {
		t.Errorf("the signature of a root was not ignored: %s", format(got))
	}
}
