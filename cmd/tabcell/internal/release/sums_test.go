package release

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

var digest = strings.Repeat("0a", 32)

func TestParseSums(t *testing.T) {
	sums, err := parseSums(digest + "  a.deb\n" + strings.ToUpper(digest) + " *b c.rpm\n")
	if err != nil || !maps.Equal(sums, map[string]string{"a.deb": digest, "b c.rpm": digest}) {
		t.Errorf("parsed %v, error %v", sums, err)
	}
	for text, want := range map[string]string{
		"":                                "line 1: it does not begin with",
		digest + "  a\n\n":                "line 2: it does not begin with",
		digest[1:] + "  a":                "it does not begin with",
		digest + "00  a":                  "it does not begin with",
		digest:                            "no name",
		digest + " a":                     "no name",
		digest + "  ../a":                 "not the name of a file",
		digest + "  /a":                   "not the name of a file",
		digest + `  a\b`:                  "not the name of a file",
		digest + "  ..":                   "not the name of a file",
		digest + "  .":                    "not the name of a file",
		digest + "  a\n" + digest + "  a": "line 2: a is listed twice",
	} {
		if _, err := parseSums(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseSums(%q): %v, want %q", text, err, want)
		}
	}
}

func FuzzParseSums(f *testing.F) {
	f.Add(digest + "  a.deb\n" + digest + " *b\n")
	f.Add(digest + "  ../../etc/passwd")
	f.Fuzz(func(t *testing.T, text string) {
		sums, err := parseSums(text)
		if err != nil {
			return
		}
		for name, digest := range sums {
			if len(digest) != 64 || filepath.Dir(filepath.Join("folder", name)) != "folder" {
				t.Errorf("%q: name %q, digest %q", text, name, digest)
			}
		}
	})
}
