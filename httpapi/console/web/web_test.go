package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// manifest is dist/manifest.json.
type manifest struct {
	Sources string
	Files   []struct {
		Name   string
		Bytes  int
		SHA256 string
	}
}

func manifestOf(t *testing.T) (m manifest) {
	t.Helper()
	if err := readManifest(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDistIsCurrent fails if a source changed after dist was built.
func TestDistIsCurrent(t *testing.T) {
	names := []string{"build.mjs", "package.json", "package-lock.json"}
	err := filepath.WalkDir("src", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	var lines strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s %s\n", digest(data), name)
	}
	if m := manifestOf(t); m.Sources != digest([]byte(lines.String())) {
		t.Error("dist is older than its sources; run task console:build and commit dist with them")
	}
}

// TestDistIsComplete compares the embedded files with the manifest.
func TestDistIsComplete(t *testing.T) {
	listed := map[string]bool{"manifest.json": true}
	for _, file := range manifestOf(t).Files {
		listed[file.Name] = true
		data, err := fs.ReadFile(Dist(), file.Name)
		if err != nil {
			t.Error(err)
		} else if digest(data) != file.SHA256 || len(data) != file.Bytes {
			t.Errorf("%s differs from the manifest; run task console:build", file.Name)
		}
	}
	err := fs.WalkDir(Dist(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !listed[name] {
			t.Errorf("%s is not in the manifest; run task console:build", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// maxFirstPage is the size of everything that the first page loads, compressed, in bytes.
const maxFirstPage = 250_000

// TestFirstPageIsSmall adds up the page, the style sheet, the shell and the playground with all
// that they import, and the language of the editor, which follows.
func TestFirstPageIsSmall(t *testing.T) {
	total := 0
	names := firstPage(t)
	if len(names) < 6 {
		t.Errorf("only %d files are part of the first page: %v", len(names), names)
	}
	for name := range names {
		data, err := fs.ReadFile(Dist(), name)
		if err != nil {
			t.Fatal(err)
		}
		total += gzipped(t, data)
	}
	t.Logf("%d bytes with gzip in %d files", total, len(names))
	if total > maxFirstPage {
		t.Errorf("the first page has %d bytes with gzip, more than %d", total, maxFirstPage)
	}
}

// staticImport finds the modules that a bundled module loads before it runs.
var staticImport = regexp.MustCompile(`(?:^|[;}])\s*(?:import|export)\s*(?:[\w$*{][^"';]*?from)?\s*"\./([^"]+)"`)

// firstPage returns the names of the files that the playground needs.
func firstPage(t *testing.T) map[string]bool {
	names := map[string]bool{"index.html": true}
	for _, file := range manifestOf(t).Files {
		if ext := path.Ext(file.Name); ext == ".css" || ext == ".svg" {
			names[file.Name] = true
		}
	}
	addImports(t, names, "app-", "playground-", "python-")
	return names
}

// addImports adds the modules whose names begin with one of the prefixes, and the modules that they
// import.
func addImports(t *testing.T, names map[string]bool, prefixes ...string) {
	t.Helper()
	var open []string
	for _, file := range manifestOf(t).Files {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(file.Name, "assets/"+p) }) {
			open = append(open, file.Name)
		}
	}
	if len(open) != len(prefixes) {
		t.Fatalf("the modules with the prefixes %q are %q", prefixes, open)
	}
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		if names[name] {
			continue
		}
		names[name] = true
		data, err := fs.ReadFile(Dist(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range staticImport.FindAllSubmatch(data, -1) {
			open = append(open, path.Join("assets", string(found[1])))
		}
	}
}

// TestModulesAreComplete compares the lists of modules with the imports in the files.
func TestModulesAreComplete(t *testing.T) {
	modules, err := Modules()
	if err != nil {
		t.Fatal(err)
	}
	for page, prefixes := range map[string][]string{"shell": {"app-"}, "playground": {"app-", "playground-"}} {
		wanted := map[string]bool{}
		addImports(t, wanted, prefixes...)
		maps.DeleteFunc(wanted, func(name string, _ bool) bool { return strings.HasPrefix(name, "assets/app-") })
		got := slices.Sorted(slices.Values(modules[page]))
		if want := slices.Sorted(maps.Keys(wanted)); !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("the modules of %s are %q, want %q", page, got, want)
		}
	}
}

func gzipped(t *testing.T, data []byte) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
