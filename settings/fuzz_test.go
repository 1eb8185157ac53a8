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

// FuzzLoad checks that Load returns a configuration or problems for every file, and that each
// problem is one line.
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
		var problems Problems
		switch {
		case err == nil:
			problems = l.Warnings
			l.Effective()
		case !errors.As(err, &problems) || len(problems) == 0:
			t.Fatalf("Load returns %v, which is not of type Problems", err)
		}
		for _, p := range problems {
			if line := p.String(); strings.ContainsFunc(line, unicode.IsControl) {
				t.Fatalf("a problem has a control character: %q", line)
			}
		}
	})
}

// FuzzValues checks that a value prints as text that sets the same value.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"1", "1_0", "0.5", "yes", "info", "::1", "1e-7", "-0", "1e400", "9004", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range table {
			first, second := Defaults(), Defaults()
			if s.value(&first).Set(text) != nil {
				continue
			}
			printed := s.value(&first).String()
			if err := s.value(&second).Set(printed); err != nil || fmt.Sprint(first) != fmt.Sprint(second) {
				t.Fatalf("%s: %q prints as %q, which sets another value (%v)", s.own, text, printed, err)
			}
		}
	})
}
