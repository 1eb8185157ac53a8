package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tabcell/cmd/dist/internal/source"
)

const changelog = `# Changelog

Text.

## Unreleased

- new

## [0.2.0] - 2026-12-01

### Added

- two

## 0.1.0 - 2026-11-01

- one
`

func TestChangesOf(t *testing.T) {
	for version, want := range map[string]string{
		"0.1.0":                    "## 0.1.0 - 2026-11-01\n\n- one\n",
		"0.2.0":                    "## [0.2.0] - 2026-12-01\n\n### Added\n\n- two\n",
		"0.2.1-dev.20261202.gabc":  "## 0.2.1-dev.20261202.gabc\n\n- new\n",
		"1.0.0-rc.1.dev.2026.gabc": "## 1.0.0-rc.1.dev.2026.gabc\n\n- new\n",
	} {
		if got, err := changesOf(changelog, version); err != nil || got != want {
			t.Errorf("the changes of %s are %q, error %v; want %q", version, got, err, want)
		}
	}
	for version, want := range map[string]string{
		"0.3.0":   `no section "## 0.3.0 - DATE"`,
		"0.1":     "",
		"1.0.0-1": `no section "## 1.0.0-1 - DATE"`,
	} {
		if _, err := changesOf(changelog, version); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the changes of %s: error %v, want %q", version, err, want)
		}
	}
	if _, err := changesOf("# Changelog\n", "0.1.1-dev.1.gabc"); err == nil {
		t.Error("a file without sections has changes")
	}
}

func TestSetVersions(t *testing.T) {
	got, err := setVersions([]byte("apiVersion: v2\nname: tabcell\nversion: 0.0.0\nappVersion: \"0.0.0\" # set by a release\n"), "1.2.3-rc.1")
	if want := "apiVersion: v2\nname: tabcell\nversion: \"1.2.3-rc.1\"\nappVersion: \"1.2.3-rc.1\"\n"; err != nil || string(got) != want {
		t.Errorf("Chart.yaml has %q, error %v; want %q", got, err, want)
	}
	for _, text := range []string{"version: 1\n", "version: 1\nversion: 2\nappVersion: 3\n"} {
		if _, err := setVersions([]byte(text), "1.0.0"); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// TestWriteChart checks that the bytes of a chart depend on its files and the version only.
func TestWriteChart(t *testing.T) {
	write := func(version string, at time.Time) []byte {
		chart := fstest.MapFS{
			"Chart.yaml":       {Data: []byte("version: 0.0.0\nappVersion: 0.0.0\n"), ModTime: at},
			"templates/a.yaml": {Data: []byte("a"), ModTime: at},
			".helmignore":      {Data: []byte("x")},
		}
		file := filepath.Join(t.TempDir(), "chart.tgz")
		if err := writeChart(file, chart, source.Source{Version: version, Time: time.Unix(1e9, 0)}); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	first := write("1.0.0", time.Unix(1, 0))
	if !bytes.Equal(first, write("1.0.0", time.Now())) {
		t.Error("the same chart gave other bytes")
	}
	if bytes.Equal(first, write("1.0.1", time.Unix(1, 0))) {
		t.Error("another version gave the same bytes")
	}
}
