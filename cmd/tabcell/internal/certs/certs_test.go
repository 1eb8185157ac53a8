package certs

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func pairOf(certificate, key string) Files { return Files{certificate, key} }

func TestPairsThatCanBeUsed(t *testing.T) {
	root := certtest.Authority(t, "root", nil)
	between := certtest.Authority(t, "between", root)
	leaf := certtest.Issue(t, "leaf", between, nil)
	sec1, err := x509.MarshalECPrivateKey(leaf.Key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	withRSA, withEd := certtest.IssueFor(t, rsaKey), certtest.IssueFor(t, edKey)
	for name, c := range map[string]struct {
		cert, key string
		length    int
	}{
		"PKCS 8":           {leaf.CertPEM(), leaf.KeyPEM(), 1},
		"PKCS 8, RSA":      {withRSA.CertPEM(), withRSA.KeyPEM(), 1},
		"PKCS 1":           {withRSA.CertPEM(), certtest.PemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), 1},
		"SEC 1":            {leaf.CertPEM(), certtest.PemText("EC PARAMETERS", []byte{6, 0}) + certtest.PemText("EC PRIVATE KEY", sec1), 1},
		"Ed25519":          {withEd.CertPEM(), withEd.KeyPEM(), 1},
		"chain":            {certtest.ChainPEM(leaf, between, root), leaf.KeyPEM(), 3},
		"text around":      {"subject=x\n" + leaf.CertPEM() + "more\n", "Bag Attributes\n" + leaf.KeyPEM(), 1},
		"byte order mark":  {"\xef\xbb\xbf" + leaf.CertPEM(), "\xef\xbb\xbf" + leaf.KeyPEM(), 1},
		"Windows lines":    {strings.ReplaceAll(leaf.CertPEM(), "\n", "\r\n"), strings.ReplaceAll(leaf.KeyPEM(), "\n", "\r\n"), 1},
		"both in one file": {leaf.KeyPEM() + leaf.CertPEM(), leaf.CertPEM() + leaf.KeyPEM(), 1},
	} {
		pair, err := pairOf(certtest.WritePair(t, t.TempDir(), c.cert, c.key)).load(time.Now())
		if err != nil || len(pair.Certificate) != c.length {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPairsThatCannotBeUsed(t *testing.T) {
	leaf, other := certtest.Issue(t, "leaf", nil, nil), certtest.Issue(t, "other", nil, nil)
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := x509.MarshalPKCS8PrivateKey(exchange)
	if err != nil {
		t.Fatal(err)
	}
	protected := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}}))
	old := certtest.Issue(t, "old", nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2018, 8, 18, 0, 0, 0, 0, time.UTC), time.Date(2018, 8, 18, 19, 47, 18, 0, time.UTC)
	})
	future := certtest.Issue(t, "future", nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(3001, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	for name, c := range map[string]struct{ cert, key, said string }{
		"expired":                {old.CertPEM(), old.KeyPEM(), "The certificate provided expired on 2018-08-18 19:47:18."},
		"not yet valid":          {future.CertPEM(), future.KeyPEM(), "The certificate provided is not valid until 2999-01-01 00:00:00."},
		"expired, another's key": {old.CertPEM(), leaf.KeyPEM(), "expired on"},
		"another's key":          {leaf.CertPEM(), other.KeyPEM(), "the key does not belong to the certificate"},
		"order":                  {certtest.ChainPEM(other, leaf), leaf.KeyPEM(), "the key belongs to certificate 2 in the file: the server's own must be the first"},
		"swapped":                {leaf.KeyPEM(), leaf.CertPEM(), "there is no certificate in it: it holds a PRIVATE KEY; are the two files mistaken for each other?"},
		"certificate twice":      {leaf.CertPEM(), leaf.CertPEM(), "there is no private key in it: it holds a CERTIFICATE"},
		"password, PKCS 8":       {leaf.CertPEM(), certtest.PemText("ENCRYPTED PRIVATE KEY", []byte("x")), "protected by a password"},
		"password, old form":     {leaf.CertPEM(), protected, "openssl pkey -in server.key -out plain.key"},
		"DER":                    {string(leaf.Cert.Raw), leaf.KeyPEM(), "openssl x509 -inform DER -in server.crt"},
		"DER key":                {leaf.CertPEM(), "\x30\x81", "openssl pkey -inform DER -in server.key"},
		"empty":                  {"", leaf.KeyPEM(), "it is not a PEM file"},
		"no key":                 {leaf.CertPEM(), "hello", "it is not a PEM file"},
		"broken certificate":     {certtest.PemText("CERTIFICATE", []byte("x")), leaf.KeyPEM(), "server.crt: certificate 1: "},
		"broken key":             {leaf.CertPEM(), certtest.PemText("PRIVATE KEY", []byte("x")), "server.key: the key cannot be read: "},
		"kind of key":            {leaf.CertPEM(), certtest.PemText("DSA PRIVATE KEY", []byte("x")), "DSA PRIVATE KEY is a kind that TLS does not use"},
		"key that cannot sign":   {leaf.CertPEM(), certtest.PemText("PRIVATE KEY", x25519), "cannot sign"},
	} {
		files := pairOf(certtest.WritePair(t, t.TempDir(), c.cert, c.key))
		if _, err := files.load(time.Now()); err == nil || !strings.Contains(err.Error(), c.said) {
			t.Errorf("%s: %v", name, err)
		}
	}
	files := pairOf(certtest.WritePair(t, t.TempDir(), leaf.CertPEM(), leaf.KeyPEM()))
	for _, missing := range []Files{{files.Certificate + "x", files.Key}, {files.Certificate, files.Key + "x"}} {
		if _, err := missing.load(time.Now()); err == nil || !strings.Contains(err.Error(), "no such file") && !strings.Contains(err.Error(), "cannot find") {
			t.Errorf("a file that is missing: %v", err)
		}
	}
	pfx := filepath.Join(t.TempDir(), "both.PFX")
	testenv.WriteFile(t, pfx, "\x30\x82")
	if _, err := ReadChain(pfx); err == nil || !strings.Contains(err.Error(), "openssl pkcs12 -in both.PFX") {
		t.Errorf("PKCS 12: %v", err)
	}
}

// following is a pair that is followed, with a clock that the test puts forward.
func following(t testing.TB, first *certtest.Issued) (*certificates, Files, *bytes.Buffer, *time.Duration) {
	t.Helper()
	files := pairOf(first.WriteFiles(t, t.TempDir()))
	age(t, files, -time.Minute)
	var log bytes.Buffer
	c, err := newCertificates(files, zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	var ahead time.Duration
	c.now = func() time.Time { return time.Now().Add(ahead) }
	return c, files, &log, &ahead
}

func age(t testing.TB, files Files, by time.Duration) {
	t.Helper()
	at := time.Now().Add(by)
	for _, file := range []string{files.Certificate, files.Key} {
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *certificates) name(t testing.TB) string {
	t.Helper()
	pair, err := c.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf.Subject.CommonName
}

func wantName(t testing.TB, c *certificates, want string) {
	t.Helper()
	if got := c.name(t); got != want {
		t.Errorf("the certificate is %s, want %s", got, want)
	}
}

func TestCertificatesAreFollowed(t *testing.T) {
	c, files, log, ahead := following(t, certtest.Issue(t, "first", nil, nil))
	wantName(t, c, "first")

	second := certtest.Issue(t, "second", nil, nil)
	testenv.WriteFile(t, files.Certificate, second.CertPEM())
	wantName(t, c, "first") // the key may follow in a moment
	if log.Len() > 0 {
		t.Errorf("too early: %s", log)
	}
	testenv.WriteFile(t, files.Key, second.KeyPEM())
	*ahead = 2 * settleTime
	wantName(t, c, "second")
	if !strings.Contains(log.String(), "were read anew") {
		t.Errorf("log: %s", log)
	}

	// By a rename, with times of long ago, as tools that unpack and Kubernetes do it.
	dir := t.TempDir()
	third := certtest.Issue(t, "third", nil, nil)
	fresh := pairOf(third.WriteFiles(t, dir))
	age(t, fresh, -time.Minute)
	for from, to := range map[string]string{fresh.Certificate: files.Certificate, fresh.Key: files.Key} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	wantName(t, c, "third")
}

func TestTheLastGoodPairStays(t *testing.T) {
	first := certtest.Issue(t, "first", nil, nil)
	c, files, log, ahead := following(t, first)
	*ahead = 2 * settleTime
	other := certtest.Issue(t, "other", nil, nil)
	expired := certtest.Issue(t, "expired", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	minutes := time.Duration(0)
	for said, change := range map[string]func(){
		"does not belong":  func() { testenv.WriteFile(t, files.Certificate, other.CertPEM()) },
		"there is no cert": func() { testenv.WriteFile(t, files.Certificate, "") },
		"provided expired": func() { expired.WriteFiles(t, filepath.Dir(files.Key)) },
		"server.key":       func() { _ = os.Remove(files.Key) },
		"protected by a passw": func() {
			certtest.WritePair(t, filepath.Dir(files.Key), other.CertPEM(), certtest.PemText("ENCRYPTED PRIVATE KEY", nil))
		},
	} {
		first.WriteFiles(t, filepath.Dir(files.Key))
		minutes++
		age(t, files, -minutes*time.Minute) // a time of their own, however coarse the file system's clock is
		wantName(t, c, "first")
		log.Reset()
		change()
		for range 3 {
			wantName(t, c, "first")
		}
		if n := strings.Count(log.String(), "the previous pair stays"); n != 1 || !strings.Contains(log.String(), said) {
			t.Errorf("%s: %d warnings: %s", said, n, log)
		}
	}
	other.WriteFiles(t, filepath.Dir(files.Key))
	wantName(t, c, "other")
}

func TestExpiryIsNearEnoughToWarn(t *testing.T) {
	c, files, log, ahead := following(t, certtest.Issue(t, "first", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(20 * 24 * time.Hour) }))
	wantName(t, c, "first")
	if log.Len() > 0 {
		t.Fatalf("too early: %s", log)
	}
	*ahead = 7 * 24 * time.Hour
	for range 3 {
		wantName(t, c, "first")
	}
	if n := strings.Count(log.String(), "in 12 days"); n != 1 {
		t.Errorf("%d warnings: %s", n, log)
	}
	*ahead = 22 * 24 * time.Hour
	wantName(t, c, "first")
	if !strings.Contains(log.String(), "2 days ago") {
		t.Errorf("an expired one: %s", log)
	}
	certtest.Issue(t, "second", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(300 * 24 * time.Hour) }).WriteFiles(t, filepath.Dir(files.Key))
	log.Reset()
	wantName(t, c, "second")
	if strings.Contains(log.String(), "expires on") {
		t.Errorf("the new one: %s", log)
	}
}

// Files are replaced while many clients shake hands: each gets a whole pair.
func TestCertificatesUnderLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c, files, _, _ := following(t, certtest.Issue(t, "first", nil, nil))
	c.log, c.now = zerolog.Nop(), func() time.Time { return time.Now().Add(time.Hour) }
	pairs := []*certtest.Issued{certtest.Issue(t, "a", nil, nil), certtest.Issue(t, "b", nil, nil)}
	ctx, stop := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for ctx.Err() == nil {
				if err := shake(c); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 40 {
		pairs[i%2].WriteFiles(t, filepath.Dir(files.Key))
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	clients.Wait()
	wantName(t, c, "b")
}

// shake is a handshake through a pipe; it fails when key and certificate do not fit.
func shake(c *certificates) error {
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		defer far.Close()
		_ = tls.Server(far, &tls.Config{GetCertificate: c.get}).Handshake()
	}()
	return tls.Client(near, &tls.Config{InsecureSkipVerify: true}).Handshake()
}

func TestServerTLS(t *testing.T) {
	if c, err := ServerConfig(settings.TLS{Protocol: "http"}, zerolog.Nop()); c != nil || err != nil {
		t.Errorf("http: %v, %v", c, err)
	}
	files := pairOf(certtest.Issue(t, "x", nil, nil).WriteFiles(t, t.TempDir()))
	for name, version := range map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13} {
		c, err := ServerConfig(settings.TLS{Protocol: "https", Certificate: files.Certificate, Key: files.Key, Minimum: name}, zerolog.Nop())
		if err != nil || c.MinVersion != version {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	_, err := ServerConfig(settings.TLS{Protocol: "https", Certificate: files.Key, Key: files.Key}, zerolog.Nop())
	if err == nil || !strings.HasPrefix(err.Error(), "Error using HTTPS: ") {
		t.Errorf("no certificate: %v", err)
	}
}
