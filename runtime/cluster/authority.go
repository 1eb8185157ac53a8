package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// authority is a certificate authority of a cluster. Its key is in the log, so that every node can
// become the leader and sign, and is as secret as the keys of the nodes.
type authority struct {
	Certificate string `json:"certificate"` // PEM
	Key         string `json:"key"`         // PEM, PKCS #8
}

const (
	maxAuthorities    = 4
	maxPEM            = 16 << 10
	authorityLifetime = 10 * 365 * 24 * time.Hour
	nodeLifetime      = 365 * 24 * time.Hour
	// renewBefore is the remaining lifetime at which a node asks for a new certificate.
	renewBefore = nodeLifetime / 3
	// clockSkew is how far the clock of another node may be behind that of the signer. A clock that is a
	// day behind, for example by a wrong time zone, does not cut a node off. The beginning of a
	// certificate protects nothing, because its key is new.
	clockSkew = 48 * time.Hour
)

// String hides the key.
func (a authority) String() string { return "authority " + a.fingerprint() }

// GoString hides the key.
func (a authority) GoString() string { return a.String() }

func (a *authority) check() error {
	if a == nil || len(a.Certificate) > maxPEM || len(a.Key) > maxPEM {
		return errors.New("the authority is missing or too large")
	}
	_, _, err := a.parse()
	return err
}

// parse returns the certificate and the key.
func (a authority) parse() (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certificate, err := parseCertificate([]byte(a.Certificate))
	if err != nil {
		return nil, nil, err
	}
	key, err := parseKey([]byte(a.Key))
	switch {
	case err != nil:
		return nil, nil, err
	case !certificate.IsCA:
		return nil, nil, errors.New("the certificate of the authority is not that of an authority")
	case !key.PublicKey.Equal(certificate.PublicKey):
		return nil, nil, errors.New("the key of the authority is not that of its certificate")
	}
	return certificate, key, nil
}

// fingerprint returns the SHA-256 of the certificate, or "" if it is malformed.
func (a authority) fingerprint() string {
	block, _ := pem.Decode([]byte(a.Certificate))
	if block == nil {
		return ""
	}
	return fingerprint(block.Bytes)
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// newAuthority creates an authority for the cluster with an id.
func newAuthority(cluster string, now time.Time) (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, err
	}
	template := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: "tabcell cluster " + cluster},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(authorityLifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{cluster},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return authority{}, err
	}
	encoded, err := encodeKey(key)
	return authority{encodeCertificate(der), string(encoded)}, err
}

// sign returns the certificate chain for the key of a node, in PEM.
func (a authority) sign(cluster, node string, public any, now time.Time) ([]byte, error) {
	parent, key, err := a.parse()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: node}, DNSNames: []string{serverName(node, cluster)},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(nodeLifetime), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return []byte(encodeCertificate(der) + a.Certificate), nil
}

// serverName returns the name in the certificate of a node.
func serverName(node, cluster string) string { return node + "." + cluster }

// nodeIn returns the node that a verified certificate of a cluster names.
func nodeIn(certificate *x509.Certificate, cluster string) (string, error) {
	if len(certificate.DNSNames) == 1 {
		if node, ok := strings.CutSuffix(certificate.DNSNames[0], "."+cluster); ok && checkID(node) == nil {
			return node, nil
		}
	}
	return "", errors.New("the certificate names no node of this cluster")
}

// parseRequest returns the public key of a certificate request, whose signature proves that the
// sender has the private key.
func parseRequest(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || len(text) > maxPEM {
		return nil, errors.New("the certificate request is malformed")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the certificate request: %w", err)
	}
	if key, ok := request.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the certificate request has no key of the curve P-256")
	}
	return request.PublicKey, request.CheckSignature()
}

func newRequest(key *ecdsa.PrivateKey) (string, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), err
}

func newSerial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}

func encodeCertificate(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// parseCertificate returns the first certificate of a text in PEM.
func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("there is no certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// parseKey returns a private key. Its errors do not contain the text.
func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no private key in PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key is malformed")
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("the private key is of the wrong kind")
	}
	return private, nil
}
