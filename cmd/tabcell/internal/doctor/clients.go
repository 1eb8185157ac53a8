package doctor

import (
	"crypto/x509"
	"fmt"
	"time"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/settings"
)

// checkClientCertificates checks the authorities of client certificates, and the file that maps
// subjects to accounts. It returns nothing if clients cannot authenticate by certificate.
func checkClientCertificates(t settings.TLS, now time.Time) []Finding {
	const subject = "client authority"
	if t.ClientCA == "" {
		return nil
	}
	authorities, err := certs.ReadAuthorities(t.ClientCA)
	if err != nil {
		return []Finding{{Failure, subject, err.Error(), "name a PEM file with the certificates of the authorities that issue the clients' certificates (TABCELL_CLIENT_CA_FILE)"}}
	}
	var findings []Finding
	for _, authority := range authorities {
		findings = append(findings, checkAuthority(authority, now))
	}
	if t.ClientCertMap != "" {
		findings = append(findings, checkClientMap(t.ClientCertMap))
	}
	return findings
}

func checkAuthority(authority *x509.Certificate, now time.Time) Finding {
	const subject = "client authority"
	text := fmt.Sprintf("%s: valid until %s (%s)", titleOf(authority), authority.NotAfter.UTC().Format(certs.TimeFormat), certs.DaysLeft(authority, now))
	switch {
	case authority.KeyUsage != 0 && authority.KeyUsage&x509.KeyUsageCertSign == 0:
		return Finding{Failure, subject, titleOf(authority) + ": its key usage does not permit it to issue certificates", "use the certificate of the authority that issues the clients' certificates"}
	case now.Before(authority.NotBefore):
		return Finding{Failure, subject, fmt.Sprintf("%s: not valid before %s", titleOf(authority), authority.NotBefore.UTC().Format(certs.TimeFormat)), "wait, or correct this machine's clock"}
	case now.After(authority.NotAfter):
		return Finding{Failure, subject, text, "no client with its certificate can connect: replace it and send SIGHUP to the server"}
	case authority.NotAfter.Sub(now) < 2*certs.ExpiryNear:
		return Finding{Warning, subject, text, "add the next authority to the file in time, and send SIGHUP to the server"}
	}
	return Finding{OK, subject, text, ""}
}

func checkClientMap(file string) Finding {
	const subject = "client accounts"
	if _, err := authn.OpenClientCerts(file); err != nil {
		return Finding{Failure, subject, err.Error(), "correct the lines; each has a subject, as the log shows it, and an account"}
	}
	return Finding{OK, subject, file, ""}
}
