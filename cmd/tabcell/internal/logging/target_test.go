package logging

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

// prepare applies a changed configuration to a log.
func prepare(t *testing.T, l Log, file string, loaded *settings.Loaded) {
	t.Helper()
	apply, err := l.Prepare(file, loaded)
	if err != nil {
		t.Fatal(err)
	}
	apply()
}

// TestLevelChanges checks that a new level applies to loggers that were derived from the log
// earlier, in both default formats.
func TestLevelChanges(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		loaded := &settings.Loaded{Settings: settings.Defaults()}
		loaded.Settings.Log.Format = format
		l, err := Open("", loaded, Output{Stderr: &out})
		if err != nil {
			t.Fatal(err)
		}
		derived := l.With().Str("call", "7").Logger()
		for _, step := range []struct {
			level string
			want  int // of the lines at debug, info and warn
		}{{"info", 2}, {"debug", 3}, {"warn", 1}, {"info", 2}} {
			loaded.Settings.Log.Level = step.level
			prepare(t, l, "", loaded)
			out.Reset()
			derived.Debug().Msg("m")
			derived.Info().Msg("m")
			derived.Warn().Msg("m")
			if got := strings.Count(out.String(), "\n"); got != step.want || strings.Count(out.String(), "7") < got {
				t.Errorf("%s at %s: %d lines, want %d:\n%s", format, step.level, got, step.want, &out)
			}
		}
		// Another format, and logger sections that are added, need a restart.
		loaded.Settings.Log.Format = map[string]string{"json": "text", "text": "json"}[format]
		prepare(t, l, "", loaded)
		with, file := loadLog(t, t.TempDir(), sections("class=FileHandler\nargs=('new.log',)", "%(message)s"))
		prepare(t, l, file, with)
		out.Reset()
		derived.Warn().Msg("m")
		if isJSON := strings.HasPrefix(out.String(), "{"); isJSON != (format == "json") {
			t.Errorf("%s became %s", format, &out)
		}
	}
}

// TestReopen moves a log file away as logrotate does.
func TestReopen(t *testing.T) {
	folder := t.TempDir()
	loaded, file := loadLog(t, folder, sections("class=FileHandler\nargs=('x.log', 'w')", "%(message)s"))
	l, err := Open(file, loaded, Output{Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	path := filepath.Join(folder, "x.log")
	l.Info().Msg("1")
	if err := l.Reopen(); err != nil { // mode 'w' must not empty the file again
		t.Fatal(err)
	}
	l.Info().Msg("2")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.Info().Msg("3")
	if err := os.Mkdir(path, 0o700); err != nil { // now the file cannot be opened
		t.Fatal(err)
	}
	if err := l.Reopen(); err == nil || !strings.Contains(err.Error(), "log handler h: the file cannot be opened again, and lines continue to go to the old one: ") {
		t.Errorf("error %v", err)
	}
	l.Info().Msg("4")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); err != nil {
		t.Error(err)
	}
	l.Info().Msg("5")
	got := contents(t, folder)
	if got["x.log.1"] != "1\n2\n3\n4\n" || got["x.log"] != "5\n" {
		t.Errorf("files %q", got)
	}
}

// TestSectionsChange replaces the handlers of a log that is in use.
func TestSectionsChange(t *testing.T) {
	folder := t.TempDir()
	testenv.WriteFile(t, filepath.Join(folder, "b.log"), "old\n")
	loaded, file := loadLog(t, folder, sections("class=FileHandler\nargs=('a.log',)", "%(message)s"))
	l, err := Open(file, loaded, Output{Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	derived := l.With().Logger()
	derived.Debug().Msg("a")
	bad, file := loadLog(t, folder, sections("class=FileHandler\nargs=('missing/c.log',)", "%(message)s"))
	if _, err := l.Prepare(file, bad); err == nil || !strings.Contains(err.Error(), "missing/c.log") {
		t.Errorf("a handler that cannot be opened: error %v", err)
	}
	derived.Debug().Msg("a again")
	changed, file := loadLog(t, folder, sections("class=FileHandler\nargs=('b.log', 'w')\nlevel=INFO", "%(funcName)s %(message)s"))
	prepare(t, l, file, changed)
	derived.Debug().Msg("not logged")
	derived.Info().Msg("b")
	if got := contents(t, folder); got["a.log"] != "a\na again\n" || got["b.log"] != "old\nTestSectionsChange b\n" {
		t.Errorf("files %q", got)
	}
}

// TestReloadWhileLogging checks that no line is lost while files are moved and handlers replaced.
func TestReloadWhileLogging(t *testing.T) {
	folder := t.TempDir()
	var configs []*settings.Loaded
	var file string
	for _, format := range []string{"%(message)s", "%(message)s."} {
		var loaded *settings.Loaded
		loaded, file = loadLog(t, folder, sections("class=FileHandler\nargs=('x.log',)", format))
		configs = append(configs, loaded)
	}
	var reports bytes.Buffer
	l, err := Open(file, configs[1], Output{Stderr: &reports})
	if err != nil {
		t.Fatal(err)
	}
	const writers, lines = 4, 500
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range lines {
				l.Info().Msg("line")
			}
		})
	}
	path := filepath.Join(folder, "x.log")
	for i := range 20 {
		_ = os.Rename(path, path+"."+string(rune('a'+i)))
		if err := l.Reopen(); err != nil {
			t.Error(err)
		}
		prepare(t, l, file, configs[i%2])
	}
	all.Wait()
	l.Close()
	total := 0
	for name, text := range contents(t, folder) {
		if strings.HasPrefix(name, "x.log") {
			total += strings.Count(text, "\n")
		}
	}
	if total != writers*lines || reports.Len() > 0 {
		t.Errorf("%d lines, want %d; reports: %s", total, writers*lines, &reports)
	}
}
