package certs

import (
	"crypto/tls"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

func TestServerConfig(t *testing.T) {
	if c, err := ServerConfig(settings.TLS{Protocol: "http"}, zerolog.Nop()); c != nil || err != nil {
		t.Errorf("http: got %v, %v", c, err)
	}
	files := newFiles(certtest.Issue(t, "x", nil, nil).WriteFiles(t, t.TempDir()))
	for name, version := range map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13} {
		c, err := ServerConfig(settings.TLS{Protocol: "https", Certificate: files.Certificate, Key: files.Key, Minimum: name}, zerolog.Nop())
		if err != nil || c.MinVersion != version {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
	_, err := ServerConfig(settings.TLS{Protocol: "https", Certificate: files.Key, Key: files.Key}, zerolog.Nop())
	if err == nil || !strings.HasPrefix(err.Error(), "Error using HTTPS: ") {
		t.Errorf("no certificate: got error %v", err)
	}
}
