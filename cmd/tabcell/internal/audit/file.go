package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tabcell/runtime/osfile"
)

// fileMode has the permissions of the files. Only the server's user may read them.
const fileMode = 0o600

// headSuffix is the end of the name of the head file.
const headSuffix = ".head"

// output is the part of *os.File with which lines are written.
type output interface {
	Write(p []byte) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// fileSink appends lines to a file and rotates it. A rotated file has the sequence number of its
// first line at the end of its name.
type fileSink struct {
	path     string
	maxBytes int64 // a file stays below this size; 0 means no limit
	keep     int   // rotated files to keep; 0 means all

	head  *os.File // the head file, which also carries the lock
	file  output   // nil if it could not be opened again
	size  int64
	first uint64 // sequence number of the first line in the file; 0 if it has none
	torn  *tear  // nil if the file ends with a line
	open  bool   // the last line lacks only its line feed
}

// openFile opens a trail in a file, and returns the position after which its chain continues and a
// note for the log, which may be "".
func openFile(path string, maxBytes int64, keep int) (s *fileSink, at position, note string, err error) {
	s = &fileSink{path: path, maxBytes: maxBytes, keep: keep}
	defer func() {
		if err != nil {
			_ = s.close()
		}
	}()
	if s.path, err = filepath.Abs(path); err != nil {
		return s, at, "", err
	}
	if s.head, err = os.OpenFile(s.path+headSuffix, os.O_RDWR|os.O_CREATE, fileMode); err != nil {
		return s, at, "", err
	}
	if err = osfile.Lock(s.head); errors.Is(err, osfile.ErrLocked) {
		return s, at, "", fmt.Errorf("another server writes to %s; give each server a file of its own (TABCELL_AUDIT)", s.path)
	}
	if err != nil {
		return s, at, "", err
	}
	headContent := make([]byte, len(headText(origin))+1)
	n, _ := s.head.ReadAt(headContent, 0) // an incomplete head file counts as none
	head, hasHead := parseHead(headContent[:n])
	end, err := s.openAppend()
	if err != nil {
		return s, at, "", err
	}
	at, note, err = resumeFrom(end, head, hasHead)
	return s, at, note, err
}

// openAppend opens the file and reads its end.
func (s *fileSink) openAppend() (ending, error) {
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return ending{}, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", s.path)
	}
	if err != nil {
		return ending{}, errors.Join(err, f.Close())
	}
	end, err := readEnding(f)
	if err != nil {
		return end, errors.Join(err, f.Close())
	}
	s.file, s.size, s.open, s.torn, s.first = f, info.Size(), end.open, nil, firstSeq(f)
	if len(end.torn) > 0 {
		s.torn = newTear(end.torn)
	}
	return end, nil
}

// firstSeq returns the sequence number of the first line in a file, or 0 if that is not a line.
func firstSeq(f *os.File) uint64 {
	text := make([]byte, maxLine)
	n, _ := f.ReadAt(text, 0) // the file may be shorter
	line, _, _ := strings.Cut(string(text[:n]), "\n")
	r, _, err := decode([]byte(line))
	if err != nil {
		return 0
	}
	return r.Seq
}

func (s *fileSink) tear() *tear { return s.torn }

// write implements sink. A line is in the file as a whole or not at all, unless a part of it cannot
// be removed again. That part becomes a tear.
func (s *fileSink) write(line []byte, at position, durable bool) error {
	if err := s.prepare(int64(len(line))); err != nil {
		return err
	}
	if s.torn != nil || s.open {
		line = append([]byte("\n"), line...)
	}
	n, err := s.file.Write(line)
	if err == nil && durable {
		err = s.file.Sync()
	}
	if err != nil {
		s.undo(line[:n])
		return err
	}
	s.size, s.torn, s.open = s.size+int64(n), nil, false
	if s.first == 0 {
		s.first = at.seq
	}
	// The line is stored even if this fails. The head file then lags behind, which resumeFrom permits.
	_, _ = s.head.WriteAt(headText(at), 0)
	return nil
}

// undo removes the part of a line that was written before an error.
func (s *fileSink) undo(part []byte) {
	if len(part) == 0 || s.file.Truncate(s.size) == nil {
		return
	}
	if s.torn == nil {
		s.torn = newTear(nil)
		if s.open { // the line feed ends the last line and does not belong to the tear
			part, s.open = part[1:], false
			s.size++
		}
	}
	s.torn.add(part)
	s.size += int64(len(part))
}

// prepare opens the file if necessary, and rotates it if the next line would exceed its limit. A
// tear stays in the same file as the line after it.
func (s *fileSink) prepare(lineSize int64) error {
	if s.file != nil && s.maxBytes > 0 && s.first > 0 && s.torn == nil && s.size+lineSize > s.maxBytes {
		if err := s.rotate(); err != nil {
			return err
		}
	}
	if s.file != nil {
		return nil
	}
	_, err := s.openAppend()
	return err
}

// rotate renames the file and removes the oldest of the rotated files.
func (s *fileSink) rotate() error {
	target := fmt.Sprintf("%s.%012d", s.path, s.first)
	if _, err := os.Lstat(target); err == nil {
		return fmt.Errorf("%s exists, so that %s cannot be rotated; move it away", target, s.path)
	}
	if err := s.file.Close(); err != nil { // Windows does not rename open files
		return err
	}
	s.file = nil
	if err := os.Rename(s.path, target); err != nil {
		return err
	}
	if rotated := Rotated(s.path); s.keep > 0 && len(rotated) > s.keep {
		for _, old := range rotated[:len(rotated)-s.keep] {
			if err := os.Remove(old); err != nil {
				return err
			}
		}
	}
	return nil
}

// Rotated returns the rotated files of the trail at path, oldest first.
func Rotated(path string) []string {
	entries, _ := os.ReadDir(filepath.Dir(path)) // an unreadable folder has no files to list
	var files []string
	for _, e := range entries {
		suffix, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if _, err := strconv.ParseUint(suffix, 10, 64); ok && err == nil && len(suffix) >= 12 {
			files = append(files, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	slices.Sort(files)
	return files
}

// reopen opens the file at the path, after another program has moved the present one. The chain
// continues in the new file.
func (s *fileSink) reopen() error {
	if s.file != nil {
		if err := s.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
			return err
		}
		s.file = nil
	}
	_, err := s.openAppend()
	return err
}

func (s *fileSink) close() error {
	var errs []error
	if s.file != nil {
		errs = append(errs, s.file.Sync(), s.file.Close())
	}
	if s.head != nil {
		errs = append(errs, s.head.Close())
	}
	s.file, s.head = nil, nil
	return errors.Join(errs...)
}
