package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// openReloader returns a reloader of the files of first, its files, its log, and the offset of its
// clock, which the test can advance.
func openReloader(t testing.TB, first *certtest.Issued) (*reloader, Files, *bytes.Buffer, *time.Duration) {
	t.Helper()
	files := newFiles(first.WriteFiles(t, t.TempDir()))
	setAge(t, files, -time.Minute)
	var log bytes.Buffer
	r, err := newReloader(files, zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	var ahead time.Duration
	r.now = func() time.Time { return time.Now().Add(ahead) }
	return r, files, &log, &ahead
}

// setAge sets the modification time of both files to an offset from now.
func setAge(t testing.TB, files Files, offset time.Duration) {
	t.Helper()
	at := time.Now().Add(offset)
	for _, file := range []string{files.Certificate, files.Key} {
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// commonName returns the common name of the current certificate.
func (r *reloader) commonName(t testing.TB) string {
	t.Helper()
	pair, err := r.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf.Subject.CommonName
}

func wantName(t testing.TB, r *reloader, want string) {
	t.Helper()
	if got := r.commonName(t); got != want {
		t.Errorf("current certificate: got %s, want %s", got, want)
	}
}

func TestReload(t *testing.T) {
	r, files, log, ahead := openReloader(t, certtest.Issue(t, "first", nil, nil))
	wantName(t, r, "first")

	second := certtest.Issue(t, "second", nil, nil)
	testenv.WriteFile(t, files.Certificate, second.CertPEM())
	wantName(t, r, "first") // the key may be replaced next
	if log.Len() > 0 {
		t.Errorf("logged before the files settled: %s", log)
	}
	testenv.WriteFile(t, files.Key, second.KeyPEM())
	*ahead = 2 * settleTime
	wantName(t, r, "second")
	if !strings.Contains(log.String(), "certificate and key reloaded") {
		t.Errorf("the log lacks the reload: %s", log)
	}

	// Replace the files by renaming others, with old modification times, as Kubernetes and tools
	// that unpack archives do.
	dir := t.TempDir()
	third := certtest.Issue(t, "third", nil, nil)
	replacement := newFiles(third.WriteFiles(t, dir))
	setAge(t, replacement, -time.Minute)
	for from, to := range map[string]string{replacement.Certificate: files.Certificate, replacement.Key: files.Key} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	wantName(t, r, "third")
}

func TestUnusableFilesKeepPreviousPair(t *testing.T) {
	first := certtest.Issue(t, "first", nil, nil)
	r, files, log, ahead := openReloader(t, first)
	*ahead = 2 * settleTime
	other := certtest.Issue(t, "other", nil, nil)
	expired := certtest.Issue(t, "expired", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	minutes := time.Duration(0)
	for want, change := range map[string]func(){
		"does not belong":  func() { testenv.WriteFile(t, files.Certificate, other.CertPEM()) },
		"no certificate f": func() { testenv.WriteFile(t, files.Certificate, "") },
		"provided expired": func() { expired.WriteFiles(t, filepath.Dir(files.Key)) },
		"server.key":       func() { _ = os.Remove(files.Key) },
		"protected by a passw": func() {
			certtest.WritePair(t, filepath.Dir(files.Key), other.CertPEM(), certtest.PEM("ENCRYPTED PRIVATE KEY", nil))
		},
	} {
		first.WriteFiles(t, filepath.Dir(files.Key))
		minutes++
		setAge(t, files, -minutes*time.Minute) // a distinct time, even if the file system's clock is coarse
		wantName(t, r, "first")
		log.Reset()
		change()
		for range 3 {
			wantName(t, r, "first")
		}
		if n := strings.Count(log.String(), "the previous pair remains"); n != 1 || !strings.Contains(log.String(), want) {
			t.Errorf("%s: got %d warnings, want 1: %s", want, n, log)
		}
	}
	other.WriteFiles(t, filepath.Dir(files.Key))
	wantName(t, r, "other")
}

func TestExpiryWarning(t *testing.T) {
	r, files, log, ahead := openReloader(t, certtest.Issue(t, "first", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(20 * 24 * time.Hour) }))
	wantName(t, r, "first")
	if log.Len() > 0 {
		t.Fatalf("warned 20 days before the expiry: %s", log)
	}
	*ahead = 7 * 24 * time.Hour
	for range 3 {
		wantName(t, r, "first")
	}
	if n := strings.Count(log.String(), "in 12 days"); n != 1 {
		t.Errorf("got %d warnings, want 1: %s", n, log)
	}
	*ahead = 22 * 24 * time.Hour
	wantName(t, r, "first")
	if !strings.Contains(log.String(), "2 days ago") {
		t.Errorf("no warning for an expired certificate: %s", log)
	}
	certtest.Issue(t, "second", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(300 * 24 * time.Hour) }).WriteFiles(t, filepath.Dir(files.Key))
	log.Reset()
	wantName(t, r, "second")
	if strings.Contains(log.String(), "expires on") {
		t.Errorf("warned about the renewed certificate: %s", log)
	}
}

// TestReloadDuringHandshakes replaces the files while many clients connect. Each handshake must use
// a key and a certificate that belong together.
func TestReloadDuringHandshakes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r, files, _, _ := openReloader(t, certtest.Issue(t, "first", nil, nil))
	r.log, r.now = zerolog.Nop(), func() time.Time { return time.Now().Add(time.Hour) }
	pairs := []*certtest.Issued{certtest.Issue(t, "a", nil, nil), certtest.Issue(t, "b", nil, nil)}
	ctx, stop := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for ctx.Err() == nil {
				if err := handshake(r); err != nil {
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
	wantName(t, r, "b")
}

// handshake performs a TLS handshake through a pipe. It fails if the key does not belong to the
// certificate.
func handshake(r *reloader) error {
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		_ = tls.Server(server, &tls.Config{GetCertificate: r.get}).Handshake()
	}()
	return tls.Client(client, &tls.Config{InsecureSkipVerify: true}).Handshake()
}
