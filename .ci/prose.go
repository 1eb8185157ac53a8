//go:build ignore

// Command prose finds comments and documentation that break the house's rules of writing, which
// CONTRIBUTING.md lists, and fails when there are too many of them.
//
//	go run .ci/prose.go [-v] [FOLDER ...]
//
// It reads the files that git tracks: whole-line and trailing comments of Go, comments of C,
// Python, shell and YAML, and the text of Markdown outside code fences. A finding is a word or phrase that
// the rules forbid, or a line wider than 100 columns. The check is a smoke detector, and a line may
// be right in spite of it; hence the shares below instead of zero.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The largest shares that pass, in percent of the lines of prose.
const (
	maxShare       = 0.8 // of forbidden phrases, in the whole tree
	maxFolderShare = 2.5 // of forbidden phrases, in a folder with at least minFolderLines
	maxWideShare   = 3.0 // of lines wider than maxColumns, in the whole tree
	minFolderLines = 40
	maxColumns     = 100
)

var (
	forbidden = regexp.MustCompile(`(?i)\b(whoever|whomever|anew|for want of|likewise|hears? of|tells? whether|` +
		`is told|are told|was told|nobody|of ours\b|be it|a moment later|such that)\b`)
	isNo     = regexp.MustCompile(`(?i)\bis no (\w+)`) // "is no X"; "is no longer", "is no more" and "is no such" are right
	what     = regexp.MustCompile(`(?i)(?:^|\W)(what)\b( (?:is|does|do|happens|to do|if|about|kind|changed|are)\b)?`)
	question = regexp.MustCompile(`^[^.]*\?`)
	code     = regexp.MustCompile("`[^`]*`|\"[^\"]*\"") // quoted text is not prose

	comments = map[string]*regexp.Regexp{
		".go":  regexp.MustCompile(`(?:^\s*|[^:"'\x60]\s)//( .*)$`),
		".c":   regexp.MustCompile(`^\s*(?://|/?\*+)(.*)$`),
		".h":   regexp.MustCompile(`^\s*(?://|/?\*+)(.*)$`),
		".py":  regexp.MustCompile(`^\s*#(.*)$`),
		".sh":  regexp.MustCompile(`^\s*#(.*)$`),
		".yml": regexp.MustCompile(`^\s*#(.*)$`),
		".md":  regexp.MustCompile(`^(.*)$`),
	}
)

// tally counts the lines of prose of one folder.
type tally struct{ lines, bad, wide int }

func main() {
	verbose := flag.Bool("v", false, "print the share of every folder")
	flag.Parse()
	folders := map[string]*tally{}
	for _, name := range trackedFiles(flag.Args()) {
		folder := folderOf(name)
		if folders[folder] == nil {
			folders[folder] = &tally{}
		}
		if err := folders[folder].read(name); err != nil {
			fmt.Fprintln(os.Stderr, "prose:", err)
			os.Exit(2)
		}
	}
	if !report(folders, *verbose) {
		os.Exit(1)
	}
}

// trackedFiles returns the tracked files below the folders that hold prose. Recorded test data,
// and the texts of licences, are not ours to write.
func trackedFiles(folders []string) []string {
	out, err := exec.Command("git", append([]string{"ls-files", "--"}, folders...)...).Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prose: git ls-files:", err)
		os.Exit(2)
	}
	return slices.DeleteFunc(strings.Split(strings.TrimSpace(string(out)), "\n"), func(name string) bool {
		return strings.Contains(name, "/testdata/") || comments[path.Ext(name)] == nil || name == ".ci/prose.go"
	})
}

// folderOf returns the first two folders of a path, which is how the shares are grouped.
func folderOf(name string) string {
	parts := strings.Split(path.Dir(name), "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// read counts the lines of one file and prints its findings.
func (t *tally) read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	markdown, fenced := path.Ext(name) == ".md", false
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24) // a line of embedded data may be long
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if markdown && strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		text := comments[path.Ext(name)].FindStringSubmatch(line)
		if text == nil || fenced || strings.TrimSpace(text[1]) == "" {
			continue
		}
		t.lines++
		wide := utf8.RuneCountInString(line) > maxColumns && !strings.HasPrefix(line, "|")
		phrase := forbiddenPhrase(text[1])
		if wide {
			t.wide++
		}
		if phrase != "" {
			t.bad++
		}
		if wide || phrase != "" {
			fmt.Printf("%s:%d: %s: %.140s\n", name, n, reason(phrase, wide), strings.TrimSpace(line))
		}
	}
	return lines.Err()
}

// reason names a finding.
func reason(phrase string, wide bool) string {
	switch {
	case phrase == "":
		return "wide"
	case wide:
		return fmt.Sprintf("%q, wide", phrase)
	}
	return fmt.Sprintf("%q", phrase)
}

// forbiddenPhrase returns the first phrase of text that the rules forbid, or "".
func forbiddenPhrase(text string) string {
	text = code.ReplaceAllString(text, "")
	if m := forbidden.FindString(text); m != "" {
		return m
	}
	if m := isNo.FindStringSubmatch(text); m != nil && !slices.Contains([]string{"longer", "more", "such"}, strings.ToLower(m[1])) {
		return m[0]
	}
	for _, m := range what.FindAllStringSubmatchIndex(text, -1) {
		if m[4] < 0 && !question.MatchString(text[m[3]:]) { // not an accepted phrase like "what to do"
			return text[m[2]:m[3]]
		}
	}
	return ""
}

// report prints the shares and reports whether they pass.
func report(folders map[string]*tally, verbose bool) bool {
	all, ok := tally{}, true
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		t := folders[name]
		all.lines, all.bad, all.wide = all.lines+t.lines, all.bad+t.bad, all.wide+t.wide
		over := t.lines >= minFolderLines && share(t.bad, t.lines) > maxFolderShare
		if over {
			ok = false
		}
		if over || verbose {
			fmt.Fprintf(os.Stderr, "%s: %d of %d lines (%.1f %%), %d too wide\n", name, t.bad, t.lines, share(t.bad, t.lines), t.wide)
		}
	}
	fmt.Fprintf(os.Stderr, "prose: %d of %d lines break the rules (%.2f %%, at most %.1f), %d are too wide (%.1f %%, at most %.1f)\n",
		all.bad, all.lines, share(all.bad, all.lines), maxShare, all.wide, share(all.wide, all.lines), maxWideShare)
	return ok && share(all.bad, all.lines) <= maxShare && share(all.wide, all.lines) <= maxWideShare
}

func share(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }
