package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// samples returns two values of a setting other than its default. They are equal if the setting has
// no more than one such value.
func samples(t *testing.T, s setting) (first, second string) {
	t.Helper()
	defaults := Defaults()
	var texts []string
	switch v := s.value(&defaults).(type) {
	case integer:
		texts = []string{strconv.Itoa(v.min), strconv.Itoa(v.max), strconv.Itoa(v.min + 1)}
	case boolean, unlessFalse:
		texts = []string{"true", "false"}
	case seconds:
		texts = []string{"5.0", "7.5"}
	case text:
		if texts = slices.Clone(v.choices); texts == nil {
			texts = []string{"10.0.0.1", "10.0.0.2"}
		}
		switch s.path {
		case "cells.weights":
			texts = []string{"a=1", "b=2"}
		case "cluster.listen", "cluster.advertise", "cluster.join":
			texts = []string{"10.0.0.1:9005", "10.0.0.2:9005"}
		}
	case roleList:
		texts = []string{"query", "deploy"}
	default:
		texts = []string{"a", "b"}
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == s.value(&defaults).String() })
	return texts[0], texts[len(texts)-1]
}

// layerValues has the values that a test sets in each layer.
type layerValues struct{ file, environ, flags []string }

// read merges all layers and returns the loader with the value of s as text. It skips the checks of
// combinations, so that each setting can be read alone.
func (v layerValues) read(t *testing.T, s setting) (*loader, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "t.conf")
	if err := os.WriteFile(file, []byte("[TabPy]\n"+strings.Join(v.file, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	src := Sources{File: file, Environ: v.environ, Flags: pflag.NewFlagSet("test", pflag.ContinueOnError)}
	if s.flag != "" {
		AddFlags(src.Flags, s.flag)
	}
	if err := src.Flags.Parse(v.flags); err != nil {
		t.Fatal(err)
	}
	l := newLoader(src)
	if err := l.loadLayers(); err != nil {
		t.Fatal(err)
	}
	settings := l.apply()
	if len(l.errors) > 0 {
		t.Fatal(l.errors)
	}
	return l, s.value(&settings).String()
}

// namesOf returns the setting's names of those kinds, the strongest last.
func namesOf(s setting, kinds []func(setting) string) []string {
	var names []string
	for _, kind := range kinds {
		if name := kind(s); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func TestEveryNameSetsItsSetting(t *testing.T) {
	for _, s := range table {
		want, _ := samples(t, s)
		var cases []layerValues
		for _, name := range namesOf(s, nameKinds) {
			cases = append(cases, layerValues{file: []string{name + " = " + want}}, layerValues{environ: []string{name + "=" + want}})
		}
		for _, name := range namesOf(s, flagKinds) {
			cases = append(cases, layerValues{flags: []string{"--" + name, want}})
		}
		for _, c := range cases {
			if _, got := c.read(t, s); got != want {
				t.Errorf("%+v sets %s, want %s", c, got, want)
			}
		}
	}
}

func TestStrongestNameWins(t *testing.T) {
	for _, s := range table {
		loser, want := samples(t, s)
		if loser == want {
			continue
		}
		lines := func(names []string, sign string) []string {
			values := make([]string, len(names))
			for i, name := range names {
				values[i] = name + sign + loser
			}
			return append(values[:len(names)-1], names[len(names)-1]+sign+want)
		}
		names := namesOf(s, nameKinds)
		cases := []layerValues{{file: lines(names, " = ")}, {environ: lines(names, "=")}}
		if s.flag != "" {
			flags := namesOf(s, flagKinds)
			for i := range flags {
				flags[i] = dashed(flags[i])
			}
			cases = append(cases, layerValues{flags: lines(flags, "=")})
		}
		for _, c := range cases {
			if _, got := c.read(t, s); got != want {
				t.Errorf("%+v sets %s, want %s", c, got, want)
			}
		}
	}
}

func TestFormerNamesAreDeprecated(t *testing.T) {
	concurrency, _ := byName("TABCELL_CONCURRENCY")
	for _, c := range []struct {
		layerValues
		value    string
		warnings []string
	}{
		{layerValues{file: []string{"TABCELL_PLACES = 3"}}, "3",
			[]string{"TABCELL_PLACES = 3 (FILE line 2): this name is deprecated; use TABCELL_CONCURRENCY"}},
		{layerValues{environ: []string{"tabcell_places=4"}}, "4",
			[]string{"tabcell_places = 4 (environment): this name is deprecated; use TABCELL_CONCURRENCY"}},
		{layerValues{flags: []string{"--places=5"}}, "5",
			[]string{"--places = 5 (command line): this name is deprecated; use --concurrency"}},
		{layerValues{flags: []string{"--places=5", "--concurrency=6"}}, "6",
			[]string{"--places = 5 (command line): this name is deprecated; use --concurrency"}},
		{layerValues{environ: []string{"TABCELL_CONCURRENCY=7", "TABCELL_PLACES=8"}}, "7",
			[]string{"TABCELL_PLACES = 8 (environment): this name is deprecated; use TABCELL_CONCURRENCY"}},
		{layerValues{file: []string{"TABCELL_PLACES = x"}, environ: []string{"TABCELL_CONCURRENCY=9"}}, "9",
			[]string{"TABCELL_PLACES = x (FILE line 2): this name is deprecated; use TABCELL_CONCURRENCY"}},
		{layerValues{file: []string{"TABCELL_CONCURRENCY = 10"}, flags: []string{"--concurrency=11"}}, "11", nil},
	} {
		l, value := c.read(t, concurrency)
		var warnings []string
		for _, w := range l.warnings {
			warnings = append(warnings, strings.ReplaceAll(w.String(), l.src.File, "FILE"))
		}
		if value != c.value || !reflect.DeepEqual(warnings, c.warnings) {
			t.Errorf("%+v sets %s with the warnings %q, want %s and %q", c.layerValues, value, warnings, c.value, c.warnings)
		}
	}
}

func TestFormerNamesAreNotShown(t *testing.T) {
	var shown strings.Builder
	WriteHelp(&shown)
	WriteExample(&shown)
	WriteMarkdown(&shown)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags)
	shown.WriteString(flags.FlagUsages())
	for path, former := range formerNames {
		if _, ok := byPath(path); !ok {
			t.Errorf("no setting has the path %s of %+v", path, former)
		}
		for _, name := range []string{former.own, dashed(former.flag)} {
			if name != "" && strings.Contains(shown.String(), name) {
				t.Errorf("the documentation shows the former name %s", name)
			}
		}
	}
}
