package authn

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"unicode/utf8"
)

// ClientCerts maps the subjects of client certificates to accounts. It does not verify
// certificates.
type ClientCerts struct {
	// accounts has the accounts by subject. If it is nil, the common name of the subject is the
	// account.
	accounts map[string]string
	// known reports whether an account exists. It is only called if accounts is nil. If it is nil,
	// every account exists.
	known func(account string) bool
}

// CertificateError is the error for a client whose certificate is missing or has no account. Its
// text may be sent to the client, which knows its own certificate.
type CertificateError struct{ reason string }

func (e *CertificateError) Error() string { return e.reason }

var (
	errNoCertificate    = &CertificateError{"A client certificate is required."}
	errUnexpectedHeader = &CertificateError{"An Authorization header was sent, but the server accepts client certificates only."}
)

// ByCommonName returns a mapping of each subject to the account that is its common name. known
// reports whether an account exists; if it is nil, every account does.
func ByCommonName(known func(account string) bool) *ClientCerts { return &ClientCerts{known: known} }

// OpenClientCerts reads a file that maps subjects to accounts; see ParseClientCerts.
func OpenClientCerts(path string) (*ClientCerts, error) {
	raw, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	c, err := ParseClientCerts(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

var errSubjectFields = errors.New(`a subject and an account are expected, with one space between them; quote a subject that contains spaces`)

// ParseClientCerts parses a file with lines `SUBJECT ACCOUNT`, such as
//
//	"CN=tableau,O=Example Inc,C=US" tableau
//
// The subject is a distinguished name in the form of RFC 2253, as the log shows it and as openssl
// prints it with -nameopt RFC2253. Empty lines and lines that begin with # are skipped. The error
// joins a *LineError for each invalid line, at most twenty.
func ParseClientCerts(raw []byte) (*ClientCerts, error) {
	c := &ClientCerts{accounts: map[string]string{}}
	if err := parseLines(splitLines(textOf(raw)), c.parseLine); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *ClientCerts) parseLine(line string, _ int) error {
	switch {
	case line == "" || line[0] == '#':
		return nil
	case !utf8.ValidString(line):
		return errNotUTF8
	}
	fields, err := splitFields(line)
	if err != nil {
		return err
	}
	if len(fields) != 2 || fields[0] == "" {
		return errSubjectFields
	}
	if _, twice := c.accounts[fields[0]]; twice {
		return fmt.Errorf("the subject %s is already in an earlier line", quote(fields[0]))
	}
	c.accounts[fields[0]] = fields[1]
	return CheckName(fields[1])
}

// Account returns the account of a verified certificate. The error is a *CertificateError.
func (c *ClientCerts) Account(cert *x509.Certificate) (string, error) {
	subject, names := parseSubject(cert)
	account, mapped := c.accounts[subject]
	if c.accounts == nil && len(names) == 1 && CheckName(names[0]) == nil {
		account, mapped = names[0], c.known == nil || c.known(names[0])
	}
	if !mapped {
		return "", &CertificateError{fmt.Sprintf("The subject of the client certificate, %s, has no account.", quote(subject))}
	}
	return account, nil
}

// parseSubject returns the subject of a certificate in the form of RFC 2253, and its common names.
// x509 parses only the last common name, and prints the parts of the name in an order of its own.
func parseSubject(cert *x509.Certificate) (subject string, commonNames []string) {
	var parts pkix.RDNSequence
	if rest, err := asn1.Unmarshal(cert.RawSubject, &parts); err != nil || len(rest) > 0 {
		return "", nil // cannot happen: x509 has parsed the subject
	}
	commonName := asn1.ObjectIdentifier{2, 5, 4, 3}
	for _, set := range parts {
		for _, part := range set {
			if text, ok := part.Value.(string); ok && part.Type.Equal(commonName) {
				commonNames = append(commonNames, text)
			}
		}
	}
	return parts.String(), commonNames
}
