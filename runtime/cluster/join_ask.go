package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
)

// check returns an error unless the answer has a certificate for the node, and the authority of the
// token is among its authorities.
func (r joinReply) check(sum, node string, key any) error {
	if err := r.verify(node, key); err != nil {
		return err
	}
	for rest := []byte(r.Authorities); ; {
		block, more := pem.Decode(rest)
		if block == nil {
			return errors.New("the authority of the token is not among its authorities")
		}
		if fingerprint(block.Bytes) == sum {
			return nil
		}
		rest = more
	}
}

// verify returns an error unless the first certificate is one of the authorities for the key of a
// node.
func (r joinReply) verify(node string, key any) error {
	pool, err := parseAuthorities([]byte(r.Authorities))
	if err != nil {
		return err
	}
	certificate, err := parseCertificate([]byte(r.Chain))
	if err != nil {
		return errors.Join(err, checkID(r.Cluster))
	}
	if public, ok := certificate.PublicKey.(*ecdsa.PublicKey); !ok || !public.Equal(key) {
		return errors.New("the certificate is for another key")
	}
	_, err = certificate.Verify(x509.VerifyOptions{Roots: pool, DNSName: serverName(node, r.Cluster), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return errors.Join(err, checkID(r.Cluster))
}

// parseAuthorities returns the pool of the authorities in a text.
func parseAuthorities(text []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("there are no authorities")
	}
	return pool, nil
}

// askToJoin sends a join request to a member, whose authority must have the given fingerprint.
func askToJoin(ctx context.Context, address, sum string, message joinRequest) (joinReply, error) {
	var answer joinReply
	if err := checkAddress(address); err != nil {
		return answer, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	p := newHTTPPeers(ctx, func(ctx context.Context, _, _ string) (net.Conn, error) { return dialToJoin(ctx, address, sum) })
	defer p.close()
	err := p.call(ctx, joinTimeout, "member", joinPath, message, &answer)
	return answer, err
}

// dialToJoin connects to a member without a certificate.
func dialToJoin(ctx context.Context, address, sum string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := tls.Dialer{NetDialer: &net.Dialer{}, Config: &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{httpProtocol},
		InsecureSkipVerify: true, // verifyMember verifies the chain
		VerifyConnection:   func(s tls.ConnectionState) error { return verifyMember(s.PeerCertificates, sum) },
	}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	return conn, nil
}

// verifyMember returns an error unless the authority with the given fingerprint is in the chain and
// has signed the first certificate.
func verifyMember(chain []*x509.Certificate, sum string) error {
	pool := x509.NewCertPool()
	for _, certificate := range chain {
		if certificate.IsCA && fingerprint(certificate.Raw) == sum {
			pool.AddCert(certificate)
		}
	}
	if len(chain) == 0 {
		return errors.New("the server has no certificate")
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err != nil {
		return fmt.Errorf("the server is not a node of the cluster that made the token: %w", err)
	}
	return nil
}
