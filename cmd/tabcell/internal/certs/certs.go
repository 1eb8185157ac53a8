// Package certs loads the server's certificate and private key and follows the files when they are
// replaced, so that a renewed certificate needs no restart.
package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/settings"

	"github.com/rs/zerolog"
)

// tlsVersions are those that settings lets through.
var tlsVersions = map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13}

// ServerConfig is what the settings make of TLS: nil for plain HTTP, or an error in TabPy's form.
func ServerConfig(s settings.TLS, log zerolog.Logger) (*tls.Config, error) {
	if s.Protocol != "https" {
		return nil, nil
	}
	certs, err := newCertificates(Files{s.Certificate, s.Key}, log)
	if err != nil {
		return nil, fmt.Errorf("Error using HTTPS: %w", err) //nolint:staticcheck // TabPy's sentence
	}
	return &tls.Config{MinVersion: tlsVersions[s.Minimum], GetCertificate: certs.get}, nil
}

// certificates hands out the pair of the two files, and follows them when they are replaced.
//
// GAP: TabPy reads them once.
type certificates struct {
	files   Files
	log     zerolog.Logger
	now     func() time.Time
	current atomic.Pointer[tls.Certificate] // the last good pair

	mu     sync.Mutex // guards what follows
	seen   [2]fs.FileInfo
	warned time.Time // of the pair's end
}

const (
	// settleTime is how long files must lie still before they are read: whoever replaces them takes a moment for both.
	settleTime = time.Second
	ExpiryNear = 14 * 24 * time.Hour
	remindTime = 24 * time.Hour
)

// newCertificates reads the pair, which must be good.
func newCertificates(files Files, log zerolog.Logger) (*certificates, error) {
	c := &certificates{files: files, log: log, now: time.Now}
	c.seen = c.stat()
	pair, err := files.load(c.now())
	if err != nil {
		return nil, err
	}
	c.current.Store(pair)
	c.remind()
	return c, nil
}

// get is tls.Config's GetCertificate. It looks at the files first, unless another handshake is about to: one that hangs on a slow file
// system holds up no other.
func (c *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c.mu.TryLock() {
		defer c.mu.Unlock()
		c.follow()
		c.remind()
	}
	return c.current.Load(), nil
}

// follow reads files that were replaced. While they are no good pair, the last one that was stays.
func (c *certificates) follow() {
	found := c.stat()
	if same(found[0], c.seen[0]) && same(found[1], c.seen[1]) || c.fresh(found[0]) || c.fresh(found[1]) {
		return
	}
	c.seen = found
	pair, err := c.files.load(c.now())
	if err != nil {
		c.log.Warn().Err(err).Msg("the new certificate or key cannot be used; the previous pair stays")
		return
	}
	c.current.Store(pair)
	c.warned = time.Time{}
	c.log.Info().Str("certificate", c.files.Certificate).Str("expires", pair.Leaf.NotAfter.UTC().Format(TimeFormat)).Msg("certificate and key were read anew")
}

// fresh reports whether a file may still be being written. A time in the future is a clock's fault.
func (c *certificates) fresh(info fs.FileInfo) bool {
	if info == nil {
		return false
	}
	age := c.now().Sub(info.ModTime())
	return age >= 0 && age < settleTime
}

// remind warns once a day of a pair that is about to expire, or has.
func (c *certificates) remind() {
	now, leaf := c.now(), c.current.Load().Leaf
	if leaf.NotAfter.Sub(now) > ExpiryNear || now.Sub(c.warned) < remindTime {
		return
	}
	c.warned = now
	c.log.Warn().Str("certificate", c.files.Certificate).Msgf("the certificate expires on %s (%s): replace the files, no restart is needed",
		leaf.NotAfter.UTC().Format(TimeFormat), DaysLeft(leaf, now))
}

func DaysLeft(cert *x509.Certificate, now time.Time) string {
	days := int(cert.NotAfter.Sub(now).Hours() / 24)
	if now.After(cert.NotAfter) {
		return fmt.Sprintf("%d days ago", -days)
	}
	return fmt.Sprintf("in %d days", days)
}

// stat looks at both files; nil stands for one that cannot be looked at.
func (c *certificates) stat() (found [2]fs.FileInfo) {
	for i, file := range []string{c.files.Certificate, c.files.Key} {
		if info, err := os.Stat(file); err == nil {
			found[i] = info
		}
	}
	return found
}

func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}
