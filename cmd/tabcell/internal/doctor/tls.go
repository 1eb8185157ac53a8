package doctor

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	goruntime "runtime"
	"slices"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/settings"
)

// Certificate checks the certificate and key in files, or the configured ones if files is empty.
// names are hosts that the certificate must be for, besides the configured ones.
func Certificate(src settings.Sources, files certs.Files, names []string) []Finding {
	if files != (certs.Files{}) {
		return checkTLS(files, names, time.Now())
	}
	findings, s := checkConfiguration(src)
	if findings[0].Verdict == Failure {
		return findings
	}
	files = certs.Files{Certificate: s.TLS.Certificate, Key: s.TLS.Key}
	if s.TLS.Protocol != "https" {
		findings = append(findings, Finding{Warning, "protocol", "http: scripts, data and passwords can be read on their way; Tableau Cloud refuses it",
			"set TABPY_TRANSFER_PROTOCOL = https, TABPY_CERTIFICATE_FILE and TABPY_KEY_FILE"})
	}
	if files.Certificate == "" || files.Key == "" {
		return append(findings, Finding{Failure, "certificate", "none is configured", "name the files with --cert and --key to check them"})
	}
	return append(findings, checkTLS(files, append(names, serverNames(s.Server)...), time.Now())...)
}

// serverNames are the names by which the configuration says that the server is called.
func serverNames(s settings.Server) []string {
	return slices.DeleteFunc(settings.SplitList(s.AllowedHosts), func(name string) bool { return name == "*" })
}

// checkTLS judges a certificate and a key. names are hosts that the certificate must be for.
func checkTLS(files certs.Files, names []string, now time.Time) []Finding {
	chain, err := certs.ReadChain(files.Certificate)
	if err != nil {
		return []Finding{{Failure, "certificate", err.Error(), "name a PEM file with the certificate chain (TABPY_CERTIFICATE_FILE, --cert)"}}
	}
	leaf := chain[0]
	all := []Finding{{Verdict: OK, About: "certificate", Text: fmt.Sprintf("%s, issued by %s", titleOf(leaf), nameOf(leaf.Issuer))}}
	all = append(all, checkKeyFile(files.Key, chain)...)
	all = append(all, checkDates(chain, now)...)
	all = append(all, checkNames(leaf, names)...)
	all = append(all, checkUsage(leaf)...)
	all = append(all, checkStrength(chain)...)
	return append(all, checkChain(chain, nil, now)...)
}

// checkKeyFile: the key is the certificate's, and nobody else can read it.
func checkKeyFile(file string, chain []*x509.Certificate) []Finding {
	const about = "private key"
	key, err := certs.ReadKey(file)
	if err != nil {
		return []Finding{{Failure, about, err.Error(), "name a PEM file with the certificate's key (TABPY_KEY_FILE, --key)"}}
	}
	if err := certs.CheckMatch(chain, key); err != nil {
		advice := "use the key that the certificate was requested with, or have a new certificate issued for this key"
		if !errors.Is(err, certs.ErrMismatch) {
			advice = "put the server's certificate first, then each issuer's"
		}
		return []Finding{{Failure, about, err.Error(), advice}}
	}
	all := []Finding{{Verdict: OK, About: about, Text: keyText(key.Public()) + ", belongs to the certificate"}}
	if info, err := os.Stat(file); err == nil && goruntime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		all = append(all, Finding{Warning, about, fmt.Sprintf("mode %04o: everybody on this machine can read it", info.Mode().Perm()), "chmod 600 " + file})
	}
	return all
}

// checkDates looks at all certificates: one that expired breaks the chain, whichever it is.
func checkDates(chain []*x509.Certificate, now time.Time) []Finding {
	var all []Finding
	for _, cert := range chain {
		said := fmt.Sprintf("%s: until %s (%s)", titleOf(cert), cert.NotAfter.UTC().Format(certs.TimeFormat), certs.DaysLeft(cert, now))
		found := Finding{Verdict: OK, About: "validity", Text: said}
		switch {
		case now.Before(cert.NotBefore):
			found.Verdict, found.Text = Failure, fmt.Sprintf("%s: not valid before %s", titleOf(cert), cert.NotBefore.UTC().Format(certs.TimeFormat))
			found.Advice = "wait, or set this machine's clock right"
		case now.After(cert.NotAfter):
			found.Verdict, found.Advice = Failure, "have it renewed; the server reads replaced files without a restart"
		case cert.NotAfter.Sub(now) < 2*certs.ExpiryNear:
			found.Verdict, found.Advice = Warning, "renew it in time; the server reads replaced files without a restart"
		}
		all = append(all, found)
	}
	return all
}

