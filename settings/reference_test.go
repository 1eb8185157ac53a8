package settings

import (
	"bytes"
	"fmt"
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
	if strings.Count(enabled, "\nTAB") < len(table)/3 {
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

// Pages of the manual repeat some defaults and the formula for the memory.
func TestManualHasDefaults(t *testing.T) {
	d := Defaults()
	for page, rows := range map[string][]string{
		"operate": {
			fmt.Sprintf("| concurrency x (memory limit + %d) |", idleSlotMB),
			fmt.Sprintf("| %d, or %d with the guest core |", fullProgramMB, coreProgramMB),
			fmt.Sprintf("| %d | `TABCELL_MODELS_TEMPLATES_MB` |", d.Models.TemplatesMB),
			fmt.Sprintf("| %d | `TABCELL_BUFFER_MB` |", d.Request.BufferMB),
			fmt.Sprintf("| %d | `TABCELL_PASSWORD_MEMORY_MB` |", d.Auth.MemoryMB),
			fmt.Sprintf("logged %d times in a minute", d.Log.Repeats),
		},
		"scripts": {
			fmt.Sprintf("| %s s | `TABPY_EVALUATE_TIMEOUT` |", d.Evaluate.Timeout),
			fmt.Sprintf("| %d MiB, less on a host with little memory | `TABCELL_MEMORY_LIMIT_MB` |", d.Cells.MemoryMB),
			fmt.Sprintf("| %d MiB | `TABPY_MAX_REQUEST_SIZE_MB` |", d.Request.MaxMB),
			fmt.Sprintf("| %d MiB, less on a host with little memory | `TABCELL_OUTPUT_LIMIT_MB` |", d.Cells.OutputMB),
		},
		"models": {
			fmt.Sprintf("size of a model, %d MiB | `TABCELL_MODELS_MAX_MB` |", d.Models.MaxMB),
			fmt.Sprintf("number of endpoints, %d | `TABCELL_MODELS_MAX_COUNT` |", d.Models.MaxCount),
			fmt.Sprintf("loaded models, %d MiB", d.Models.TemplatesMB),
		},
	} {
		text, err := os.ReadFile("../assets/docs/" + page + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if !strings.Contains(string(text), row) {
				t.Errorf("%s.md does not contain %q", page, row)
			}
		}
	}
}
