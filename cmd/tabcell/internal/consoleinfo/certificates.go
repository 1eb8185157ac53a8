package consoleinfo

import (
	"crypto/x509"
	"time"

	"tabcell/httpapi/console"
)

// Certificates has the certificates in use.
type Certificates interface {
	// Certificates returns the chain of the server, its own certificate first, and the authorities of
	// client certificates.
	Certificates() (chain, authorities []*x509.Certificate, err error)
}

// maxCertificates limits the certificates that are shown: a file of authorities may have hundreds.
const maxCertificates = 100

// Certificates implements console.Admin.
func (a *Admin) Certificates(now time.Time) ([]console.Certificate, error) {
	if a.TLS == nil {
		return nil, nil
	}
	chain, authorities, err := a.TLS.Certificates()
	if err != nil {
		return nil, err
	}
	var all []console.Certificate
	for i, c := range chain {
		use := "issuer"
		if i == 0 {
			use = "server"
		}
		all = append(all, describe(c, use, now))
	}
	for _, c := range authorities {
		all = append(all, describe(c, "client authority", now))
	}
	return all[:min(len(all), maxCertificates)], nil
}

func describe(c *x509.Certificate, use string, now time.Time) console.Certificate {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return console.Certificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Names: names, Use: use,
		DaysLeft: int(c.NotAfter.Sub(now).Hours() / 24),
	}
}
