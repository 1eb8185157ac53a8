package cli

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/tck"

	"go.uber.org/goleak"
)

func tokenFile(name string) string { return testenv.File("httpapi/tck/testdata/configs/" + name) }

// recordedToken returns the Authorization header of a recorded request. The tokens expire in 2100.
func recordedToken(t *testing.T, name string) string {
	t.Helper()
	cases, err := tck.Load("oauth")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == name {
			return c.Request.Headers["Authorization"]
		}
	}
	t.Fatalf("no case %q", name)
	return ""
}

// status returns the status of GET /status with the given Authorization header.
func (r *testServer) status(t *testing.T, authorization string) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, r.url+"/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", authorization)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode
}

// keyServer returns an HTTPS server whose certificate the tests of this package trust.
func keyServer(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	der, err := os.ReadFile(tokenFile("test-tls.key.der"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(tokenFile("test-tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	block, _ := pem.Decode(text)
	if err != nil || block == nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{block.Bytes}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

var oauthEnviron = []string{
	"TABCELL_HOST=127.0.0.1", "TABPY_OAUTH_ENABLED=true", "TABPY_OAUTH_ISSUER=https://idp.example/", "TABPY_OAUTH_AUDIENCE=api://tabpy",
	"TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS=true",
}

// A key server that hangs delays only requests whose key is not known yet.
func TestHangingKeyServerDelaysOnlyUnknownKeys(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	good, rogue := recordedToken(t, "RS256"), recordedToken(t, "key set is fetched again for an unknown kid, then not for 30 s")
	keys, err := os.ReadFile(tokenFile("jwks/keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fetches atomic.Int64
	hanging, released := make(chan struct{}, 1), make(chan struct{})
	server := keyServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if fetches.Add(1) > 1 {
			hanging <- struct{}{}
			<-released
		}
		_, _ = w.Write(keys)
	})
	defer server.Close()
	r := startServer(t, append(oauthEnviron, "TABPY_OAUTH_JWKS_URI="+server.URL+"/keys?secret=1")...)
	if got := r.status(t, good); got != 200 || fetches.Load() != 1 {
		t.Errorf("status %d after %d fetches\n%s", got, fetches.Load(), r.stderr)
	}
	unknownKey := make(chan int, 1)
	go func() { unknownKey <- r.status(t, rogue) }()
	select {
	case <-hanging:
	case <-time.After(testenv.Scaled(30 * time.Second)):
		t.Fatalf("no second fetch\n%s", r.stderr)
	}
	for range 50 {
		if got := r.status(t, good); got != 200 {
			t.Errorf("while the key server hangs: status %d", got)
		}
	}
	select {
	case got := <-unknownKey:
		t.Errorf("response for an unknown key before the key server responded: %d", got)
	default:
	}
	close(released)
	if got := <-unknownKey; got != 401 || fetches.Load() != 2 {
		t.Errorf("unknown key: status %d after %d fetches", got, fetches.Load())
	}
	r.stderr.Find(t, `Unable to find a signing key that matches: 'rogue'`)
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
	http.DefaultClient.CloseIdleConnections()
	for _, secret := range []string{strings.Fields(good)[1], strings.Fields(rogue)[1], "secret=1"} {
		if strings.Contains(r.stderr.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, r.stderr)
		}
	}
}

// The key set can come from a file, for hosts without outbound connections. When the file is
// replaced, the new keys apply.
func TestServeWithKeySetFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	replaceKeys := func(name string) {
		t.Helper()
		keys, err := os.ReadFile(tokenFile("jwks/" + name))
		if err == nil {
			err = os.WriteFile(path+".new", keys, 0o600)
		}
		if err == nil {
			err = os.Rename(path+".new", path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	replaceKeys("keys.json")
	r := startServer(t, append(oauthEnviron, "TABCELL_OAUTH_JWKS_FILE="+path)...)
	dropped := recordedToken(t, "RS256 by a key without alg and use") // by key rsa-2, which the rotated set does not contain
	if got := r.status(t, dropped); got != 200 {
		t.Errorf("%d\n%s", got, r.stderr)
	}
	replaceKeys("rotated.json")
	for limit := time.Now().Add(testenv.Scaled(30 * time.Second)); r.status(t, dropped) != 401; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("the removed key is still accepted\n%s", r.stderr)
		}
	}
	if got := r.status(t, recordedToken(t, "RS256")); got != 200 {
		t.Errorf("status with a key that both sets contain: %d", got)
	}
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
}
