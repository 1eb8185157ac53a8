package settings

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The table of settings in the manual is between two marks; -update rewrites it.
func TestManualIsCurrent(t *testing.T) {
	const file, begin, end = "../assets/docs/settings.md", "<!-- settings: made by go test ./settings -update -->\n", "<!-- end of settings -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(raw), "\r\n", "\n")
	before, rest, ok := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("settings.md does not have the marks around the table of settings")
	}
	var table bytes.Buffer
	WriteMarkdown(&table)
	want := before + begin + table.String() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if page != want {
		t.Error("the table in assets/docs/settings.md is out of date; run go test ./settings -update")
	}
}

// The example has the defaults: it changes nothing, neither as it is nor with every value enabled.
func TestExample(t *testing.T) {
	var b bytes.Buffer
	WriteExample(&b)
	enabled := regexp.MustCompile(`(?m)^# (TAB\w+ = .+)$`).ReplaceAllString(b.String(), "$1")
	if strings.Count(enabled, "\nTAB") < len(table)/2 {
		t.Fatalf("the example lacks settings:\n%s", enabled)
	}
	for _, text := range []string{b.String(), enabled} {
		file := filepath.Join(t.TempDir(), "example.conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Load(Sources{File: file})
		if err != nil || len(l.Warnings) > 0 {
			t.Fatalf("Load returns %+v, %v", l, err)
		}
		l.Settings.Evaluate.Timeout.Whole = true // a value in a file prints as a Python float
		if l.Settings != Defaults() {
			t.Errorf("got %+v\nwant %+v", l.Settings, Defaults())
		}
	}
}
