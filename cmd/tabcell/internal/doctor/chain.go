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

// checkChain follows the issuers from the server's certificate to a root. roots are the trusted ones; nil: this machine's.
func checkChain(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) []Finding {
	path := issuers(chain)
	all := checkOrder(chain, path)
	if err := verify(chain, roots, now); err != nil {
		return append(all, untrusted(path, err))
	}
	return append(all, Finding{Verdict: OK, About: "trust", Text: "this machine trusts it" + cloudNote(path)})
}

// cloudNote reminds of what a look at this machine cannot tell.
func cloudNote(path []*x509.Certificate) string {
	if last := path[len(path)-1]; isSelfSigned(last) {
		return fmt.Sprintf(", by %s; Tableau Cloud does only if that is a public certificate authority", titleOf(last))
	}
	return ""
}

// issuers is the way from the first certificate to the last whose issuer is in the file.
func issuers(chain []*x509.Certificate) []*x509.Certificate {
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

// isIssuer compares what certificates say of each other. Signatures are verify's business.
func isIssuer(issuer, cert *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, cert.RawIssuer) &&
		(len(issuer.SubjectKeyId) == 0 || len(cert.AuthorityKeyId) == 0 || bytes.Equal(issuer.SubjectKeyId, cert.AuthorityKeyId))
}

func isSelfSigned(cert *x509.Certificate) bool { return isIssuer(cert, cert) }

// checkOrder: TLS wants each certificate followed by its issuer's, and nothing else. Most clients forgive it.
func checkOrder(chain, path []*x509.Certificate) []Finding {
	const about = "order"
	if len(path) < len(chain) {
		var extra []string
		for _, cert := range chain {
			if !slices.Contains(path, cert) {
				extra = append(extra, titleOf(cert))
			}
		}
		return []Finding{{Warning, about, "not part of the chain: " + strings.Join(extra, ", "), "take them out of the file"}}
	}
	if !slices.Equal(path, chain) {
		var right []string
		for _, cert := range path {
			right = append(right, titleOf(cert))
		}
		return []Finding{{Warning, about, "some certificates are not followed by their issuer's", "put them in this order: " + strings.Join(right, ", ")}}
	}
	return []Finding{{Verdict: OK, About: about, Text: fmt.Sprintf("%d in the file, each followed by its issuer's", len(chain))}}
}

// verify asks whether the chain leads to a trusted root, leaving aside whether it is valid today and for which host.
func verify(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	leaf := chain[0]
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		now = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Intermediates: between, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

// untrusted says why a chain leads nowhere, and what to do.
func untrusted(path []*x509.Certificate, err error) Finding {
	const about = "trust"
	last := path[len(path)-1]
	switch unknown := new(x509.UnknownAuthorityError); {
	case !errors.As(err, unknown):
		return Finding{Failure, about, err.Error(), "have it issued anew"}
	case len(path) == 1 && isSelfSigned(last):
		return Finding{Failure, about, "self-signed: Tableau refuses it unless it is in the certificate store of each machine; Tableau Cloud refuses it always",
			"have it issued by a certificate authority, or put it into the stores of Tableau's machines and of this one"}
	case isSelfSigned(last):
		return Finding{Warning, about, "the root " + titleOf(last) + " is not trusted on this machine: Tableau Cloud refuses a private authority",
			"put the root into the certificate stores of Tableau's machines; for Tableau Cloud use a public certificate authority"}
	}
	advice := "append the issuer's certificate to the file: authorities hand it out as chain, bundle or intermediate"
	if len(last.IssuingCertificateURL) > 0 {
		advice += ", this one at " + last.IssuingCertificateURL[0]
	}
	return Finding{Failure, about, fmt.Sprintf("incomplete: the certificate of %s, which issued %s, is neither in the file nor on this machine",
		nameOf(last.Issuer), titleOf(last)), advice}
}

// titleOf is what a person calls a certificate.
func titleOf(cert *x509.Certificate) string {
	if cert.Subject.CommonName == "" && len(cert.DNSNames) > 0 {
		return plain(cert.DNSNames[0])
	}
	return nameOf(cert.Subject)
}

func nameOf(name pkix.Name) string {
	if name.CommonName != "" {
		return plain(name.CommonName)
	}
	return plain(name.String())
}

// plain is a text that somebody wrote into a certificate, quoted where a terminal could take it for more than text.
func plain(text string) string {
	if strings.ContainsFunc(text, term.Hidden) {
		return fmt.Sprintf("%q", text)
	}
	return text
}
