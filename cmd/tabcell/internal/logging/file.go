package logging

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"tabcell/settings/pylog"
)

// logMode has the permissions of new files.
//
// GAP: Python leaves them to the umask. The log records the requests of all users, so other users
// of the machine must not read it.
const logMode = 0o600

// rotateRetry is the time to wait after a failed rotation until the next attempt.
const rotateRetry = time.Minute

// fileSink appends to a file and rotates it.
type fileSink struct {
	path     string
	watched  bool     // before each line, check whether another program has moved the file
	rotation rotation // nil if the file is not rotated
	reporter *errorReporter
	now      func() time.Time

	mu      sync.Mutex
	file    *os.File  // guarded by mu; nil if it could not be reopened
	retryAt time.Time // guarded by mu; no rotation before this time
	closed  bool      // guarded by mu
}

func openFile(h pylog.Handler, reporter *errorReporter, now func() time.Time) (*fileSink, error) {
	path, err := filepath.Abs(h.File.Path)
	if err != nil {
		return nil, err
	}
	s := &fileSink{path: path, watched: h.Kind == pylog.WatchedFileHandler, reporter: reporter, now: now}
	switch {
	case h.Kind == pylog.RotatingFileHandler && h.File.MaxBytes > 0 && h.File.Backups > 0:
		s.rotation = &sizeRotation{maxBytes: h.File.MaxBytes, backups: h.File.Backups}
	case h.Kind == pylog.TimedRotatingFileHandler:
		s.rotation = newTimeRotation(h.File, periodStart(path, now()))
	}
	flags := 0
	if h.File.Truncate {
		flags = os.O_TRUNC
	} else if h.File.Exclusive {
		flags = os.O_EXCL
	}
	return s, s.open(flags)
}

// periodStart returns the start of the first rotation period of a file: its last modification, or
// now if it does not exist.
func periodStart(path string, now time.Time) time.Time {
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
		s.closeFile()
	}
	if s.file == nil {
		if err := s.open(0); err != nil {
			return err
		}
	}
	if err := s.rotateIfDue(int64(len(line))); err != nil {
		return err
	}
	_, err := s.file.Write(line)
	return err
}

// reopen opens the file again. If that fails, lines continue to go to the old one.
func (s *fileSink) reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	old := s.file
	if err := s.open(0); err != nil {
		return err
	}
	if old != nil {
		_ = old.Close()
	}
	return nil
}

// rotateIfDue rotates the file if that is due before a line of the given size is written. If the
// rotation fails, lines continue to go to the same file. An error means that no file is open.
func (s *fileSink) rotateIfDue(lineSize int64) error {
	if s.rotation == nil || s.now().Before(s.retryAt) {
		return nil
	}
	info, err := s.file.Stat()
	if err != nil || !info.Mode().IsRegular() || !s.rotation.due(info.Size(), lineSize, s.now()) {
		return nil
	}
	s.closeFile() // Windows does not rename open files
	if err := s.rotation.rotate(s.path, s.now()); err != nil {
		s.retryAt = s.now().Add(rotateRetry)
		s.reporter.report(0, err)
	}
	return s.open(0)
}

// moved reports whether the open file is no longer the one at the path.
func (s *fileSink) moved() bool {
	if s.file == nil {
		return false
	}
	current, err := os.Stat(s.path)
	opened, openedErr := s.file.Stat()
	return err != nil || openedErr != nil || !os.SameFile(current, opened)
}

func (s *fileSink) closeFile() {
	_ = s.file.Close()
	s.file = nil
}

// Close closes the file. Later lines are rejected.
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
