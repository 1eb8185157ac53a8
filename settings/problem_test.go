package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://a:b@c/d":               "https://***@c/d",
		"https://a:b@c@d/e":             "https://***@d/e",
		"https://c/d?sig=x&y=z#f":       "https://c/d?***#f",
		"see http://u@h/p?q and more":   "see http://***@h/p?*** and more",
		"https://c/a@b":                 "https://c/a@b",
		"user@example.org, 50% off?yes": "user@example.org, 50% off?yes",
		"two\nlines\x1b[2J\u0085":       `two\nlines\x1b[2J\u0085`,
		"é":                             "é",
	} {
		if got := redact(in); got != want {
			t.Errorf("redact(%q) = %q, want %q", in, got, want)
		}
	}
}

// The golden files contain secrets in their input. None of them may be in the output.
func TestSecretsAreRedacted(t *testing.T) {
	files, err := filepath.Glob("testdata/*.want")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "hunter2") || strings.Contains(string(raw), ":secret") {
			t.Errorf("%s shows a secret", file)
		}
	}
}
