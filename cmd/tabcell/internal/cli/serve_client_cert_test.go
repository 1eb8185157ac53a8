package cli

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"

	"go.uber.org/goleak"
)

// clientAuthority is a certificate authority of clients, with its file.
type clientAuthority struct {
	*certtest.Issued
	file string
}

func newClientAuthority(t *testing.T) clientAuthority {
	t.Helper()
	a := clientAuthority{certtest.Authority(t, "clients", nil), filepath.Join(t.TempDir(), "ca.pem")}
	testenv.WriteFile(t, a.file, a.CertPEM())
	return a
}

// client returns an HTTP client with a certificate of the authority, or without one if the common
// name is "".
func (a clientAuthority) client(t *testing.T, commonName string) *http.Client {
	t.Helper()
	config := &tls.Config{InsecureSkipVerify: true}
	if commonName != "" {
		issued := certtest.Issue(t, commonName, a.Issued, func(c *x509.Certificate) {
			c.Subject = pkix.Name{CommonName: commonName, Organization: []string{"Example Inc"}}
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})
		config.Certificates = []tls.Certificate{{Certificate: [][]byte{issued.Cert.Raw}, PrivateKey: issued.Key}}
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// startWithClientCerts starts a server that accepts certificates of the authority.
func startWithClientCerts(t *testing.T, a clientAuthority, environ ...string) *testServer {
	t.Helper()
	cert, key := certtest.Issue(t, "server", nil, certtest.ForHosts("127.0.0.1")).WriteFiles(t, t.TempDir())
	r := startServer(t, append([]string{"TABCELL_HOST=127.0.0.1", "TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE=" + cert, "TABPY_KEY_FILE=" + key,
		"TABCELL_CLIENT_CA_FILE=" + a.file, "TABPY_LOG_DETAILS=true"}, environ...)...)
	r.url = strings.Replace(r.url, "http:", "https:", 1)
	return r
}

// stop stops the server and checks that it ends in order.
func (r *testServer) stop(t *testing.T) {
	t.Helper()
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
}

// send sends GET /status, with a user name and password if name is not "". It returns the status,
// the challenge and the body, or 0 and the error of the connection.
func (r *testServer) send(t *testing.T, client *http.Client, name, password string) (int, string, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, r.url+"/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	if name != "" {
		request.SetBasicAuth(name, password)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Www-Authenticate"), string(body)
}

// expectAlert connects without a client certificate and expects the server's alert. Go's HTTP/2
// client may report the end of the connection in place of the alert.
func (r *testServer) expectAlert(t *testing.T, want string) {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(r.url, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		defer conn.Close()
		_, err = conn.Read(make([]byte, 1)) // in TLS 1.3 the server checks after the client's handshake
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

const noAccount = `{"message": "The subject of the client certificate, \"CN=eve,O=Example Inc\", has no account.", "info": "Forbidden request."}`

// Certificates authenticate clients without a header. A header decides alone.
func TestServeWithClientCertificates(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	passwords := filepath.Join(t.TempDir(), "pwd.txt")
	if code, _, stderr := runProgram("a long secret\n", "tabcell", "user", "add", "ann", "-f", passwords); code != exitOK {
		t.Fatal(stderr)
	}
	mapping := filepath.Join(t.TempDir(), "map.txt")
	testenv.WriteFile(t, mapping, "# accounts\n\"CN=eve,O=Example Inc\" evelyn\n")
	a, other := newClientAuthority(t), newClientAuthority(t)
	type login struct {
		authority                  clientAuthority
		commonName, user, password string
	}
	certificate := func(name string) login { return login{authority: a, commonName: name} }
	nobody := login{authority: a}
	for name, c := range map[string]struct {
		environ []string
		want    map[login]string // the status, and the end of the body or the challenge
	}{
		"required": {nil, map[login]string{certificate("eve"): "200 ", nobody: "0 ", {authority: other, commonName: "eve"}: "0 "}},
		"optional": {[]string{"TABCELL_CLIENT_CERT=optional"}, map[login]string{
			certificate("eve"): "200 ", nobody: `403 {"message": "A client certificate is required.", "info": "Forbidden request."}`,
		}},
		"passwords": {[]string{"TABPY_PWD_FILE=" + passwords, "TABCELL_CLIENT_CERT=optional"}, map[login]string{
			certificate("Ann"): "200 ", certificate("eve"): "403 " + noAccount, nobody: `401 Basic realm="TabPy Server"`,
			{a, "", "ann", "a long secret"}:    "200 ",
			{a, "eve", "ann", "a long secret"}: "200 ",
			{a, "ann", "ann", "wrong"}:         `401 Basic realm="TabPy Server"`,
		}},
		"map": {[]string{"TABCELL_CLIENT_CERT_MAP=" + mapping}, map[login]string{certificate("eve"): "200 ", certificate("ann"): "403 "}},
	} {
		t.Run(name, func(t *testing.T) {
			r := startWithClientCerts(t, a, c.environ...)
			for l, want := range c.want {
				status, challenge, body := r.send(t, l.authority.client(t, l.commonName), l.user, l.password)
				code, text, _ := strings.Cut(want, " ")
				if got := map[int]string{0: "0", 200: "200", 401: "401", 403: "403"}[status]; got != code || !strings.Contains(challenge+body, text) {
					t.Errorf("%+v: status %d, challenge %q, body %s; want %s", l, status, challenge, body, want)
				}
			}
			if name == "required" {
				r.expectAlert(t, "certificate required")
			}
			if name == "passwords" {
				r.stderr.Find(t, `(The subject of the client certificate, \\"CN=eve,O=Example Inc\\", has no account)`)
				r.stderr.Find(t, `(TabPy user: Ann)`)
			}
			r.stop(t)
		})
	}
}

// The response of /info has the method, and a reload changes the authorities and the mapping, also
// for connections that exist.
func TestReloadOfClientCertificates(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	a, b := newClientAuthority(t), newClientAuthority(t)
	mapping := filepath.Join(t.TempDir(), "map.txt")
	testenv.WriteFile(t, mapping, "\"CN=eve,O=Example Inc\" evelyn\n")
	r := startWithClientCerts(t, a, "TABCELL_CLIENT_CERT_MAP="+mapping)
	first, second := a.client(t, "eve"), b.client(t, "eve")
	want := func(client *http.Client, want int, text string) {
		t.Helper()
		if status, _, body := r.send(t, client, "", ""); status != want || !strings.Contains(body, text) {
			t.Errorf("status %d %s, want %d %s", status, body, want, text)
		}
	}
	response, err := first.Get(r.url + "/info")
	if err != nil {
		t.Fatal(err)
	}
	info, _ := io.ReadAll(response.Body)
	if response.Body.Close(); !strings.Contains(string(info), `"authentication": {"required": true, "methods": {"client-certificate": {}}}`) || response.ProtoMajor != 2 {
		t.Errorf("%s: %s", response.Proto, info)
	}
	want(second, 0, "")
	testenv.WriteFile(t, a.file, b.CertPEM())
	r.reload(t, 1)
	want(first, 403, "its authority is no longer accepted") // the connection is still open
	want(second, 200, "")
	testenv.WriteFile(t, mapping, "\"CN=ann,O=Example Inc\" ann\n")
	r.reload(t, 2)
	want(second, 403, "has no account")
	testenv.WriteFile(t, a.file, "nothing")
	r.reloads <- os.Interrupt
	r.stderr.Find(t, `(nothing has changed: Error using HTTPS: .*: no certificate found)`)
	want(second, 403, "has no account")
	r.stop(t)
}
