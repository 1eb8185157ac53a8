package logging

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"tabcell/settings/pylog"
)

// logMode is that of new files. GAP: Python leaves it to the umask; who called what is not for everybody.
const logMode = 0o600

// retryTurn is how long lines go on into the same file after it could not be moved away.
const retryTurn = time.Minute

// fileSink appends to a file, and moves it away when its time or size has come.
type fileSink struct {
	path    string
	watched bool     // look before each line whether another program moved it away
	turns   rotation // nil: never
	trouble *trouble
	now     func() time.Time

	mu     sync.Mutex
	file   *os.File  // guarded by mu; nil when it could not be opened again
	wait   time.Time // guarded by mu: no turn before that
	closed bool      // guarded by mu
}

// rotation says when a file is moved away, and does it.
type rotation interface {
	// due tells whether the file must be moved before that many bytes are added. size is what it has.
	due(size, add int64, now time.Time) bool
	// turn moves the file away, which is closed meanwhile.
	turn(path string, now time.Time) error
}

func openFile(h pylog.Handler, t *trouble, now func() time.Time) (*fileSink, error) {
	path, err := filepath.Abs(h.File.Path)
	if err != nil {
		return nil, err
	}
	s := &fileSink{path: path, watched: h.Kind == pylog.WatchedFileHandler, trouble: t, now: now}
	switch {
	case h.Kind == pylog.RotatingFileHandler && h.File.MaxBytes > 0 && h.File.Backups > 0:
		s.turns = &bySize{most: h.File.MaxBytes, backups: h.File.Backups}
	case h.Kind == pylog.TimedRotatingFileHandler:
		s.turns = newByTime(h.File, startOf(path, now()))
	}
	flags := 0
	if h.File.Truncate {
		flags = os.O_TRUNC
	} else if h.File.Exclusive {
		flags = os.O_EXCL
	}
	return s, s.open(flags)
}

// startOf is when the first span of a file began: at its last change, if it exists.
func startOf(path string, now time.Time) time.Time {
	if info, err := os.Stat(path); err == nil {
		return info.ModTime().In(now.Location())
	}
	return now
}

func (s *fileSink) open(flags int) error {
	file, err := os.OpenFile(s.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|flags, logMode)
	if err == nil {
		s.file = file
	}
	return err
}

func (s *fileSink) put(line []byte, _ *pylog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	line = append(line, '\n')
	if s.closed {
		return os.ErrClosed
	}
	if s.watched && s.moved() {
		s.shut()
	}
	if s.file == nil {
		if err := s.open(0); err != nil {
			return err
		}
	}
	if err := s.turnIfDue(int64(len(line))); err != nil {
		return err
	}
	_, err := s.file.Write(line)
	return err
}

// turnIfDue moves the file away when that is due. Where it cannot be moved, lines go on into it; the error is that there is no file.
func (s *fileSink) turnIfDue(add int64) error {
	if s.turns == nil || s.now().Before(s.wait) {
		return nil
	}
	info, err := s.file.Stat()
	if err != nil || !info.Mode().IsRegular() || !s.turns.due(info.Size(), add, s.now()) {
		return nil
	}
	s.shut()
	if err := s.turns.turn(s.path, s.now()); err != nil {
		s.wait = s.now().Add(retryTurn)
		s.trouble.report(0, err)
	}
	return s.open(0)
}

// moved tells whether the path leads to another file by now, or to none.
func (s *fileSink) moved() bool {
	if s.file == nil {
		return false
	}
	at, err := os.Stat(s.path)
	mine, mineErr := s.file.Stat()
	return err != nil || mineErr != nil || !os.SameFile(at, mine)
}

func (s *fileSink) shut() {
	_ = s.file.Close()
	s.file = nil
}

func (s *fileSink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.file == nil {
		return nil
	}
	defer func() { s.file = nil }()
	return s.file.Close()
}
