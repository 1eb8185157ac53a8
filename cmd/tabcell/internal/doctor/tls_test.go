package doctor

import (
	"crypto/x509"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// format formats findings as text, one on each line.
func format(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(string(f.Severity) + " " + f.Subject + ": " + f.Text + " -> " + f.Advice + "\n")
	}
	return b.String()
}

// wantFindings checks that the text of the findings contains each wanted fragment, and that
// failures are wanted and have advice.
func wantFindings(t *testing.T, name string, findings []Finding, wanted ...string) {
	t.Helper()
	text := format(findings)
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%s: findings lack %q:\n%s", name, want, text)
		}
	}
	for _, f := range findings {
		if f.Severity == Failure && (len(wanted) == 0 || f.Advice == "") {
			t.Errorf("%s: unexpected failure or no advice: %+v", name, f)
		}
	}
}

func TestNames(t *testing.T) {
	for label, c := range map[string]struct {
		sans, wanted []string
		name         string
	}{
		"common name only": {nil, []string{"fail names: there are no subject alternative names; clients ignore the common name tabpy.example"}, ""},
		"localhost only":   {[]string{"localhost", "127.0.0.1", "::1"}, []string{"warn names: only clients on this machine"}, ""},
		"one host":         {[]string{"tabpy.example", "localhost"}, []string{"ok names: tabpy.example, localhost"}, "tabpy.example"},
		"wildcard":         {[]string{"*.corp.example"}, []string{"ok names"}, "tabpy.corp.example"},
		"another host":     {[]string{"tabpy.example"}, []string{"fail names: not valid for other.example -> have it issued with other.example"}, "other.example"},
		"address":          {[]string{"10.1.2.3"}, []string{"ok names: 10.1.2.3"}, "10.1.2.3"},
		"terminal escapes": {[]string{"a\x1b[31m.example"}, []string{`ok names: "a\x1b[31m.example"`}, ""},
	} {
		cert := certtest.Issue(t, "tabpy.example", nil, certtest.ForHosts(c.sans...)).Cert
		var names []string
		if c.name != "" {
			names = []string{c.name}
		}
		findings := checkNames(cert, names)
		wantFindings(t, label, findings, c.wanted...)
		if strings.HasPrefix(c.wanted[0], "ok") && strings.Contains(format(findings), "fail") {
			t.Errorf("%s: unexpected failure: %s", label, format(findings))
		}
	}
}

func TestDates(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cert := &x509.Certificate{NotBefore: now.Add(-time.Hour), NotAfter: now.Add(100 * 24 * time.Hour), DNSNames: []string{"x"}}
	for after, want := range map[time.Duration]string{
		-2 * time.Hour:                 "fail validity: x: not valid before 2026-03-01 11:00:00",
		0:                              "ok validity: x: valid until 2026-06-09 12:00:00 (in 100 days)",
		80 * 24 * time.Hour:            "warn validity: x: valid until 2026-06-09 12:00:00 (in 20 days)",
		103 * 24 * time.Hour:           "fail validity: x: valid until 2026-06-09 12:00:00 (3 days ago)",
		100*24*time.Hour + time.Second: "fail validity: x: valid until 2026-06-09 12:00:00 (0 days ago)",
	} {
		wantFindings(t, after.String(), checkDates([]*x509.Certificate{cert}, now.Add(after)), want)
	}
}

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		uses []x509.ExtKeyUsage
		ok   bool
	}{"none": {nil, true}, "server": {[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, true}, "any": {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, true},
		"client": {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, false}} {
		if got := checkUsage(&x509.Certificate{ExtKeyUsage: c.uses}); (len(got) == 0) != c.ok {
			t.Errorf("%s: got %s", name, format(got))
		}
	}
}

func TestKeyFile(t *testing.T) {
	server, other := certtest.Issue(t, "server", nil, nil), certtest.Issue(t, "other", nil, nil)
	chain := []*x509.Certificate{server.Cert}
	files := certFiles(server.WriteFiles(t, t.TempDir()))
	if err := os.Chmod(files.Key, 0o640); err != nil {
		t.Fatal(err)
	}
	wantFindings(t, "matching key", checkKeyFile(files.Key, chain), "ok private key: ECDSA P-256, belongs to the certificate")
	wantFindings(t, "key of another", checkKeyFile(certFiles(other.WriteFiles(t, t.TempDir())).Key, chain), "fail private key: the key does not belong")
	wantFindings(t, "wrong order", checkKeyFile(files.Key, []*x509.Certificate{other.Cert, server.Cert}), "fail private key: the key belongs to certificate 2")
	wantFindings(t, "no key", checkKeyFile(files.Certificate, chain), "fail private key: "+files.Certificate)
	if goruntime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(files.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	wantFindings(t, "readable by others", checkKeyFile(files.Key, chain), "warn private key: mode 0644", "ok private key")
}

func certFiles(certificate, key string) certs.Files {
	return certs.Files{Certificate: certificate, Key: key}
}
