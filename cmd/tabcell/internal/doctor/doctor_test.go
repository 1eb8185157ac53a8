package doctor

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/settings"
)

func TestConfiguration(t *testing.T) {
	findings, loaded := checkConfiguration(settings.Sources{Environ: []string{"TABCELL_QUEUE=many"}})
	if len(findings) != 1 || findings[0].Severity != Failure || loaded.Settings != settings.Defaults() {
		t.Errorf("invalid setting: got %+v", findings)
	}
	findings, loaded = checkConfiguration(settings.Sources{Environ: []string{"TABCELL_QUEUE=5", "TABPY_QUERY_OBJECT_PATH=x"}})
	if len(findings) != 2 || findings[0].Severity != OK || findings[1].Severity != Warning || loaded.Settings.Cells.Queue != 5 {
		t.Errorf("valid configuration with a warning: got %+v", findings)
	}
}

// start is a Start for which nothing is compiled and every port is free.
var start = Start{
	Listen:   func(settings.Server) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") },
	HasCode:  func(settings.Settings, string) bool { return false },
	TimeZone: func(settings.Settings) (string, error) { return "UTC", nil },
}

// Every finding that is not ok says what to do, whatever the host, and ids are words.
func TestAdvice(t *testing.T) {
	word := regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no-hash\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	broken := start
	broken.Listen = func(settings.Server) (net.Listener, error) { return nil, errors.New("no such address") }
	broken.TimeZone = func(settings.Settings) (string, error) { return "", errors.New("no such zone") }
	below := filepath.Join(file, "below")
	for _, c := range []struct {
		start   Start
		environ []string
	}{
		{start, []string{"TABCELL_CACHE_DIR=" + t.TempDir(), "TABCELL_MODELS_PATH=" + t.TempDir()}},
		{broken, []string{"TABCELL_CACHE_DIR=" + below, "TABCELL_MODELS_PATH=" + below, "TABCELL_AUDIT=" + filepath.Join(below, "audit"),
			"TABCELL_CODE_DIR=" + below, "TABCELL_PACKAGES=" + below, "TABCELL_CONFINE=off", "TABCELL_MEMORY_LIMIT_MB=1000",
			"TABCELL_CONCURRENCY=1000", "TABCELL_MAX_CONNECTIONS=100000", "TABCELL_ROLES_FILE=" + below}},
		{start, []string{"TABCELL_CACHE_DIR=", "TABCELL_MODELS_PATH=", "TABPY_PWD_FILE=" + file}},
	} {
		report := NewReport(Host(settings.Sources{Environ: c.environ}, c.start))
		for _, check := range report.Checks {
			if !word.MatchString(check.ID) || check.Finding == "" || check.Level != OK && check.Advice == "" {
				t.Errorf("%+v", check)
			}
		}
	}
}

func TestReport(t *testing.T) {
	r := NewReport([]Finding{{OK, "Cache folder", "a", ""}, {Warning, "port", "b", "c"}})
	if r.Format != 1 || r.Level != Warning || r.Warned != 1 || r.Failed != 0 || r.Checks[0].ID != "cache-folder" {
		t.Errorf("%+v", r)
	}
	if r := NewReport([]Finding{{Failure, "port", "b", "c"}, {Warning, "port", "b", "c"}}); r.Level != Failure || r.Failed != 1 {
		t.Errorf("%+v", r)
	}
	text, err := json.Marshal(NewReport(nil))
	if err != nil || !strings.Contains(string(text), `"level":"ok","failed":0,"warned":0,"checks":[]`) {
		t.Errorf("%s, error %v", text, err)
	}
}
