package doctor

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/runtime/osfile"
	"tabcell/settings"
)

// Certificate checks the certificate and key in files, or the configured ones if files is the
// zero value. The certificate must be valid for each host in names. The configured certificate
// must also be valid for the configured hosts.
func Certificate(src settings.Sources, files certs.Files, names []string) []Finding {
	if files != (certs.Files{}) {
		return checkTLS(files, names, time.Now())
	}
	findings, loaded := checkConfiguration(src)
	s := loaded.Settings
	if findings[0].Severity == Failure {
		return findings
	}
	files = certs.Files{Certificate: s.TLS.Certificate, Key: s.TLS.Key}
	if s.TLS.Protocol != "https" {
		findings = append(findings, Finding{Warning, "protocol",
			"http: scripts, data and passwords are not encrypted in transit; Tableau Cloud refuses it",
			"set TABPY_TRANSFER_PROTOCOL = https, TABPY_CERTIFICATE_FILE and TABPY_KEY_FILE"})
	}
	if files.Certificate == "" || files.Key == "" {
		return append(findings, Finding{Failure, "certificate", "none is configured", "name the files to check with --cert and --key"})
	}
	findings = append(findings, checkTLS(files, append(names, serverNames(s.Server)...), time.Now())...)
	return append(findings, checkClientCertificates(s.TLS, time.Now())...)
}

// serverNames returns the host names of the server in the configuration.
func serverNames(s settings.Server) []string {
	return slices.DeleteFunc(settings.SplitList(s.AllowedHosts), func(name string) bool { return name == "*" })
}

// checkTLS checks a certificate and a key. The certificate must be valid for each host in names.
func checkTLS(files certs.Files, names []string, now time.Time) []Finding {
	const subject = "certificate"
	chain, err := certs.ReadChain(files.Certificate)
	if err != nil {
		return []Finding{{Failure, subject, err.Error(), "name a PEM file with the certificate chain (TABPY_CERTIFICATE_FILE, --cert)"}}
	}
	leaf := chain[0]
	return slices.Concat(
		[]Finding{{OK, subject, fmt.Sprintf("%s, issued by %s", titleOf(leaf), nameOf(leaf.Issuer)), ""}},
		checkKeyFile(files.Key, chain),
		checkDates(chain, now),
		checkNames(leaf, names),
		checkUsage(leaf),
		checkStrength(chain),
		checkChain(chain, nil, now),
	)
}

// checkKeyFile checks that the key belongs to the certificate and that other users cannot read it.
func checkKeyFile(file string, chain []*x509.Certificate) []Finding {
	const subject = "private key"
	key, err := certs.ReadKey(file)
	if err != nil {
		return []Finding{{Failure, subject, err.Error(), "name a PEM file with the certificate's key (TABPY_KEY_FILE, --key)"}}
	}
	if err := certs.CheckMatch(chain, key); err != nil {
		advice := "use the key that the certificate was requested with, or have a new certificate issued for this key"
		if !errors.Is(err, certs.ErrMismatch) {
			advice = "put the server's certificate first, followed by the certificates of its issuers"
		}
		return []Finding{{Failure, subject, err.Error(), advice}}
	}
	findings := []Finding{{OK, subject, keyText(key.Public()) + ", belongs to the certificate", ""}}
	if info, err := os.Stat(file); err == nil && osfile.Exposed(info, 0o007) != 0 {
		text := fmt.Sprintf("mode %04o: all users of this machine have access to it", info.Mode().Perm())
		findings = append(findings, Finding{Warning, subject, text, "run chmod 600 " + file})
	}
	return findings
}

// checkDates checks the validity of all certificates, since a single expired one breaks the chain.
func checkDates(chain []*x509.Certificate, now time.Time) (findings []Finding) {
	for _, cert := range chain {
		findings = append(findings, checkDate(cert, now))
	}
	return findings
}

func checkDate(cert *x509.Certificate, now time.Time) Finding {
	const subject = "validity"
	text := fmt.Sprintf("%s: valid until %s (%s)",
		titleOf(cert), cert.NotAfter.UTC().Format(certs.TimeFormat), certs.DaysLeft(cert, now))
	switch {
	case now.Before(cert.NotBefore):
		text = fmt.Sprintf("%s: not valid before %s", titleOf(cert), cert.NotBefore.UTC().Format(certs.TimeFormat))
		return Finding{Failure, subject, text, "wait, or correct this machine's clock"}
	case now.After(cert.NotAfter):
		return Finding{Failure, subject, text, "have it renewed; the server reloads replaced files without a restart"}
	case cert.NotAfter.Sub(now) < 2*certs.ExpiryNear:
		return Finding{Warning, subject, text, "renew it in time; the server reloads replaced files without a restart"}
	}
	return Finding{OK, subject, text, ""}
}

// checkNames checks the subject alternative names. Tableau looks for the host that it connects to
// only among these, and ignores the common name.
func checkNames(leaf *x509.Certificate, names []string) []Finding {
	const subject = "names"
	alternatives := alternativeNames(leaf)
	if len(alternatives) == 0 {
		return []Finding{{Failure, subject,
			"there are no subject alternative names; clients ignore the common name " + leaf.Subject.CommonName,
			"have it issued with the server's host name as a DNS subject alternative name"}}
	}
	findings := []Finding{{OK, subject, strings.Join(alternatives, ", "), ""}}
	if !slices.ContainsFunc(alternatives, func(name string) bool { return !settings.IsLoopback(name) }) {
		findings = append(findings, Finding{Warning, subject, "only clients on this machine can use these names",
			"have it issued with the host name that Tableau will use"})
	}
	for _, name := range names {
		if err := leaf.VerifyHostname(name); err != nil {
			findings = append(findings, Finding{Failure, subject, "not valid for " + name,
				"have it issued with " + name + ", or let Tableau use another name"})
		}
	}
	return findings
}

// alternativeNames returns the host names and addresses among the subject alternative names.
func alternativeNames(cert *x509.Certificate) []string {
	var names []string
	for _, name := range cert.DNSNames {
		names = append(names, printable(name))
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, net.IP(ip).String())
	}
	return names
}

// checkUsage checks that a certificate that restricts its use permits servers.
func checkUsage(leaf *x509.Certificate) []Finding {
	uses := leaf.ExtKeyUsage
	unrestricted := len(uses)+len(leaf.UnknownExtKeyUsage) == 0
	if unrestricted || slices.Contains(uses, x509.ExtKeyUsageServerAuth) || slices.Contains(uses, x509.ExtKeyUsageAny) {
		return nil
	}
	return []Finding{{Failure, "usage", "the certificate is not for servers", "have it issued with the extended key usage serverAuth"}}
}
