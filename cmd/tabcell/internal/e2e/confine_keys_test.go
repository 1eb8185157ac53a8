//go:build linux

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/testenv"
)

// TestConfinedKeySet checks that a server which has given up its rights fetches a key set. It does
// so before a guest is ready, which the test does not wait for.
func TestConfinedKeySet(t *testing.T) {
	if support := confine.Support(); !support.Complete() {
		t.Skip(support.Missing())
	}
	keys := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		key := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": key}}})
	}))
	defer keys.Close()
	c := &confined{t: t, dir: t.TempDir(), output: testenv.NewOutput()}
	if err := os.Mkdir(c.path("conf"), 0o700); err != nil {
		t.Fatal(err)
	}
	testenv.WriteFile(t, c.path("roots.crt"), certtest.PEM("CERTIFICATE", keys.Certificate().Raw))
	port := testenv.FreePort(t)
	testenv.WriteFile(t, c.path("conf/tabpy.conf"), fmt.Sprintf(`[TabPy]
TABPY_PORT = %d
TABCELL_HOST = 127.0.0.1
TABPY_OAUTH_ENABLED = true
TABPY_OAUTH_ISSUER = https://issuer.example
TABPY_OAUTH_AUDIENCE = tabcell
TABPY_OAUTH_JWKS_URI = %s/keys
TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS = true
TABCELL_MODELS_PATH = %s/models
`, port, keys.URL, c.dir))
	c.run("SSL_CERT_FILE=" + c.path("roots.crt"))
	c.output.Find(t, "Web service listening on port")
	request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/info", port), nil)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	request.Header.Set("Authorization", "Bearer "+encode([]byte(`{"alg":"EdDSA","kid":"k","typ":"JWT"}`))+"."+encode([]byte(`{}`))+"."+encode(make([]byte, 64)))
	r, err := testenv.AnyCertificate.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a token with a wrong signature got %s", r.Status)
	}
	c.output.Find(t, "the key set was fetched")
	c.checkKeyProcess()
}

// checkKeyProcess checks that another process has fetched the keys, and that it is confined too.
func (c *confined) checkKeyProcess() {
	c.t.Helper()
	pid := c.process.Process.Pid
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil || len(tasks) == 0 {
		c.t.Skip("the kernel does not list the children of processes", err)
	}
	var children []string
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // fails for a thread that has ended
		children = append(children, strings.Fields(string(text))...)
	}
	if len(children) != 1 {
		c.t.Fatalf("the server has the processes %v, want one", children)
	}
	status := testenv.ReadFile(c.t, "/proc/"+children[0]+"/status")
	for _, want := range []string{"Seccomp:\t2\n", "NoNewPrivs:\t1\n", "CapEff:\t0000000000000000\n"} {
		if !strings.Contains(status, want) {
			c.t.Errorf("the status of the process that fetches keys lacks %q:\n%s", want, status)
		}
	}
}
