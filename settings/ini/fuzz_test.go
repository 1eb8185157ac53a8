package ini

import (
	"fmt"
	"strings"
	"testing"
)

// print returns a text that parses to the same file, apart from line numbers.
func print(f *File) string {
	var b strings.Builder
	for _, s := range f.Sections {
		fmt.Fprintf(&b, "[%s]\n", s.Name)
		for _, o := range s.Options {
			separator := "="
			if o.NoValue {
				separator = ""
			}
			fmt.Fprintf(&b, "%s%s%s\n", o.Name, separator, strings.ReplaceAll(o.Value, "\n", "\n "))
		}
	}
	return b.String()
}

func withoutLines(f *File) string {
	for _, s := range f.Sections {
		s.Line = 0
		for _, o := range s.Options {
			o.Line = 0
		}
	}
	return show(f)
}

// FuzzParse checks that a file that Parse accepts has unique names and existing line numbers, and
// that printing and parsing it gives the same file.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"[TabPy]\nTABPY_PORT = 9004\nTABPY_EVALUATE_TIMEOUT: 5 \n", "[a]\nx=1\n  2\n\n  3\n", "; c\n[a] ]\n#x\n", "x", "[a]\n[a]",
		"[a]\nx=%(x)s%%%", "\ufeff[DEFAULT]\r\nx=\r\n [b]", "[a]\n x\n  y\nz", "[a]\nx=1\n #c\n\t2\n\x1f3",
	} {
		f.Add(seed, true, true)
		f.Add(seed, false, false)
	}
	f.Fuzz(func(t *testing.T, text string, sensitive, bare bool) {
		d := Dialect{CaseSensitive: sensitive, AllowNoValue: bare, Lookup: environment}
		file, err := d.Parse([]byte(text))
		if err != nil {
			return
		}
		checkShape(t, file, len(text)+1)
		again, err := d.Parse([]byte(print(file)))
		if err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, print(file), err)
		}
		if a, b := withoutLines(file), withoutLines(again); a != b {
			t.Fatalf("%q differs after printing and parsing\nfirst\n%ssecond\n%s", text, a, b)
		}
	})
}

func checkShape(t *testing.T, file *File, lines int) {
	sections := map[string]bool{}
	for _, s := range file.Sections {
		if sections[s.Name] || s.Line < 1 || s.Line > lines {
			t.Fatalf("section %q exists already, or its line %d is not from 1 to %d", s.Name, s.Line, lines)
		}
		sections[s.Name] = true
		options := map[string]bool{}
		for _, o := range s.Options {
			if o.Name == "" || options[o.Name] || o.Line < 1 || o.Line > lines {
				t.Fatalf("option %q exists already, or its line %d is not from 1 to %d", o.Name, o.Line, lines)
			}
			options[o.Name] = true
			if text, err := file.Interpolate(s, o); err == nil && len(text) > maxValue+len(o.Value) {
				t.Fatalf("the value of option %q has %d bytes after interpolation", o.Name, len(text))
			}
		}
	}
}
