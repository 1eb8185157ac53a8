package settings

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write the files that the tests compare with")

// TestGolden loads each testdata/*.conf and compares the result with the .want file of that name. A
// comment "#environment NAME=VALUE" or "#flag --name=VALUE" adds a value to that layer. Load fails
// for the files *.bad.conf, and for no others.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		file = filepath.ToSlash(file)
		t.Run(filepath.Base(file), func(t *testing.T) {
			loaded, err := Load(sourcesOf(t, file))
			if bad := strings.HasSuffix(file, ".bad.conf"); bad != (err != nil) {
				t.Fatalf("Load returns the error %v", err)
			}
			compare(t, strings.TrimSuffix(file, ".conf")+".want", describe(loaded, err))
		})
	}
}

func sourcesOf(t *testing.T, file string) Sources {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src := Sources{File: file, Flags: pflag.NewFlagSet("test", pflag.ContinueOnError)}
	AddFlags(src.Flags, "host", "port", "concurrency")
	for line := range strings.Lines(string(raw)) {
		if pair, ok := strings.CutPrefix(line, "#environment "); ok {
			src.Environ = append(src.Environ, strings.TrimSpace(pair))
		}
		if arg, ok := strings.CutPrefix(line, "#flag "); ok {
			if err := src.Flags.Parse([]string{strings.TrimSpace(arg)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return src
}

// describe returns the result of Load as text: the values that differ from the defaults, with their
// origins, and the problems.
func describe(l *Loaded, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintln(&b, err)
		return b.String()
	}
	for _, e := range l.Effective() {
		if e.Origin.Layer != Default {
			fmt.Fprintf(&b, "%s = %s (%s: %s)\n", e.Name, e.Value, e.Origin, e.Origin.Name)
		}
	}
	for _, e := range l.GrantOptions() {
		fmt.Fprintf(&b, "%s = %s (%s)\n", e.Name, e.Value, e.Origin)
	}
	if l.Service != defaultService() {
		fmt.Fprintf(&b, "%+v\n", l.Service)
	}
	for _, w := range l.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(want), "\r\n", "\n") != got {
		t.Errorf("%s is out of date; run the test with -update and read the change\ngot\n%swant\n%s", file, got, want)
	}
}
