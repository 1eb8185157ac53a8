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

	"github.com/rs/zerolog"
)

// reloader provides the certificate and key of two files, and reloads them when the files are
// replaced. It is safe for concurrent use.
//
// GAP: TabPy reads the files once.
type reloader struct {
	files   Files
	log     zerolog.Logger
	now     func() time.Time
	current atomic.Pointer[tls.Certificate] // the last valid pair

	mu     sync.Mutex     // guards the fields below
	seen   [2]fs.FileInfo // of the files when they were last read; nil if Stat failed
	warned time.Time      // when the log last warned that the certificate expires
}

const (
	// settleTime is the age that a file must reach before it is read, because the two files are not
	// replaced at the same instant.
	settleTime = time.Second
	// ExpiryNear is the remaining validity below which the log warns.
	ExpiryNear = 14 * 24 * time.Hour
	// remindInterval is the time between two such warnings.
	remindInterval = 24 * time.Hour
)

// newReloader reads the certificate and key. It returns an error if they cannot be used.
func newReloader(files Files, log zerolog.Logger) (*reloader, error) {
	r := &reloader{files: files, log: log, now: time.Now}
	r.seen = r.stat()
	pair, err := files.load(r.now())
	if err != nil {
		return nil, err
	}
	r.current.Store(pair)
	r.warnIfExpiring()
	return r, nil
}

// get returns the current certificate. It is the GetCertificate function of the tls.Config. Only
// one handshake at a time checks the files, so that a slow file system delays no other handshake.
func (r *reloader) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if r.mu.TryLock() {
		defer r.mu.Unlock()
		r.reloadIfChanged()
		r.warnIfExpiring()
	}
	return r.current.Load(), nil
}

// reloadIfChanged reads the files if they were replaced. If they cannot be used, the previous pair
// remains in use. The caller holds r.mu.
func (r *reloader) reloadIfChanged() {
	infos := r.stat()
	if same(infos[0], r.seen[0]) && same(infos[1], r.seen[1]) || r.unsettled(infos[0]) || r.unsettled(infos[1]) {
		return
	}
	r.seen = infos
	pair, err := r.files.load(r.now())
	if err != nil {
		r.log.Warn().Err(err).Msg("the new certificate or key cannot be used; the previous pair remains in use")
		return
	}
	r.current.Store(pair)
	r.warned = time.Time{}
	r.log.Info().Str("certificate", r.files.Certificate).Str("expires", pair.Leaf.NotAfter.UTC().Format(TimeFormat)).
		Msg("certificate and key reloaded")
}

// unsettled reports whether a file may still be being written. A modification time in the future
// does not count, because it results from a wrong clock.
func (r *reloader) unsettled(info fs.FileInfo) bool {
	if info == nil {
		return false
	}
	age := r.now().Sub(info.ModTime())
	return age >= 0 && age < settleTime
}

// warnIfExpiring warns once a day if the certificate has expired or expires soon. The caller holds
// r.mu, except in newReloader.
func (r *reloader) warnIfExpiring() {
	now, leaf := r.now(), r.current.Load().Leaf
	if leaf.NotAfter.Sub(now) > ExpiryNear || now.Sub(r.warned) < remindInterval {
		return
	}
	r.warned = now
	r.log.Warn().Str("certificate", r.files.Certificate).
		Msgf("the certificate expires on %s (%s); replace the files, no restart is needed",
			leaf.NotAfter.UTC().Format(TimeFormat), DaysLeft(leaf, now))
}

// DaysLeft returns the remaining validity of a certificate in whole days: "in 5 days" or "5 days
// ago".
func DaysLeft(cert *x509.Certificate, now time.Time) string {
	days := int(cert.NotAfter.Sub(now).Hours() / 24)
	if now.After(cert.NotAfter) {
		return fmt.Sprintf("%d days ago", -days)
	}
	return fmt.Sprintf("in %d days", days)
}

// stat returns the infos of both files, with nil for a file whose info is not available.
func (r *reloader) stat() (infos [2]fs.FileInfo) {
	for i, file := range []string{r.files.Certificate, r.files.Key} {
		if info, err := os.Stat(file); err == nil {
			infos[i] = info
		}
	}
	return infos
}

// same reports whether two infos are of the same unchanged file, or both nil.
func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}
