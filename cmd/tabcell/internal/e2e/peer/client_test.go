//go:build peer && linux

package peer

import (
	"fmt"
	"path/filepath"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/tck"
)

// TestClient deploys, queries and removes functions with TabPy's own client package, with and
// without TLS (task test:client).
func TestClient(t *testing.T) {
	e := newPeerEnv(t)
	e.needsGuestPython(t)
	script, err := filepath.Abs("testdata/client.py")
	if err != nil {
		t.Fatal(err)
	}
	for name, tls := range map[string]string{"http": "", "https": e.tlsSettings(t)} {
		t.Run(name, func(t *testing.T) {
			const user, password = "ann", "c0lons: and spaces"
			url, stop := tck.Command(e.server(), "--disable-auth-warning", "--config").Start(t, e.protected(t, user, password, tls))
			defer stop()
			e.run(t, t.TempDir(), script, url+"/", user, password)
		})
	}
}

// server returns the path of the program under test: tabcell, or TabPy itself.
func (e peerEnv) server() string {
	if testsTabPy() {
		return e.tool("tabpy")
	}
	return filepath.Join(e.bin, "tabpy")
}

// protected returns a server with a password file that has one account, added by tabpy-user, and
// with the given additional settings.
func (e peerEnv) protected(t *testing.T, user, password, additional string) tck.ServerSpec {
	t.Helper()
	s := tck.ServerSpec{Port: testenv.FreePort(t), StatePath: t.TempDir(), Output: &tck.Output{}, Env: e.environ(t)}
	passwords := filepath.Join(t.TempDir(), "passwords.txt")
	mustRun(t, ".", filepath.Join(filepath.Dir(e.server()), "tabpy-user"), "add", "-u", user, "-p", password, "-f", passwords)
	s.ConfigText = fmt.Sprintf("[TabPy]\nTABPY_PORT = %d\nTABPY_STATE_PATH = %s\nTABPY_PWD_FILE = %s\n%s", s.Port, s.StatePath, passwords, additional)
	return s
}

// tlsSettings returns the settings of a server with the certificate of TabPy's tests.
func (e peerEnv) tlsSettings(t *testing.T) string {
	pair := filepath.Join(e.source, "tests", "integration", "resources", "2019_04_24_to_3018_08_25")
	return fmt.Sprintf("TABPY_TRANSFER_PROTOCOL = https\nTABPY_CERTIFICATE_FILE = %s.crt\nTABPY_KEY_FILE = %s.key\n", pair, pair)
}
