package authn

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Watch looks at the file every so often until ctx is done, and puts a changed one in force, once it has stayed the same from one look to the next:
// somebody may be writing it still. A file that cannot be read, or has a bad line, changes nothing: the last good one stays in force. told hears of
// each change once, with what was wrong, or nil; it is called by the goroutine of Watch. GAP: TabPy reads the file once.
func (p *Passwords) Watch(ctx context.Context, interval time.Duration, report func(error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	w := watcher{passwords: p, loaded: p.openedStat}
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

// watcher is what Watch saw so far.
type watcher struct {
	passwords *Passwords
	loaded    fileStat // what is in force, or was found to be bad
	last      fileStat
}

// look is a file as it appeared: it, or why it could not be seen.
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

// same: not a byte was written between the looks, as far as the system can tell.
func (s fileStat) equal(other fileStat) bool {
	if s.info == nil || other.info == nil {
		return s.info == nil && other.info == nil && s.err == other.err
	}
	return os.SameFile(s.info, other.info) && s.info.ModTime().Equal(other.info.ModTime()) && s.info.Size() == other.info.Size()
}

var errNotRegular = errors.New("it is not a regular file")

// rereadRoster reads what a look has seen. A pipe, which does at the start, has nothing more to say, and opening it would wait.
func rereadAccounts(path string, stat fileStat) (*accounts, error) {
	if stat.info != nil && !stat.info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return readAccounts(path)
}

// look looks once, and tells whether there is something to say.
func (w *watcher) check() (changed bool, err error) {
	stat := statFile(w.passwords.path)
	settled := stat.equal(w.last)
	w.last = stat
	if !settled || stat.equal(w.loaded) {
		return false, nil
	}
	accounts, err := rereadAccounts(w.passwords.path, stat)
	if !statFile(w.passwords.path).equal(stat) {
		return false, nil // it changed again
	}
	w.loaded = stat
	if err != nil {
		return true, fmt.Errorf("passwords file %s cannot be used, the last good copy stays in force: %w", w.passwords.path, err)
	}
	w.passwords.accounts.Store(accounts)
	return true, nil
}
