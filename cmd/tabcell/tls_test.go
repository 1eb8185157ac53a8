package main

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

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func pairOf(certificate, key string) pairFiles { return pairFiles{certificate, key} }

func TestPairsThatCanBeUsed(t *testing.T) {
	root := authority(t, "root", nil)
	between := authority(t, "between", root)
	leaf := mustIssue(t, "leaf", between, nil)
	sec1, err := x509.MarshalECPrivateKey(leaf.key.(*ecdsa.PrivateKey))
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
	withRSA, withEd := mustIssueFor(t, rsaKey), mustIssueFor(t, edKey)
	for name, c := range map[string]struct {
		cert, key string
		length    int
	}{
		"PKCS 8":           {leaf.certPEM(), leaf.keyPEM(), 1},
		"PKCS 8, RSA":      {withRSA.certPEM(), withRSA.keyPEM(), 1},
		"PKCS 1":           {withRSA.certPEM(), pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), 1},
		"SEC 1":            {leaf.certPEM(), pemText("EC PARAMETERS", []byte{6, 0}) + pemText("EC PRIVATE KEY", sec1), 1},
		"Ed25519":          {withEd.certPEM(), withEd.keyPEM(), 1},
		"chain":            {chainPEM(leaf, between, root), leaf.keyPEM(), 3},
		"text around":      {"subject=x\n" + leaf.certPEM() + "more\n", "Bag Attributes\n" + leaf.keyPEM(), 1},
		"byte order mark":  {"\xef\xbb\xbf" + leaf.certPEM(), "\xef\xbb\xbf" + leaf.keyPEM(), 1},
		"Windows lines":    {strings.ReplaceAll(leaf.certPEM(), "\n", "\r\n"), strings.ReplaceAll(leaf.keyPEM(), "\n", "\r\n"), 1},
		"both in one file": {leaf.keyPEM() + leaf.certPEM(), leaf.certPEM() + leaf.keyPEM(), 1},
	} {
		pair, err := pairOf(writePair(t, t.TempDir(), c.cert, c.key)).load(time.Now())
		if err != nil || len(pair.Certificate) != c.length {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPairsThatCannotBeUsed(t *testing.T) {
	leaf, other := mustIssue(t, "leaf", nil, nil), mustIssue(t, "other", nil, nil)
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
	old := mustIssue(t, "old", nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2018, 8, 18, 0, 0, 0, 0, time.UTC), time.Date(2018, 8, 18, 19, 47, 18, 0, time.UTC)
	})
	future := mustIssue(t, "future", nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(3001, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	for name, c := range map[string]struct{ cert, key, said string }{
		"expired":                {old.certPEM(), old.keyPEM(), "The certificate provided expired on 2018-08-18 19:47:18."},
		"not yet valid":          {future.certPEM(), future.keyPEM(), "The certificate provided is not valid until 2999-01-01 00:00:00."},
		"expired, another's key": {old.certPEM(), leaf.keyPEM(), "expired on"},
		"another's key":          {leaf.certPEM(), other.keyPEM(), "the key does not belong to the certificate"},
		"order":                  {chainPEM(other, leaf), leaf.keyPEM(), "the key belongs to certificate 2 in the file: the server's own must be the first"},
		"swapped":                {leaf.keyPEM(), leaf.certPEM(), "there is no certificate in it: it holds a PRIVATE KEY; are the two files mistaken for each other?"},
		"certificate twice":      {leaf.certPEM(), leaf.certPEM(), "there is no private key in it: it holds a CERTIFICATE"},
		"password, PKCS 8":       {leaf.certPEM(), pemText("ENCRYPTED PRIVATE KEY", []byte("x")), "protected by a password"},
		"password, old form":     {leaf.certPEM(), protected, "openssl pkey -in server.key -out plain.key"},
		"DER":                    {string(leaf.cert.Raw), leaf.keyPEM(), "openssl x509 -inform DER -in server.crt"},
		"DER key":                {leaf.certPEM(), "\x30\x81", "openssl pkey -inform DER -in server.key"},
		"empty":                  {"", leaf.keyPEM(), "it is not a PEM file"},
		"no key":                 {leaf.certPEM(), "hello", "it is not a PEM file"},
		"broken certificate":     {pemText("CERTIFICATE", []byte("x")), leaf.keyPEM(), "server.crt: certificate 1: "},
		"broken key":             {leaf.certPEM(), pemText("PRIVATE KEY", []byte("x")), "server.key: the key cannot be read: "},
		"kind of key":            {leaf.certPEM(), pemText("DSA PRIVATE KEY", []byte("x")), "DSA PRIVATE KEY is a kind that TLS does not use"},
		"key that cannot sign":   {leaf.certPEM(), pemText("PRIVATE KEY", x25519), "cannot sign"},
	} {
		files := pairOf(writePair(t, t.TempDir(), c.cert, c.key))
		if _, err := files.load(time.Now()); err == nil || !strings.Contains(err.Error(), c.said) {
			t.Errorf("%s: %v", name, err)
		}
	}
	files := pairOf(writePair(t, t.TempDir(), leaf.certPEM(), leaf.keyPEM()))
	for _, missing := range []pairFiles{{files.certificate + "x", files.key}, {files.certificate, files.key + "x"}} {
		if _, err := missing.load(time.Now()); err == nil || !strings.Contains(err.Error(), "no such file") && !strings.Contains(err.Error(), "cannot find") {
			t.Errorf("a file that is missing: %v", err)
		}
	}
	pfx := filepath.Join(t.TempDir(), "both.PFX")
	testenv.WriteFile(t, pfx, "\x30\x82")
	if _, err := readChain(pfx); err == nil || !strings.Contains(err.Error(), "openssl pkcs12 -in both.PFX") {
		t.Errorf("PKCS 12: %v", err)
	}
}

// following is a pair that is followed, with a clock that the test puts forward.
func following(t testing.TB, first *issued) (*certificates, pairFiles, *bytes.Buffer, *time.Duration) {
	t.Helper()
	files := pairOf(first.put(t, t.TempDir()))
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

func age(t testing.TB, files pairFiles, by time.Duration) {
	t.Helper()
	at := time.Now().Add(by)
	for _, file := range []string{files.certificate, files.key} {
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
	c, files, log, ahead := following(t, mustIssue(t, "first", nil, nil))
	wantName(t, c, "first")

	second := mustIssue(t, "second", nil, nil)
	testenv.WriteFile(t, files.certificate, second.certPEM())
	wantName(t, c, "first") // the key may follow in a moment
	if log.Len() > 0 {
		t.Errorf("too early: %s", log)
	}
	testenv.WriteFile(t, files.key, second.keyPEM())
	*ahead = 2 * settleTime
	wantName(t, c, "second")
	if !strings.Contains(log.String(), "were read anew") {
		t.Errorf("log: %s", log)
	}

	// By a rename, with times of long ago, as tools that unpack and Kubernetes do it.
	dir := t.TempDir()
	third := mustIssue(t, "third", nil, nil)
	fresh := pairOf(third.put(t, dir))
	age(t, fresh, -time.Minute)
	for from, to := range map[string]string{fresh.certificate: files.certificate, fresh.key: files.key} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	wantName(t, c, "third")
}

func TestTheLastGoodPairStays(t *testing.T) {
	first := mustIssue(t, "first", nil, nil)
	c, files, log, ahead := following(t, first)
	*ahead = 2 * settleTime
	other := mustIssue(t, "other", nil, nil)
	expired := mustIssue(t, "expired", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	minutes := time.Duration(0)
	for said, change := range map[string]func(){
		"does not belong":      func() { testenv.WriteFile(t, files.certificate, other.certPEM()) },
		"there is no cert":     func() { testenv.WriteFile(t, files.certificate, "") },
		"provided expired":     func() { expired.put(t, filepath.Dir(files.key)) },
		"server.key":           func() { _ = os.Remove(files.key) },
		"protected by a passw": func() { writePair(t, filepath.Dir(files.key), other.certPEM(), pemText("ENCRYPTED PRIVATE KEY", nil)) },
	} {
		first.put(t, filepath.Dir(files.key))
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
	other.put(t, filepath.Dir(files.key))
	wantName(t, c, "other")
}

func TestExpiryIsNearEnoughToWarn(t *testing.T) {
	c, files, log, ahead := following(t, mustIssue(t, "first", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(20 * 24 * time.Hour) }))
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
	mustIssue(t, "second", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(300 * 24 * time.Hour) }).put(t, filepath.Dir(files.key))
	log.Reset()
	wantName(t, c, "second")
	if strings.Contains(log.String(), "expires on") {
		t.Errorf("the new one: %s", log)
	}
}

// Files are replaced while many clients shake hands: each gets a whole pair.
func TestCertificatesUnderLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c, files, _, _ := following(t, mustIssue(t, "first", nil, nil))
	c.log, c.now = zerolog.Nop(), func() time.Time { return time.Now().Add(time.Hour) }
	pairs := []*issued{mustIssue(t, "a", nil, nil), mustIssue(t, "b", nil, nil)}
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
		pairs[i%2].put(t, filepath.Dir(files.key))
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
	if c, err := serverTLS(settings.TLS{Protocol: "http"}, zerolog.Nop()); c != nil || err != nil {
		t.Errorf("http: %v, %v", c, err)
	}
	files := pairOf(mustIssue(t, "x", nil, nil).put(t, t.TempDir()))
	for name, version := range map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13} {
		c, err := serverTLS(settings.TLS{Protocol: "https", Certificate: files.certificate, Key: files.key, Minimum: name}, zerolog.Nop())
		if err != nil || c.MinVersion != version {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	_, err := serverTLS(settings.TLS{Protocol: "https", Certificate: files.key, Key: files.key}, zerolog.Nop())
	if err == nil || !strings.HasPrefix(err.Error(), "Error using HTTPS: ") {
		t.Errorf("no certificate: %v", err)
	}
}
