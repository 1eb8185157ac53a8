package settings

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's table is between two marks; -update rewrites it.
func TestReadmeIsCurrent(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- settings: made by go test ./settings -update -->\n", "<!-- end of settings -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	readme := strings.ReplaceAll(string(raw), "\r\n", "\n")
	before, rest, ok := strings.Cut(readme, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("README.md has no marks for the table of settings")
	}
	var made bytes.Buffer
	WriteMarkdown(&made)
	want := before + begin + made.String() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if readme != want {
		t.Error("the table of settings in README.md is old: run go test ./settings -update")
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	var b bytes.Buffer
	WriteHelp(&b)
	for _, s := range table {
		if !strings.Contains(b.String(), s.own) || s.tabpy != "" && !strings.Contains(b.String(), s.tabpy) {
			t.Errorf("%s is missing", s.own)
		}
	}
}

// The example says what holds without it, also when every line of it is put in force.
func TestExample(t *testing.T) {
	var b bytes.Buffer
	WriteExample(&b)
	inForce := regexp.MustCompile(`(?m)^# (TAB\w+ = .+)$`).ReplaceAllString(b.String(), "$1")
	if strings.Count(inForce, "\nTAB") < len(table)/2 {
		t.Fatalf("settings are missing in\n%s", inForce)
	}
	for _, text := range []string{b.String(), inForce} {
		file := filepath.Join(t.TempDir(), "example.conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Load(Sources{File: file})
		if err != nil || len(l.Warnings) > 0 {
			t.Fatalf("%v %v", err, l)
		}
		l.Settings.Evaluate.Timeout.Whole = true // a value that is written prints as a Python float
		if l.Settings != Defaults() {
			t.Errorf("got %+v\nwant %+v", l.Settings, Defaults())
		}
	}
}
