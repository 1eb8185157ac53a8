package cli

import (
	"bytes"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// expectHealth runs the command and checks its exit code and a part of its output.
func expectHealth(t *testing.T, environ []string, code int, want string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	a := &App{Args: append([]string{"tabcell", "health"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Environ: environ}
	if got := a.Run(); got != code || !strings.Contains(out.String(), want) {
		t.Errorf("health %q: exit code %d, output %q, want %d and %q", args, got, out.String(), code, want)
	}
}

// The command finds the server of the models folder, whatever its port, and distinguishes a server
// that accepts requests from one that is ready.
func TestHealth(t *testing.T) {
	ready := make(chan struct{})
	environ := []string{"TABCELL_MODELS_PATH=" + filepath.Join(t.TempDir(), "models"), "TABPY_PORT=1"}
	expectHealth(t, environ, 1, "http://127.0.0.1:1 did not respond")
	r := startServerWhen(t, ready, environ...)
	expectHealth(t, environ, 0, r.url+" is live\n", "--live")
	expectHealth(t, environ, 1, r.url+" is not ready (status 503)")
	close(ready)
	r.stderr.Find(t, `(ready: scripts can run)`)
	expectHealth(t, environ, 0, r.url+" is ready\n")
	port := r.url[strings.LastIndexByte(r.url, ':')+1:]
	expectHealth(t, nil, 0, r.url+" is ready\n", "--port", port, "--host", "0.0.0.0")
	expectHealth(t, environ, 0, r.url+" is ready\n", r.url+"/")
	r.stop(t)
	expectHealth(t, environ, 1, "did not respond")
}

func TestHealthOverTLS(t *testing.T) {
	authority := newClientAuthority(t)
	models := filepath.Join(t.TempDir(), "models")
	for mode, want := range map[string]string{"required": "is live; --cert and --key are needed", "optional": "is ready"} {
		environ := []string{"TABCELL_MODELS_PATH=" + models, "TABCELL_CLIENT_CERT=" + mode}
		r := startWithClientCerts(t, authority, environ...)
		r.stderr.Find(t, `(ready: scripts can run)`)
		expectHealth(t, environ, 0, want)
		expectHealth(t, nil, 1, "failed to verify certificate", r.url)
		expectHealth(t, nil, 0, want, "--insecure", r.url)
		cert, key := certtest.Issue(t, "probe", authority.Issued, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}).WriteFiles(t, t.TempDir())
		expectHealth(t, environ, 0, "is ready", "--cert", cert, "--key", key)
		expectHealth(t, environ, 1, "--cert and --key belong together", "--cert", cert)
		r.stop(t)
	}
}

// With --cacert, the certificate of a URL must be from one of the authorities.
func TestHealthTrust(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/base/health/ready" {
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	file := func(name, content string) string {
		testenv.WriteFile(t, filepath.Join(dir, name), content)
		return filepath.Join(dir, name)
	}
	trusted := file("trusted.pem", certtest.PEM("CERTIFICATE", server.Certificate().Raw))
	other := file("other.pem", certtest.Authority(t, "other", nil).CertPEM())
	expectHealth(t, nil, 0, "/base is healthy", "--cacert", trusted, server.URL+"/base")
	expectHealth(t, nil, 1, "is not healthy (status 404): Not Found", "--cacert", trusted, server.URL)
	expectHealth(t, nil, 1, "failed to verify certificate", "--cacert", other, server.URL+"/base")
	expectHealth(t, nil, 1, "no certificates in PEM format", "--cacert", file("empty.pem", ""), server.URL)
}

// A server that accepts connections but does not respond is not healthy.
func TestHealthTimeout(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	expectHealth(t, nil, 1, "deadline exceeded", "--wait", "100ms", "http://"+silent.Addr().String())
	expectHealth(t, nil, 1, "is not a valid server URL", "localhost:9004")
	expectHealth(t, nil, 2, "unexpected argument \"http://b\"", "http://a", "http://b")
}
