package logging

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings/pylog"
)

// newFileSink opens the sink of a file with the given clock. Its errors are written to reports.
func newFileSink(t *testing.T, kind pylog.Kind, f pylog.File, reports io.Writer, clock *time.Time) *fileSink {
	t.Helper()
	now := func() time.Time { return *clock }
	s, err := openFile(pylog.Handler{Kind: kind, File: f}, &errorReporter{name: "h", out: reports, now: now}, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s sink, line string) {
	t.Helper()
	if err := s.put([]byte(line), &pylog.Record{}); err != nil {
		t.Fatal(err)
	}
}

func TestPermissionsOfNewFiles(t *testing.T) {
	folder := t.TempDir()
	path, clock := filepath.Join(folder, "x.log"), time.Unix(0, 0)
	s := newFileSink(t, pylog.RotatingFileHandler, pylog.File{Path: path, MaxBytes: 5, Backups: 2}, io.Discard, &clock)
	put(t, s, "first")
	put(t, s, "second")
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, error %v; want mode 0600", name, info, err)
		}
	}
	testenv.WriteFile(t, path+".w", "old\n")
	if err := os.Chmod(path+".w", 0o640); err != nil {
		t.Fatal(err)
	}
	put(t, newFileSink(t, pylog.FileHandler, pylog.File{Path: path + ".w", Truncate: true}, io.Discard, &clock), "new")
	if info, err := os.Stat(path + ".w"); err != nil || info.Mode().Perm() != 0o640 || contents(t, folder)["x.log.w"] != "new\n" {
		t.Errorf("existing file: got %v, error %v, contents %v; want its mode unchanged", info, err, contents(t, folder))
	}
}

// TestWatchedFile moves the files as logrotate does. WatchedFileHandler then opens a new file, and
// FileHandler continues to write to the moved file.
func TestWatchedFile(t *testing.T) {
	folder, clock := t.TempDir(), time.Unix(0, 0)
	plain := newFileSink(t, pylog.FileHandler, pylog.File{Path: filepath.Join(folder, "plain")}, io.Discard, &clock)
	watched := newFileSink(t, pylog.WatchedFileHandler, pylog.File{Path: filepath.Join(folder, "watched")}, io.Discard, &clock)
	for _, line := range []string{"one", "two", "three"} {
		put(t, plain, line)
		put(t, watched, line)
		for _, name := range []string{"plain", "watched"} {
			if line == "one" {
				if err := os.Rename(filepath.Join(folder, name), filepath.Join(folder, name+".old")); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	compareFiles(t, contents(t, folder), map[string]string{"plain.old": "one\ntwo\nthree\n", "watched.old": "one\n", "watched": "two\nthree\n"})
}

// TestFailedRotation checks that no line is lost if a file cannot be renamed: lines continue to go
// to the file, the error is reported, and the rotation is tried again after rotateRetry.
func TestFailedRotation(t *testing.T) {
	for kind, blocked := range map[pylog.Kind]string{pylog.RotatingFileHandler: "x.log.1", pylog.TimedRotatingFileHandler: ""} {
		folder, clock := t.TempDir(), time.Date(2025, 8, 1, 10, 0, 0, 0, time.UTC)
		var reports bytes.Buffer
		s := newFileSink(t, kind, pylog.File{Path: filepath.Join(folder, "x.log"), MaxBytes: 4, Backups: 1, When: "S", Interval: 1, UTC: true}, &reports, &clock)
		put(t, s, "one")
		clock = clock.Add(time.Second)
		if blocked != "" {
			if err := os.MkdirAll(filepath.Join(folder, blocked, "full"), 0o700); err != nil {
				t.Fatal(err)
			}
		} else { // an existing file with the same date is not overwritten
			testenv.WriteFile(t, filepath.Join(folder, "x.log.2025-08-01_10-00-00"), "other\n")
		}
		put(t, s, "two")
		put(t, s, "three")
		if got := testenv.ReadFile(t, filepath.Join(folder, "x.log")); got != "one\ntwo\nthree\n" {
			t.Errorf("kind %d: got %q before the retry", kind, got)
		}
		if n := strings.Count(reports.String(), "tabcell: log handler h: rename "); n != map[bool]int{true: 1}[blocked != ""] {
			t.Errorf("kind %d: got reports %q", kind, reports.String())
		}
		if err := os.RemoveAll(filepath.Join(folder, "x.log.1")); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(rotateRetry + time.Second)
		put(t, s, "four")
		if got := testenv.ReadFile(t, filepath.Join(folder, "x.log")); got != "four\n" {
			t.Errorf("kind %d: got %q after the retry", kind, got)
		}
	}
}

// TestRemovedFolder checks that the lines lost while the folder of a file is missing are counted,
// and that the file is created again when the folder exists again.
func TestRemovedFolder(t *testing.T) {
	folder, clock := filepath.Join(t.TempDir(), "logs"), time.Unix(0, 0)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	var reports bytes.Buffer
	s := newFileSink(t, pylog.WatchedFileHandler, pylog.File{Path: filepath.Join(folder, "x.log")}, &reports, &clock)
	h := &handler{name: "h", sink: s, reporter: s.reporter}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.handle(&pylog.Record{Message: "lost"})
	}
	clock = clock.Add(reportInterval)
	h.handle(&pylog.Record{Message: "lost"})
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	h.handle(&pylog.Record{Message: "found"})
	messages := strings.Split(strings.TrimSpace(reports.String()), "\n")
	if len(messages) != 2 || !strings.HasSuffix(messages[0], "(lines lost: 1)") || !strings.HasSuffix(messages[1], "(lines lost: 3)") ||
		!strings.Contains(messages[0], "no such file") {
		t.Errorf("got messages %q", messages)
	}
	if got := testenv.ReadFile(t, filepath.Join(folder, "x.log")); got != "found\n" {
		t.Errorf("got %q", got)
	}
}

// TestFullDisk checks that logging to a full disk fails without an error to the caller.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this host has no /dev/full")
	}
	loaded, file := loadLog(t, t.TempDir(), sections("class=handlers.RotatingFileHandler\nargs=('/dev/full','a',5,5)", "%(message)s"))
	var stderr bytes.Buffer
	log, err := Open(file, loaded, Output{Stderr: &stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for range 5 {
		log.Info().Msg("lost")
	}
	if text := stderr.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "tabcell: log handler h: write /dev/full: no space left on device (lines lost: 1)") {
		t.Errorf("got %q", text)
	}
}

// TestConcurrentRotation checks that each line of many goroutines is written once and completely
// while the files rotate.
func TestConcurrentRotation(t *testing.T) {
	const writers, perWriter = 8, 200
	folder := t.TempDir()
	loaded, file := loadLog(t, folder, sections("class=handlers.RotatingFileHandler\nargs=('x.log','a',500,10000)", "%(funcName)s %(message)s"))
	log, err := Open(file, loaded, Output{Stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	start := make(chan struct{})
	for w := range writers {
		group.Go(func() {
			<-start
			for i := range perWriter {
				log.Info().Int("n", w*perWriter+i).Msg("line")
			}
		})
	}
	close(start)
	group.Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for name, text := range contents(t, folder) {
		if len(text) >= 500 {
			t.Errorf("%s has %d bytes, want less than 500", name, len(text))
		}
		for line := range strings.Lines(text) {
			lines[line] = true
		}
	}
	if len(lines) != writers*perWriter || !lines["TestConcurrentRotation line n=0\n"] {
		t.Errorf("got %d different lines, want %d", len(lines), writers*perWriter)
	}
	log.Info().Msg("after Close") // must not panic
}
