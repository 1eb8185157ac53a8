package doctor

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/term"
)

// checkChain checks that the issuers lead from the server's certificate to a trusted root. If
// roots is nil, the roots are those of this machine.
func checkChain(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) []Finding {
	path := issuerPath(chain)
	findings := checkOrder(chain, path)
	if err := verify(chain, roots, now); err != nil {
		return append(findings, untrusted(path, err))
	}
	return append(findings, Finding{OK, "trust", "this machine trusts it" + cloudNote(path), ""})
}

// cloudNote returns a note about Tableau Cloud, whose certificate store may differ from that of
// this machine, or "" if the file does not contain the root.
func cloudNote(path []*x509.Certificate) string {
	if last := path[len(path)-1]; isSelfSigned(last) {
		return fmt.Sprintf(", through %s; Tableau Cloud does so only if that is a public certificate authority", titleOf(last))
	}
	return ""
}

// issuerPath returns the path from the first certificate through its issuers, as far as they are
// in the file.
func issuerPath(chain []*x509.Certificate) []*x509.Certificate {
	path := chain[:1:1]
	for last := path[0]; !isSelfSigned(last); {
		i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return isIssuer(c, last) && !slices.Contains(path, c) })
		if i < 0 {
			break
		}
		last = chain[i]
		path = append(path, last)
	}
	return path
}

// isIssuer reports whether issuer, by its names and key identifiers, issued cert. It does not
// check the signature, which verify does.
func isIssuer(issuer, cert *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, cert.RawIssuer) &&
		(len(issuer.SubjectKeyId) == 0 || len(cert.AuthorityKeyId) == 0 || bytes.Equal(issuer.SubjectKeyId, cert.AuthorityKeyId))
}

func isSelfSigned(cert *x509.Certificate) bool { return isIssuer(cert, cert) }

// checkOrder checks that each certificate is followed by that of its issuer and that there are no
// others, as TLS demands. Most clients tolerate deviations.
func checkOrder(chain, path []*x509.Certificate) []Finding {
	const subject = "order"
	if len(path) < len(chain) {
		extra := slices.DeleteFunc(slices.Clone(chain), func(c *x509.Certificate) bool { return slices.Contains(path, c) })
		return []Finding{{Warning, subject, "not part of the chain: " + titlesOf(extra), "remove them from the file"}}
	}
	if !slices.Equal(path, chain) {
		return []Finding{{Warning, subject, "some certificates are not followed by that of their issuer",
			"put them in this order: " + titlesOf(path)}}
	}
	return []Finding{{OK, subject, fmt.Sprintf("%d in the file, each followed by that of its issuer", len(chain)), ""}}
}

// verify returns an error if the chain does not lead to a trusted root. It considers neither the
// validity period of the first certificate nor its host names, which other checks do.
func verify(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	leaf := chain[0]
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		now = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	intermediates := x509.NewCertPool()
	for _, cert := range chain[1:] {
		intermediates.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Intermediates: intermediates, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

// untrusted returns the finding for a chain that does not lead to a trusted root, from the error
// of verify.
func untrusted(path []*x509.Certificate, err error) Finding {
	const subject = "trust"
	last := path[len(path)-1]
	switch unknown := new(x509.UnknownAuthorityError); {
	case !errors.As(err, unknown):
		return Finding{Failure, subject, err.Error(), "have a new certificate issued"}
	case len(path) == 1 && isSelfSigned(last):
		return Finding{Failure, subject, "self-signed: Tableau refuses it unless it is in the certificate store of each machine; " +
			"Tableau Cloud always refuses it",
			"have it issued by a certificate authority, or add it to the certificate stores of Tableau's machines and of this one"}
	case isSelfSigned(last):
		return Finding{Warning, subject, "the root " + titleOf(last) + " is not trusted on this machine; Tableau Cloud refuses private authorities",
			"add the root to the certificate stores of Tableau's machines; for Tableau Cloud, use a public certificate authority"}
	}
	return incomplete(last)
}

// incomplete returns the finding for a chain that ends with last, whose issuer is unknown.
func incomplete(last *x509.Certificate) Finding {
	advice := "append the issuer's certificate to the file; authorities publish it as chain, bundle or intermediate"
	if len(last.IssuingCertificateURL) > 0 {
		advice += ", this one at " + last.IssuingCertificateURL[0]
	}
	text := fmt.Sprintf("incomplete: the certificate of %s, which issued %s, is neither in the file nor on this machine",
		nameOf(last.Issuer), titleOf(last))
	return Finding{Failure, "trust", text, advice}
}

// titlesOf returns the titles of certificates, separated by commas.
func titlesOf(certs []*x509.Certificate) string {
	var titles []string
	for _, cert := range certs {
		titles = append(titles, titleOf(cert))
	}
	return strings.Join(titles, ", ")
}

// titleOf returns a short name for a certificate: its common name, or else its first host name, or
// else its whole subject.
func titleOf(cert *x509.Certificate) string {
	if cert.Subject.CommonName == "" && len(cert.DNSNames) > 0 {
		return printable(cert.DNSNames[0])
	}
	return nameOf(cert.Subject)
}

// nameOf returns the common name, or else the whole name.
func nameOf(name pkix.Name) string {
	if name.CommonName != "" {
		return printable(name.CommonName)
	}
	return printable(name.String())
}

// printable returns a text from a certificate, quoted if it contains characters that could control
// a terminal.
func printable(text string) string {
	if strings.ContainsFunc(text, term.Hidden) {
		return fmt.Sprintf("%q", text)
	}
	return text
}
