package cli

import (
	"bytes"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
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

// A finding of several lines keeps its column.
func TestDoctorIndentsLines(t *testing.T) {
	config := testenv.WriteConfig(t, "[TabPy]\nTABPY_PORT = many\nTABCELL_QUEU = 3\n")
	var stdout, stderr bytes.Buffer
	a := &App{Args: []string{"tabcell", "doctor", "grants", "--config", config}, Stdout: &stdout, Stderr: &stderr}
	if code := a.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	column := strings.Repeat(" ", len("fail  configuration     "))
	lines := strings.Split(stdout.String(), "\n")
	if len(lines) < 3 || !strings.HasPrefix(lines[0], "fail  configuration     T") || !strings.HasPrefix(lines[1], column+"T") || !strings.HasPrefix(lines[2], column+"->") {
		t.Errorf("stdout, stderr:\n%s%s", &stdout, &stderr)
	}
}
