package authn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// withSubject issues a certificate with a subject.
func withSubject(t *testing.T, subject pkix.Name) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestAccountOfCertificate(t *testing.T) {
	commonName := asn1.ObjectIdentifier{2, 5, 4, 3}
	twice := []pkix.AttributeTypeAndValue{{Type: commonName, Value: "admin"}, {Type: commonName, Value: "ann"}}
	ann := withSubject(t, pkix.Name{CommonName: "ann"})
	full := withSubject(t, pkix.Name{CommonName: "Tableau Server", Organization: []string{`Example, "Inc"`}, Country: []string{"US"}})
	both := withSubject(t, pkix.Name{ExtraNames: twice})
	none := withSubject(t, pkix.Name{Organization: []string{"Example"}})
	known := ByCommonName(func(name string) bool { return foldName(name) == "ann" })
	mapped, err := ParseClientCerts([]byte("# x\n\n" + joinFields(`CN=Tableau Server,O=Example\, \"Inc\",C=US`, "tableau") + "\r\nCN=bob,O=x b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		certs *ClientCerts
		cert  *x509.Certificate
		want  string
	}{
		{"any", ByCommonName(nil), ann, "ann"},
		{"an account", known, ann, "ann"},
		{"no account", known, withSubject(t, pkix.Name{CommonName: "eve"}), ""},
		{"a name with a space", ByCommonName(nil), full, ""},
		{"two names", ByCommonName(nil), both, ""},
		{"no name", ByCommonName(nil), none, ""},
		{"in the map", mapped, full, "tableau"},
		{"not in the map", mapped, ann, ""},
	} {
		got, err := c.certs.Account(c.cert)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, error %v; want %q", c.name, got, err, c.want)
		}
	}
	_, err = known.Account(none)
	if certificate, ok := errors.AsType[*CertificateError](err); !ok || certificate.Error() != `The subject of the client certificate, "O=Example", has no account.` {
		t.Errorf("error %v", err)
	}
}

// TestSubjectsOfMap checks that the subject that an error shows works in the file.
func TestSubjectsOfMap(t *testing.T) {
	email := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "ann@example.com"}
	for want, name := range map[string]pkix.Name{
		"CN=ann":                                 {CommonName: "ann"},
		"CN=Tableau Server,OU=BI,O=Example,C=US": {CommonName: "Tableau Server", OrganizationalUnit: []string{"BI"}, Organization: []string{"Example"}, Country: []string{"US"}},
		`CN=a\,b\"c\\d\+e`:                       {CommonName: `a,b"c\d+e`},
		"CN=Émile":                               {CommonName: "Émile"},
		"CN=ann,1.2.840.113549.1.9.1=#130f616e6e406578616d706c652e636f6d": {CommonName: "ann", ExtraNames: []pkix.AttributeTypeAndValue{email}},
	} {
		cert := withSubject(t, name)
		subject, _ := parseSubject(cert)
		if subject != want && !strings.Contains(want, "#") {
			t.Errorf("%s: want %s", subject, want)
		}
		c, err := ParseClientCerts([]byte(joinFields(subject, "x") + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Account(cert); got != "x" || err != nil {
			t.Errorf("%s: %q, %v", subject, got, err)
		}
	}
}

func TestClientCertErrors(t *testing.T) {
	for text, want := range map[string]string{
		"CN=a\n":           "line 1: a subject and an account are expected",
		"\nCN=a  b\n":      "line 2: a subject and an account are expected",
		"CN=a b c\n":       "line 1: a subject and an account are expected",
		"\"CN=a b\n":       "line 1: a quote is not closed",
		"CN=a b\nCN=a c\n": `line 2: the subject "CN=a" is already in an earlier line`,
		"CN=a x:y\n":       "line 1: invalid user name",
		"CN=a \"\"\n":      "line 1: the user name is empty",
		"CN=\xff b\n":      "line 1: it is not UTF-8 text",
	} {
		if _, err := ParseClientCerts([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzParseClientCerts checks that no line makes an account that could not be created.
func FuzzParseClientCerts(f *testing.F) {
	for _, seed := range []string{"", "# x\nCN=a b\n", "\"CN=a b,C=US\" c\r\n", "CN=a \"\"\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseClientCerts(raw)
		if err != nil {
			return
		}
		for subject, account := range c.accounts {
			if subject == "" || CheckName(account) != nil {
				t.Errorf("%q has the account %q", subject, account)
			}
		}
	})
}
