package certs

import (
	"crypto/x509"
	"fmt"
)

// ReadAuthorities reads the certificates of the authorities in a file. It returns an error if there
// is none, or if one is not a certificate authority.
func ReadAuthorities(file string) ([]*x509.Certificate, error) {
	authorities, err := ReadChain(file)
	if err != nil {
		return nil, err
	}
	for i, c := range authorities {
		if !c.BasicConstraintsValid || !c.IsCA {
			return nil, fmt.Errorf("%s: certificate %d (%s) is not one of a certificate authority; the file needs the certificates of the authorities "+
				"that issue the clients' certificates", file, i+1, c.Subject)
		}
	}
	return authorities, nil
}
