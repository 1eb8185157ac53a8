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
func (p *Passwords) Watch(ctx context.Context, every time.Duration, told func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	w := watcher{passwords: p, loaded: p.opened}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if changed, err := w.look(); changed {
				told(err)
			}
		}
	}
}

// watcher is what Watch saw so far.
type watcher struct {
	passwords *Passwords
	loaded    look // what is in force, or was found to be bad
	last      look
}

// look is a file as it appeared: it, or why it could not be seen.
type look struct {
	info fs.FileInfo
	err  string
}

func lookAt(path string) look {
	info, err := os.Stat(path)
	if err != nil {
		return look{err: err.Error()}
	}
	return look{info: info}
}

// same: not a byte was written between the looks, as far as the system can tell.
func (l look) same(other look) bool {
	if l.info == nil || other.info == nil {
		return l.info == nil && other.info == nil && l.err == other.err
	}
	return os.SameFile(l.info, other.info) && l.info.ModTime().Equal(other.info.ModTime()) && l.info.Size() == other.info.Size()
}

var errNotRegular = errors.New("it is not a regular file")

// rereadRoster reads what a look has seen. A pipe, which does at the start, has nothing more to say, and opening it would wait.
func rereadRoster(path string, seen look) (*roster, error) {
	if seen.info != nil && !seen.info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return readRoster(path)
}

// look looks once, and tells whether there is something to say.
func (w *watcher) look() (changed bool, err error) {
	now := lookAt(w.passwords.path)
	settled := now.same(w.last)
	w.last = now
	if !settled || now.same(w.loaded) {
		return false, nil
	}
	r, err := rereadRoster(w.passwords.path, now)
	if !lookAt(w.passwords.path).same(now) {
		return false, nil // it changed again
	}
	w.loaded = now
	if err != nil {
		return true, fmt.Errorf("passwords file %s cannot be used, the last good copy stays in force: %w", w.passwords.path, err)
	}
	w.passwords.current.Store(r)
	return true, nil
}
