//go:build peer && linux

package peer

import (
	"fmt"
	"path/filepath"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/tck"
)

// TestClient lets TabPy's own client package deploy, query and remove functions, with and without TLS. See Taskfile.yml, test:client.
func TestClient(t *testing.T) {
	e := newPeerEnv(t)
	e.needsGuestPython(t)
	script, err := filepath.Abs("testdata/client.py")
	if err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string]string{"http": "", "https": e.tlsSettings(t)} {
		t.Run(name, func(t *testing.T) {
			const user, password = "ann", "c0lons: and spaces"
			url, stop := tck.Command(e.server(), "--disable-auth-warning", "--config").Start(t, e.protected(t, user, password, more))
			defer stop()
			e.run(t, t.TempDir(), script, url+"/", user, password)
		})
	}
}

// server is the program under test: this one, or TabPy itself.
func (e peerEnv) server() string {
	if itself() {
		return e.tool("tabpy")
	}
	return filepath.Join(e.bin, "tabpy")
}

// protected is a server with one person in its password file, who is put there by tabpy-user.
func (e peerEnv) protected(t *testing.T, user, password, more string) tck.ServerSpec {
	t.Helper()
	s := tck.ServerSpec{Port: testenv.FreePort(t), StatePath: t.TempDir(), Output: &tck.Output{}, Env: e.environ(t)}
	people := filepath.Join(t.TempDir(), "people.txt")
	mustRun(t, ".", filepath.Join(filepath.Dir(e.server()), "tabpy-user"), "add", "-u", user, "-p", password, "-f", people)
	s.ConfigText = fmt.Sprintf("[TabPy]\nTABPY_PORT = %d\nTABPY_STATE_PATH = %s\nTABPY_PWD_FILE = %s\n%s", s.Port, s.StatePath, people, more)
	return s
}

// tlsSettings are those of a server with the certificate of TabPy's tests.
func (e peerEnv) tlsSettings(t *testing.T) string {
	pair := filepath.Join(e.source, "tests", "integration", "resources", "2019_04_24_to_3018_08_25")
	return fmt.Sprintf("TABPY_TRANSFER_PROTOCOL = https\nTABPY_CERTIFICATE_FILE = %s.crt\nTABPY_KEY_FILE = %s.key\n", pair, pair)
}
