//go:build console && linux

package console

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/tck"
)

// TestMethods runs the suites for a server with TLS that accepts passwords, tokens and client
// certificates, and for one that accepts certificates only.
func TestMethods(t *testing.T) {
	modules := installModules(t)
	tls, client := withTLS(t)
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := writeKeys(keys, true); err != nil {
		t.Fatal(err)
	}
	accounts := withAccounts(t)
	p := newProgram(t, append(append(tls, accounts...), "TABPY_OAUTH_ENABLED=true", "TABPY_OAUTH_ISSUER=https://idp.example/", "TABPY_OAUTH_AUDIENCE=api://tabpy",
		"TABCELL_OAUTH_JWKS_FILE="+keys)...)
	only := newProgram(t, tls...)
	for _, server := range []*program{p, only} {
		server.url = strings.Replace(server.url, "http:", "https:", 1)
		if err := server.start(); err != nil {
			t.Fatal(err)
		}
	}
	passwords := strings.TrimPrefix(accounts[0], "TABPY_PWD_FILE=")
	control := ofPrograms(p)
	control["remove"] = func() error { return user("", "remove", "leaver", "-f", passwords) }
	control["password"] = func() error { return user("another "+password+"\n", "update", "changer", "-f", passwords) }
	control["rotate"] = func() error { return writeKeys(keys, false) }
	control["reload"] = func() error { return p.cmd.Process.Signal(syscall.SIGHUP) }
	variables := append(client, "URL="+p.url, "CONTROL="+startControl(t, control), "TOKEN="+recordedToken(t, "RS256"), "EXPIRED="+recordedToken(t, "expired"),
		"CERTIFICATE_ONLY="+only.url)
	t.Run("methods", func(t *testing.T) { runSuite(t, modules, "methods", variables...) })
}

// withTLS returns the variables of a server with TLS that accepts client certificates, and variables
// for suites with the files of one for the account ada.
func withTLS(t *testing.T) (server, suite []string) {
	t.Helper()
	dir := t.TempDir()
	cert, key := certtest.Issue(t, "server", nil, certtest.ForHosts("127.0.0.1")).WriteFiles(t, dir)
	authority := certtest.Authority(t, "clients", nil)
	testenv.WriteFile(t, filepath.Join(dir, "ca.pem"), authority.CertPEM())
	ada := certtest.Issue(t, "ada", authority, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	clientCert, clientKey := ada.WriteFiles(t, t.TempDir())
	server = []string{"TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE=" + cert, "TABPY_KEY_FILE=" + key, "TABCELL_CLIENT_CA_FILE=" + filepath.Join(dir, "ca.pem"), "TABCELL_CLIENT_CERT=optional"}
	return server, []string{"CLIENT_CERT=" + clientCert, "CLIENT_KEY=" + clientKey}
}

// user runs a command about accounts.
func user(stdin string, args ...string) error {
	cmd := exec.Command("tabcell", append([]string{"user"}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// tokenKey is the ID of the key that has signed the recorded tokens.
const tokenKey = "rsa-1"

// writeKeys writes the recorded key set to a file, with or without the key of the tokens.
func writeKeys(file string, all bool) error {
	text, err := os.ReadFile(testenv.File("httpapi/tck/testdata/configs/jwks/keys.json"))
	if err != nil {
		return err
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return err
	}
	if !all {
		set.Keys = slices.DeleteFunc(set.Keys, func(key map[string]any) bool { return key["kid"] == tokenKey })
	}
	if text, err = json.Marshal(set); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// recordedToken returns the bearer token of a recorded request. The valid ones expire in 2100.
func recordedToken(t *testing.T, name string) string {
	t.Helper()
	cases, err := tck.Load("oauth")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == name {
			return strings.TrimPrefix(c.Request.Headers["Authorization"], "Bearer ")
		}
	}
	t.Fatalf("no case %q", name)
	return ""
}
