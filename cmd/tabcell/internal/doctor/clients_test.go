package doctor

import (
	"crypto/x509"
	"path/filepath"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

func TestClientCertificates(t *testing.T) {
	if findings := checkClientCertificates(settings.TLS{ClientCert: "required"}, time.Now()); findings != nil {
		t.Errorf("no authority: %v", findings)
	}
	authority := func(change func(*x509.Certificate)) string {
		return certtest.Issue(t, "clients", nil, func(c *x509.Certificate) {
			c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
			change(c)
		}).CertPEM()
	}
	same := func(*x509.Certificate) {}
	for name, c := range map[string]struct {
		authorities, mapping string
		want                 []string
	}{
		"good":          {authority(same), "CN=a a\n", []string{"ok client authority: clients: valid until", "ok client accounts: "}},
		"two":           {authority(same) + authority(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-36 * time.Hour) }), "", []string{"ok client authority", "fail client authority: clients: valid until", "(1 days ago) -> no client"}},
		"expires soon":  {authority(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(20*24*time.Hour + time.Minute) }), "", []string{"warn client authority: clients: valid until", "(in 20 days) -> add the next authority"}},
		"not yet valid": {authority(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), "", []string{"fail client authority: clients: not valid before"}},
		"key usage":     {authority(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), "", []string{"fail client authority: clients: its key usage does not permit"}},
		"no authority":  {certtest.Issue(t, "server", nil, nil).CertPEM(), "", []string{"fail client authority: ", "is not one of a certificate authority"}},
		"empty":         {"", "", []string{"fail client authority: ", "no certificate found"}},
		"bad map":       {authority(same), "CN=a\n", []string{"fail client accounts: ", "line 1: a subject and an account are expected"}},
	} {
		s := settings.TLS{ClientCA: filepath.Join(t.TempDir(), "ca.pem")}
		testenv.WriteFile(t, s.ClientCA, c.authorities)
		if c.mapping != "" {
			s.ClientCertMap = filepath.Join(t.TempDir(), "map.txt")
			testenv.WriteFile(t, s.ClientCertMap, c.mapping)
		}
		wantFindings(t, name, checkClientCertificates(s, time.Now()), c.want...)
	}
}
