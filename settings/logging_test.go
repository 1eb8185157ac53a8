package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loggerSections is a complete logging configuration with one handler.
const loggerSections = `[TabPy]
[loggers]
keys=root
[handlers]
keys=h
[formatters]
keys=
[logger_root]
handlers=h
[handler_h]
class=StreamHandler
`

func loadLogging(t *testing.T, text string, environ ...string) *Loaded {
	t.Helper()
	file := filepath.Join(t.TempDir(), "t.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(Sources{File: file, Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestLoggerSectionsOverrideLogSettings(t *testing.T) {
	loaded := loadLogging(t, loggerSections, "TABCELL_LOG_LEVEL=debug", "TABCELL_LOG_FORMAT=json")
	if loaded.PyLog == nil {
		t.Fatal("Load did not read the logger sections")
	}
	var warnings strings.Builder
	for _, w := range loaded.Warnings {
		warnings.WriteString(w.String() + "\n")
	}
	for _, name := range []string{"TABCELL_LOG_LEVEL", "TABCELL_LOG_FORMAT"} {
		if !strings.Contains(warnings.String(), name+" = ") || !strings.Contains(warnings.String(), "has no effect, because the file's logger sections") {
			t.Errorf("no warning about %s:\n%s", name, &warnings)
		}
	}
}

func TestLoggingWarningsHaveLines(t *testing.T) {
	loaded := loadLogging(t, "[TabPy]\n[loggers]\n[loggers_a]\n")
	var lines []string
	for _, w := range loaded.Warnings {
		lines = append(lines, strings.ReplaceAll(w.String(), w.Origin.File, "FILE"))
	}
	got := strings.Join(lines, "\n")
	for _, want := range []string{"FILE line 2: [loggers] has no keys", "FILE line 3: section [loggers_a] has no effect"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %s", got, want)
		}
	}
}
