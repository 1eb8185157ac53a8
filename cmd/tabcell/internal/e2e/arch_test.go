package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// These tests check which package may import which. They parse the files and do not run go list: a
// test that runs another program stays in Go's test cache after a wrong import was added.

// violation describes why a file in the folder dir must not import path. It returns "" if it may.
func violation(dir, path string, isTest bool) string {
	if inside, ok := strings.CutPrefix(path, "tabcell/"); ok {
		return moduleViolation(dir, inside, isTest)
	}
	for vendor, packages := range vendors {
		if path != vendor && !strings.HasPrefix(path, vendor+"/") {
			continue
		}
		sameRoot := func(name string) bool { return rootOf(name) == rootOf(dir) }
		if slices.Contains(packages, dir) || isTest && slices.ContainsFunc(packages, sameRoot) || isTest && vendor == "github.com/klauspost/compress" {
			return ""
		}
		return "only " + strings.Join(packages, ", ") + " may import " + vendor
	}
	return ""
}

func moduleViolation(dir, path string, isTest bool) string {
	allowed, listed := imports[dir]
	switch {
	case !listed && !isTest:
		return dir + " is not listed in arch_rules_test.go"
	case path == dir, slices.Contains(allowed, path):
		return ""
	case isTest && (slices.Contains(testPackages, path) || slices.Contains(testImports[dir], path) || strings.HasPrefix(dir, internal+"e2e")):
		return ""
	case isTest && strings.HasPrefix(path, dir+"/"): // the tests of runtime read its internal packages
		return ""
	}
	return dir + " must not import " + path
}

// rootOf returns the first element of a folder's path.
func rootOf(dir string) string {
	name, _, _ := strings.Cut(dir, "/")
	return name
}

func TestViolation(t *testing.T) {
	for _, c := range []struct {
		dir, path string
		isTest    bool
		allowed   bool
	}{
		{"httpapi", "tabcell/runtime", false, true},
		{"httpapi", "tabcell/runtime/runtimetest", false, false},
		{"httpapi", "tabcell/runtime/runtimetest", true, true},
		{"httpapi", "tabcell/settings", true, false},
		{"httpapi", "tabcell/assets", false, false},
		{"httpapi", "tabcell/authn", false, false},
		{"httpapi", "github.com/tetratelabs/wazero/api", true, false},
		{"httpapi", "github.com/labstack/echo/v4", false, true},
		{"httpapi/internal/pyjson", "github.com/labstack/echo/v4", false, false},
		{"runtime/internal/pool", "github.com/tetratelabs/wazero", false, true},
		{"runtime/internal/wasmbin", "github.com/tetratelabs/wazero", false, false},
		{"runtime/internal/wasmbin", "github.com/tetratelabs/wazero", true, true},
		{"runtime/internal/linmem", "tabcell/runtime/internal/snapshot", false, false},
		{"runtime/internal/pool", "tabcell/assets", false, false},
		{"runtime", "tabcell/httpapi", false, false},
		{"settings", "tabcell/settings/ini", false, true},
		{"settings/ini", "tabcell/settings", false, false},
		{"settings", "tabcell/runtime", false, false},
		{"settings/ini", "github.com/knadh/koanf/v2", false, false},
		{"assets", "tabcell/runtime", false, false},
		{"authn", "tabcell/settings", false, false},
		{"cmd/tabcell", "tabcell/assets", false, false},
		{internal + "server", "tabcell/assets", false, true},
		{internal + "server", "tabcell/" + internal + "cli", true, false},
		{internal + "endpoints", "tabcell/" + internal + "server", false, false},
		{internal + "server", "github.com/spf13/cobra", false, false},
		{"httpapi", "encoding/json", false, true},
		{"somewhere", "tabcell/runtime", false, false},
	} {
		if text := violation(c.dir, c.path, c.isTest); (text == "") != c.allowed {
			t.Errorf("%s importing %s, test %t: %q", c.dir, c.path, c.isTest, text)
		}
	}
}

// TestListedPackagesExist fails for a name in the lists above that no folder has any more.
func TestListedPackagesExist(t *testing.T) {
	named := slices.Collect(maps.Keys(imports))
	named = append(append(named, testPackages...), slices.Collect(maps.Keys(testImports))...)
	for _, lists := range []map[string][]string{imports, testImports, vendors} {
		for _, list := range lists {
			named = append(named, list...)
		}
	}
	slices.Sort(named)
	for _, name := range slices.Compact(named) {
		files, err := filepath.Glob(filepath.Join(testenv.File(name), "*.go"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s is listed, but has no Go files: %v", name, err)
		}
	}
}

// TestImports reads every Go file of the repository.
func TestImports(t *testing.T) {
	count := 0
	for dir, names := range goFiles(t) {
		documented := false
		for _, name := range names {
			count++
			file := parseFile(t, filepath.Join(testenv.File(dir), name))
			checkImports(t, dir, name, file)
			documented = documented || hasPackageComment(file)
		}
		if !documented {
			t.Errorf("%s: no file has a package comment that says what the package is for", dir)
		}
	}
	if count < 50 {
		t.Errorf("found only %d files: is %s the repository?", count, testenv.File("."))
	}
}

// goFiles returns the names of the Go files in each folder of the module, whose path has slashes.
// Folders with a go.mod of their own are other modules.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := fs.WalkDir(os.DirFS(testenv.File(".")), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != "." {
			_, err := os.Stat(testenv.File(path + "/go.mod"))
			if err == nil || name == "testdata" || strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
		}
		if dir, _, found := strings.Cut(path, "/"+name); found && strings.HasSuffix(name, ".go") && rootOf(dir) != "work" {
			all[dir] = append(all[dir], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parseFile(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func checkImports(t *testing.T, dir, name string, file *ast.File) {
	t.Helper()
	where := dir + "/" + name
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if text := violation(dir, path, strings.HasSuffix(name, "_test.go")); text != "" {
			t.Errorf("%s imports %s: %s", where, path, text)
		}
		if path == "runtime" && (spec.Name == nil || spec.Name.Name != "goruntime") {
			t.Errorf("%s: import the standard library's runtime as goruntime, because tabcell has a package runtime", where)
		}
		if path == "unsafe" && !strings.Contains(name, "unsafe") {
			t.Errorf("%s: only a file with unsafe in its name may import unsafe", where)
		}
	}
}

// hasPackageComment reports whether the file has a package comment of at least a sentence.
func hasPackageComment(file *ast.File) bool {
	text := file.Doc.Text()
	begins := strings.HasPrefix(text, "Package "+file.Name.Name+" ") || file.Name.Name == "main" && strings.HasPrefix(text, "Command ")
	return begins && len(text) > 40
}

func TestHasPackageComment(t *testing.T) {
	for source, want := range map[string]bool{
		"package a":                false,
		"// Package a.\npackage a": false,
		"// Package a reads files in the format of another program.\npackage a":    true,
		"// Package b reads files in the format of another program.\npackage a":    false,
		"// Command a reads files in the format of another program.\npackage main": true,
		"// Copyright 2026 the authors of the program, all rights.\n\npackage a":   false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "a.go", source, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if hasPackageComment(file) != want {
			t.Errorf("%q: %v", source, !want)
		}
	}
}
