package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// TestNoticeHasTheModulesCopyrights compares the copyrights in NOTICE with the modules' own files:
// each one that NOTICE states is stated by the module too, and each one in a licence or notice of
// the module is in NOTICE.
func TestNoticeHasTheModulesCopyrights(t *testing.T) {
	entries := noticeEntries(t)
	compared := 0
	for path, dir := range moduleFolders(t, entries) {
		if dir == "" {
			continue // no package of it is needed here, so that Go has not fetched it
		}
		compared++
		terms := copyrights(fileTexts(t, dir, licenceFile, 1)) // those below are of parts with other origins
		entry := copyrights(entries[path])
		for line := range strings.Lines(entry) {
			line = strings.TrimSpace(line)
			if !strings.Contains(terms, line) && !strings.Contains(copyrights(fileTexts(t, dir, sourceFile, 3)), line) {
				t.Errorf("NOTICE: %s: none of the module's files states %q", path, line)
			}
		}
		for line := range strings.Lines(terms) {
			if !strings.Contains(entry, strings.TrimSpace(line)) {
				t.Errorf("NOTICE: %s: the copyright %q of the module is missing", path, line)
			}
		}
	}
	if compared < 30 {
		t.Errorf("only %d modules were compared", compared)
	}
}

// noticeEntries returns the lines below each module in NOTICE.
func noticeEntries(t *testing.T) map[string]string {
	t.Helper()
	lists, _, _ := strings.Cut(testenv.ReadFile(t, testenv.File("NOTICE")), "4. Texts of the licences")
	entries := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^([\w.-]+\.[a-z]+/\S+)\n((?: {4}.*\n)+)`).FindAllStringSubmatch(lists, -1) {
		entries[m[1]] = m[2]
	}
	return entries
}

// moduleFolders returns the folder of each module in Go's module cache, or "" if it is not there.
func moduleFolders(t *testing.T, entries map[string]string) map[string]string {
	t.Helper()
	args := []string{"list", "-m", "-e", "-f", "{{.Path}} {{.Dir}}"}
	for path := range entries {
		args = append(args, path)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = testenv.File("."), append(os.Environ(), "GOFLAGS=", "GOPROXY=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		folders[path] = dir
	}
	return folders
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)`)
	sourceFile  = regexp.MustCompile(`(?i)\.(go|md)$`)
)

// fileTexts returns the texts of the files in a folder whose names match, down to the given depth.
func fileTexts(t *testing.T, dir string, name *regexp.Regexp, depth int) string {
	t.Helper()
	var all strings.Builder
	for pattern := dir; depth > 0; depth-- {
		pattern = filepath.Join(pattern, "*")
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && name.MatchString(filepath.Base(file)) {
				all.WriteString(testenv.ReadFile(t, file) + "\n")
			}
		}
	}
	return all.String()
}

// copyright matches a statement up to the end of its first sentence or the address of its holder.
// The licences' own texts have no year, or a placeholder, after the word.
var copyright = regexp.MustCompile(`(?i)copyright (?:\(c\) )?[0-9]{4}[^;<\n]*`)

var spaces = regexp.MustCompile(`[ \t]+`)

// copyrights returns the copyright statements of a text in lower case, one in each line.
func copyrights(text string) string {
	var all strings.Builder
	for _, statement := range copyright.FindAllString(spaces.ReplaceAllString(text, " "), -1) {
		statement, _, _ = strings.Cut(strings.ToLower(statement), ". ")
		if !strings.Contains(statement, "free software foundation") { // of the GPL, the other choice
			all.WriteString(strings.TrimRight(statement, "., ") + "\n")
		}
	}
	return all.String()
}

func TestCopyrights(t *testing.T) {
	text := "Copyright (c)  2019, Kailash Nadh. https://x\nCopyright [yyyy] [name]\nCopyright 2022 Elasticsearch B.V. This product\n" +
		"X, Copyright 2013 A; Copyright 2014 B <b@x>\nthe copyright staring in 2011\nCopyright (C) 1989, 1991 Free Software Foundation, Inc.,\n"
	want := "copyright (c) 2019, kailash nadh\ncopyright 2022 elasticsearch b.v\ncopyright 2013 a\ncopyright 2014 b\n"
	if got := copyrights(text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
