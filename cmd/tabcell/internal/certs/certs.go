// Package certs loads the server's certificate and private key, and reloads them when their files
// are replaced, so that a renewed certificate needs no restart.
package certs

import (
	"crypto/tls"
	"fmt"

	"tabcell/settings"

	"github.com/rs/zerolog"
)

// tlsVersions has the minimum versions that the settings permit.
var tlsVersions = map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13}

// ServerConfig returns the TLS configuration of the server, or nil if the server uses plain HTTP.
// Errors are in TabPy's form.
func ServerConfig(s settings.TLS, log zerolog.Logger) (*tls.Config, error) {
	if s.Protocol != "https" {
		return nil, nil
	}
	certs, err := newReloader(Files{s.Certificate, s.Key}, log)
	if err != nil {
		//lint:ignore ST1005 TabPy's text
		return nil, fmt.Errorf("Error using HTTPS: %w", err)
	}
	return &tls.Config{MinVersion: tlsVersions[s.Minimum], GetCertificate: certs.get}, nil
}