// checkNames: Tableau looks for the host that it connects to among the subject alternative names, and nowhere else.
func checkNames(leaf *x509.Certificate, names []string) []Finding {
	const about = "names"
	given := sansOf(leaf)
	if len(given) == 0 {
		return []Finding{{Failure, about, "there are no subject alternative names; the common name " + leaf.Subject.CommonName + " is not looked at any more",
			"have it issued with the server's host name as a DNS subject alternative name"}}
	}
	all := []Finding{{Verdict: OK, About: about, Text: strings.Join(given, ", ")}}
	if !slices.ContainsFunc(given, func(name string) bool { return !settings.IsLoopback(name) }) {
		all = append(all, Finding{Warning, about, "only this machine can use them", "have it issued with the host name that Tableau will use"})
	}
	for _, name := range names {
		if err := leaf.VerifyHostname(name); err != nil {
			all = append(all, Finding{Failure, about, "not for " + name, "have it issued with " + name + ", or let Tableau use another name"})
		}
	}
	return all
}

func sansOf(cert *x509.Certificate) []string {
	var names []string
	for _, name := range cert.DNSNames {
		names = append(names, plain(name))
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, net.IP(ip).String())
	}
	return names
}

// checkUsage: a certificate that says what it is for must be for servers.
func checkUsage(leaf *x509.Certificate) []Finding {
	uses := leaf.ExtKeyUsage
	if len(uses)+len(leaf.UnknownExtKeyUsage) == 0 || slices.Contains(uses, x509.ExtKeyUsageServerAuth) || slices.Contains(uses, x509.ExtKeyUsageAny) {
		return nil
	}
	return []Finding{{Failure, "usage", "the certificate is not for servers", "have it issued with the extended key usage serverAuth"}}
}

// brokenSignatures can be forged, or are read by nobody any more.
var brokenSignatures = []x509.SignatureAlgorithm{x509.UnknownSignatureAlgorithm, x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA,
	x509.DSAWithSHA1, x509.DSAWithSHA256, x509.ECDSAWithSHA1}

// checkStrength looks at keys and signatures. How a root is signed does not count: it is trusted for what it is.
func checkStrength(chain []*x509.Certificate) []Finding {
	var all []Finding
	for i, cert := range chain {
		if i > 0 && isSelfSigned(cert) {
			continue
		}
		said := fmt.Sprintf("%s: %s, signed with %s", titleOf(cert), keyText(cert.PublicKey), cert.SignatureAlgorithm)
		found := Finding{Verdict: OK, About: "strength", Text: said}
		if slices.Contains(brokenSignatures, cert.SignatureAlgorithm) {
			found.Verdict, found.Advice = Failure, "have it issued with a signature of SHA-256 or better"
		}
		if verdict, advice := judgeKey(cert.PublicKey); advice != "" {
			found.Verdict, found.Advice = verdict, advice
		}
		all = append(all, found)
	}
	return all
}

// judgeKey has no advice for keys that all versions of Tableau take.
func judgeKey(key crypto.PublicKey) (Verdict, string) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return Failure, "use an RSA key of at least 2048 bits: openssl genrsa -out key.pem 2048"
		}
	case *ecdsa.PublicKey:
		if k.Params().BitSize < 256 {
			return Failure, "use the curve P-256: openssl ecparam -name prime256v1 -genkey -noout -out key.pem"
		}
	case ed25519.PublicKey:
		return Warning, "many programs cannot use Ed25519 yet: use RSA 2048 or P-256"
	default:
		return Failure, "use RSA 2048 or P-256"
	}
	return OK, ""
}

func keyText(key crypto.PublicKey) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", key)
}
