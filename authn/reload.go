package authn

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Watch checks the file for changes at every interval until ctx is done. A changed file takes
// effect once it is the same in two consecutive checks, since another process may still be writing
// it. A file that cannot be read or has an invalid line changes nothing: the last good copy stays
// in effect. Watch calls report once for each change, with the error or nil, on its own goroutine.
// GAP: TabPy reads the file only once.
func (p *Passwords) Watch(ctx context.Context, interval time.Duration, report func(error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	w := watcher{passwords: p}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if changed, err := w.check(); changed {
				report(err)
			}
		}
	}
}

// watcher is the state of Watch.
type watcher struct {
	passwords *Passwords
	last      fileStat // of the last check
}

// fileStat is the result of a stat: the file's info, or the text of the error.
type fileStat struct {
	info fs.FileInfo
	err  string
}

func statFile(path string) fileStat {
	info, err := os.Stat(path)
	if err != nil {
		return fileStat{err: err.Error()}
	}
	return fileStat{info: info}
}

// equal reports whether the file is unchanged, as far as its identity, modification time and size
// show.
func (s fileStat) equal(other fileStat) bool {
	if s.info == nil || other.info == nil {
		return s.info == nil && other.info == nil && s.err == other.err
	}
	return os.SameFile(s.info, other.info) && s.info.ModTime().Equal(other.info.ModTime()) && s.info.Size() == other.info.Size()
}

var errNotRegular = errors.New("it is not a regular file")

// rereadAccounts reads the file again. A pipe, which is accepted at startup, is refused: it has no
// more data, and opening it would block.
func (p *Passwords) rereadAccounts(stat fileStat) (*accounts, error) {
	if stat.info != nil && !stat.info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return readAccounts(p.path, p.hashMemory)
}

// check checks the file once and reports whether there is a change to report.
func (w *watcher) check() (changed bool, err error) {
	stat := statFile(w.passwords.path)
	settled := stat.equal(w.last)
	w.last = stat
	if !settled || stat.equal(*w.passwords.loaded.Load()) {
		return false, nil
	}
	accounts, err := w.passwords.rereadAccounts(stat)
	if !statFile(w.passwords.path).equal(stat) {
		return false, nil // it changed while it was read
	}
	w.passwords.loaded.Store(&stat)
	if err != nil {
		return true, fmt.Errorf("passwords file %s cannot be used; the last good copy stays in effect: %w", w.passwords.path, err)
	}
	w.passwords.use(accounts)
	return true, nil
}

// Prepare reads the file, whether it has changed or not. It takes effect when apply is called.
// Logins that were verified before are then checked again if the hash of their account has changed.
// The counts of failed logins remain.
func (p *Passwords) Prepare() (apply func(), err error) {
	stat := statFile(p.path)
	accounts, err := p.rereadAccounts(stat)
	if err != nil {
		return nil, fmt.Errorf("passwords file %s cannot be used: %w", p.path, err)
	}
	return func() {
		p.loaded.Store(&stat)
		p.use(accounts)
	}, nil
}

// use puts accounts in effect.
func (p *Passwords) use(accounts *accounts) {
	accounts.reuse(p.accounts.Load())
	p.accounts.Store(accounts)
}
