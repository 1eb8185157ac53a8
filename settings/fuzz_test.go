package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// FuzzLoad: whatever a file says, reading it ends in a configuration or in problems of one line each.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	file := filepath.Join(f.TempDir(), "fuzz.conf")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Load(Sources{File: file, Environ: []string{"HOME=/home/ada"}})
		var all Problems
		switch {
		case err == nil:
			all = l.Warnings
			l.Effective()
		case !errors.As(err, &all) || len(all) == 0:
			t.Fatalf("%v", err)
		}
		for _, p := range all {
			if line := p.String(); strings.ContainsFunc(line, unicode.IsControl) {
				t.Fatalf("%q", line)
			}
		}
	})
}

// FuzzValues: text that a setting accepts prints as text that sets it to the same.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"1", "1_0", "0.5", "yes", "info", "::1", "1e-7", "-0", "1e400", "9004", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, line := range table {
			first, second := Defaults(), Defaults()
			if line.value(&first).Set(text) != nil {
				continue
			}
			printed := line.value(&first).String()
			if err := line.value(&second).Set(printed); err != nil || fmt.Sprint(first) != fmt.Sprint(second) {
				t.Fatalf("%s: %q prints as %q: %v", line.own, text, printed, err)
			}
		}
	})
}
