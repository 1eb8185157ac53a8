package cli

import (
	"bytes"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// The command takes the files from the configuration, with the names that it allows.
func TestDoctorTLSWithConfiguration(t *testing.T) {
	certificate, key := certtest.Issue(t, "server", nil, certtest.ForHosts("tabpy.example")).WriteFiles(t, t.TempDir())
	var stdout, stderr bytes.Buffer
	a := &App{Args: []string{"tabcell", "doctor", "tls"}, Stdout: &stdout, Stderr: &stderr, Environ: []string{
		"TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE=" + certificate, "TABPY_KEY_FILE=" + key,
		"TABCELL_ALLOWED_HOSTS=tabpy.example, other.example, *"}}
	if code := a.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if said := stdout.String(); !strings.Contains(said, "not valid for other.example") || strings.Contains(said, "not valid for tabpy.example") || strings.Contains(said, "not valid for *") {
		t.Errorf("said\n%s%s", said, &stderr)
	}
}
