package doctor

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tabcell/settings"
)

func running(t *testing.T, up map[string]bool, environ ...string) []Finding {
	t.Helper()
	loaded, err := settings.Load(settings.Sources{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return Running(loaded, start.TimeZone, up, time.Now())
}

// find returns the first finding about a subject.
func find(t *testing.T, findings []Finding, subject string) Finding {
	t.Helper()
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Subject == subject })
	if i < 0 {
		t.Fatalf("no finding about %s", subject)
	}
	return findings[i]
}

func TestRunning(t *testing.T) {
	findings := running(t, map[string]bool{"a": true, "b": true}, "TABCELL_MODELS_PATH="+t.TempDir())
	for _, f := range findings {
		if f.Text == "" || f.Severity != OK && f.Advice == "" {
			t.Errorf("%+v", f)
		}
		if slices.Contains([]string{"port", "executable memory", "compiled code", "cache folder"}, f.Subject) {
			t.Errorf("a running server checks the %s", f.Subject)
		}
	}
	if f := find(t, findings, "configuration"); f.Severity != OK {
		t.Errorf("%+v", f)
	}
	if f := find(t, findings, "confinement"); f.Severity != OK || f.Text != "up: a, b" {
		t.Errorf("%+v", f)
	}
	if f := find(t, findings, "models folder"); f.Severity == Failure {
		t.Errorf("%+v", f)
	}
}

func TestRunningWithProblems(t *testing.T) {
	findings := running(t, map[string]bool{"a": true, "b": false}, "TABCELL_PLACES=2", "TABCELL_MODELS_PATH=")
	if f := find(t, findings, "configuration"); f.Severity != Warning || !strings.Contains(f.Text, "TABCELL_PLACES") {
		t.Errorf("%+v", f)
	}
	if f := find(t, findings, "confinement"); f.Severity != Warning || f.Text != "up: a; missing: b" {
		t.Errorf("%+v", f)
	}
	if f := find(t, running(t, nil), "confinement"); f.Severity != Warning || !strings.Contains(f.Text, "keeps all rights") {
		t.Errorf("%+v", f)
	}
	loaded := &settings.Loaded{Settings: settings.Defaults()}
	noZone := func(settings.Settings) (string, error) { return "", errors.New("no such zone") }
	if f := find(t, Running(loaded, noZone, nil, time.Now()), "time zone"); f.Severity != Failure {
		t.Errorf("%+v", f)
	}
}
