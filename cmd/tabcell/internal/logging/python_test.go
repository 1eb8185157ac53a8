package logging

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the recordings use several time zones

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// readRecordings reads a file of results of CPython's logging, which testdata/pylog/make.py
// recorded.
func readRecordings[T any](t *testing.T, name string) []T {
	t.Helper()
	text, err := os.ReadFile("testdata/pylog/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("%s has only %d cases", name, len(all))
	}
	return all
}

// contents returns the contents of the files in a folder, by name.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts[e.Name()] = string(text)
	}
	return texts
}

func compareFiles(t *testing.T, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if text, ok := got[name]; !ok || text != want[name] {
			t.Errorf("%s (exists: %v)\n got  %q\n want %q", name, ok, text, want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("unexpected file %s: %q", name, got[name])
		}
	}
}

// loadLog loads a configuration with the given sections. Relative paths in it start at folder.
func loadLog(t *testing.T, folder, text string) (*settings.Loaded, string) {
	t.Helper()
	t.Chdir(folder)
	file := testenv.WriteConfig(t, "[TabPy]\n"+text)
	loaded, err := settings.Load(settings.Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	return loaded, file
}

func TestRoutesMatchPython(t *testing.T) {
	for _, c := range readRecordings[struct {
		Config string
		Files  map[string]string
	}](t, "routes.json") {
		t.Run("", func(t *testing.T) {
			folder := t.TempDir()
			loaded, file := loadLog(t, folder, c.Config)
			log, err := Open(file, loaded, Output{Stdout: t.Output(), Stderr: t.Output()})
			if err != nil {
				t.Fatal(err)
			}
			for _, logger := range []zerolog.Logger{
				log.Logger, log.With().Str(callKey, "said").Logger(), log.With().Str(loggerKey, accessLogger).Logger(),
			} {
				for _, level := range []zerolog.Level{zerolog.DebugLevel, zerolog.InfoLevel, zerolog.WarnLevel, zerolog.ErrorLevel} {
					logger.WithLevel(level).Msg("said") // contains the call id, which is therefore not appended
				}
			}
			if err := log.Close(); err != nil {
				t.Fatal(err)
			}
			got := contents(t, folder)
			for name, text := range got { // remove tabcell's own warnings about unused loggers
				lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(l string) bool { return strings.Contains(l, "no record is logged under") })
				got[name] = strings.Join(lines, "")
			}
			compareFiles(t, got, c.Files)
			if t.Failed() {
				t.Log(c.Config)
			}
		})
	}
}

// writeLines writes lines with a handler, whose file is x.log in folder.
func writeLines(t *testing.T, folder string, h pylog.Handler, now func() time.Time, lines []string) {
	t.Helper()
	h.File.Path = filepath.Join(folder, "x.log")
	s, err := openFile(h, &errorReporter{name: "x", out: t.Output(), now: now}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if err := s.put([]byte(line), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSizeRotationMatchesPython(t *testing.T) {
	for _, c := range readRecordings[struct {
		Most          int64
		Backups       int
		Lines         []string
		Before, Files map[string]string
	}](t, "sizes.json") {
		folder := t.TempDir()
		for name, text := range c.Before {
			testenv.WriteFile(t, filepath.Join(folder, name), text)
		}
		h := pylog.Handler{Kind: pylog.RotatingFileHandler, File: pylog.File{MaxBytes: c.Most, Backups: c.Backups}}
		writeLines(t, folder, h, time.Now, c.Lines)
		compareFiles(t, contents(t, folder), c.Files)
		if t.Failed() {
			t.Fatalf("maximum %d bytes, %d backups, files before %v", c.Most, c.Backups, c.Before)
		}
	}
}

func TestTimeRotationMatchesPython(t *testing.T) {
	for _, c := range readRecordings[struct {
		Zone, When        string
		Interval, Backups int
		UTC               bool
		Steps             []int64
		Before            []string
		Files             map[string]string
	}](t, "times.json") {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		for _, name := range c.Before {
			testenv.WriteFile(t, filepath.Join(folder, name), "")
		}
		h := pylog.Handler{Kind: pylog.TimedRotatingFileHandler, File: pylog.File{
			When: pylog.When(strings.ToUpper(c.When)), Interval: c.Interval, Backups: c.Backups, UTC: c.UTC, Path: filepath.Join(folder, "x.log"),
		}}
		testenv.WriteFile(t, h.File.Path, "")
		if err := os.Chtimes(h.File.Path, time.Time{}, time.Unix(c.Steps[0], 0)); err != nil { // the first period begins at the last modification
			t.Fatal(err)
		}
		at := c.Steps[0]
		now := func() time.Time { return time.Unix(at, 0).In(zone) }
		s, err := openFile(h, &errorReporter{name: "x", out: t.Output(), now: now}, now)
		if err != nil {
			t.Fatal(err)
		}
		for i, step := range c.Steps {
			at = step
			if err := s.put([]byte("line "+string(rune('0'+i/10))+string(rune('0'+i%10))), nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		compareFiles(t, contents(t, folder), c.Files)
		if t.Failed() {
			t.Fatalf("%s every %d %s, %d backups, UTC %v, steps %v", c.Zone, c.Interval, c.When, c.Backups, c.UTC, c.Steps)
		}
	}
}
