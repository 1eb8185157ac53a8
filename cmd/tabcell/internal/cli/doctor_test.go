package cli

import (
	"bytes"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// Without flags, the command checks the configured files for the allowed hosts.
func TestDoctorTLSWithConfiguration(t *testing.T) {
	certificate, key := certtest.Issue(t, "server", nil, certtest.ForHosts("tabpy.example")).WriteFiles(t, t.TempDir())
	var stdout, stderr bytes.Buffer
	a := &App{Args: []string{"tabcell", "doctor", "tls"}, Stdout: &stdout, Stderr: &stderr, Environ: []string{
		"TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE=" + certificate, "TABPY_KEY_FILE=" + key,
		"TABCELL_ALLOWED_HOSTS=tabpy.example, other.example, *"}}
	if code := a.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	out := stdout.String()
	if !strings.Contains(out, "not valid for other.example") || strings.Contains(out, "not valid for tabpy.example") || strings.Contains(out, "not valid for *") {
		t.Errorf("stdout, stderr:\n%s%s", out, &stderr)
	}
}
