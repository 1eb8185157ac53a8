package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The house's arrows. Files are parsed, and not `go list` asked: a test that runs a program passes from go's cache after a wrong import
// was added.

const root = "../../../.."

// rooms are the folders that may be imported by some only. Each line: a room, and the rooms that its files may import besides their own.
var rooms = map[string][]string{
	"assets":                   {},
	"authn":                    {"runtime/osfile"},
	"settings":                 {"settings/ini", "settings/pylog", "settings/internal/python"},
	"settings/ini":             {},
	"settings/pylog":           {"settings/ini", "settings/internal/python"},
	"settings/internal/python": {},
	"runtime/column":           {},
	"runtime/osfile":           {},
	"runtime/registry":         {"runtime/osfile"},
	"runtime":                  {"runtime/column", "runtime/osfile", "runtime/registry"},
	"httpapi":                  {"runtime", "runtime/column", "runtime/registry"},
	"cmd/tabcell":              {"assets", "authn", "settings", "settings/ini", "settings/pylog", "runtime", "runtime/column", "runtime/osfile", "runtime/registry", "httpapi"},
}

// vendors may be imported in one room only: each of them will change, or end, some day.
var vendors = map[string][]string{
	"github.com/tetratelabs/wazero": {"runtime"},
	"github.com/labstack/echo":      {"httpapi"},
	"github.com/prometheus":         {"httpapi"},
	"github.com/knadh/koanf":        {"settings"},
	"golang.org/x/crypto":           {"authn"},
	"github.com/golang-jwt/jwt":     {"authn"},
	"golang.org/x/term":             {"cmd/tabcell"},
	"github.com/spf13/cobra":        {"cmd/tabcell"},
	"github.com/spf13/pflag":        {"cmd/tabcell", "settings"},
}

// roomOf is the room of a folder, or of an import path below the module: the longest name that begins it.
func roomOf(folder string) string {
	room := ""
	for name := range rooms {
		if (folder == name || strings.HasPrefix(folder, name+"/")) && len(name) > len(room) {
			room = name
		}
	}
	return room
}

// verdictOn says what is wrong with a file in folder importing path; "" for nothing.
func verdictOn(folder, path string) string {
	from := roomOf(folder)
	if from == "" {
		return "the folder belongs to no room"
	}
	if inner, ok := strings.CutPrefix(path, "tabcell/"); ok {
		return verdictOnRoom(from, inner)
	}
	for vendor, homes := range vendors {
		if path != vendor && !strings.HasPrefix(path, vendor+"/") {
			continue
		}
		for _, home := range homes {
			if from == home {
				return ""
			}
		}
		return vendor + " belongs to " + strings.Join(homes, " and ")
	}
	return ""
}

func verdictOnRoom(from, inner string) string {
	to := roomOf(inner)
	if to == from {
		return ""
	}
	for _, may := range rooms[from] {
		if to == may {
			return ""
		}
	}
	return from + " must not know " + to
}

func TestArrowsAreChecked(t *testing.T) {
	for _, c := range []struct {
		localStore, path string
		allowed          bool
	}{
		{"httpapi", "tabcell/runtime", true},
		{"httpapi/tck", "tabcell/runtime/runtimetest", true},
		{"httpapi", "tabcell/settings", false},
		{"httpapi", "tabcell/assets", false},
		{"httpapi", "tabcell/authn", false},
		{"httpapi", "github.com/tetratelabs/wazero/api", false},
		{"httpapi", "github.com/labstack/echo/v4", true},
		{"runtime/internal/pool", "github.com/tetratelabs/wazero", true},
		{"runtime/internal/pool", "tabcell/assets", false},
		{"runtime", "tabcell/httpapi", false},
		{"settings", "tabcell/settings/ini", true},
		{"settings/ini", "tabcell/settings", false},
		{"settings", "tabcell/runtime", false},
		{"settings/ini", "github.com/knadh/koanf/v2", false},
		{"assets", "tabcell/runtime", false},
		{"runtime/column", "tabcell/runtime", false},
		{"authn", "tabcell/settings", false},
		{"cmd/tabcell", "tabcell/assets", true},
		{"cmd/tabcell", "github.com/tetratelabs/wazero", false},
		{"httpapi", "encoding/json", true},
		{"somewhere", "encoding/json", false},
	} {
		if said := verdictOn(c.localStore, c.path); (said == "") != c.allowed {
			t.Errorf("%s importing %s: %q", c.localStore, c.path, said)
		}
	}
}

// TestHouse reads every Go file of the repository.
func TestHouse(t *testing.T) {
	documented := map[string]bool{} // folder -> a package comment was seen
	files := 0
	for folder, names := range goFiles(t) {
		for _, name := range names {
			files++
			file := parseFile(t, filepath.Join(root, folder, name))
			checkImports(t, folder, name, file)
			if !strings.HasSuffix(name, "_test.go") {
				documented[folder] = documented[folder] || hasPackageComment(file)
			}
		}
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("%s: no file has a package comment that says what the package is for", folder)
		}
	}
	if files < 50 {
		t.Errorf("only %d files were found: is %s still the repository?", files, root)
	}
}

// goFiles lists the Go files by folder, slashes between the names.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") && path != root) {
			return filepath.SkipDir
		}
		inside, err := filepath.Rel(root, path)
		if folder := filepath.ToSlash(filepath.Dir(inside)); strings.HasSuffix(name, ".go") && folder != "work" && !strings.HasPrefix(folder, "work/") {
			all[folder] = append(all[folder], name)
		}
		return err
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

func checkImports(t *testing.T, folder, name string, file *ast.File) {
	t.Helper()
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		where := folder + "/" + name
		if said := verdictOn(folder, path); said != "" {
			t.Errorf("%s imports %s: %s", where, path, said)
		}
		if path == "runtime" && (spec.Name == nil || spec.Name.Name != "goruntime") {
			t.Errorf("%s: the standard library's runtime is imported as goruntime, to be told from ours", where)
		}
		if path == "unsafe" && !strings.Contains(name, "unsafe") {
			t.Errorf("%s: unsafe belongs into a file that is named for it", where)
		}
	}
}

// hasPackageComment: at least a sentence that begins as Go's documentation wants it.
func hasPackageComment(file *ast.File) bool {
	text := file.Doc.Text()
	begins := strings.HasPrefix(text, "Package "+file.Name.Name+" ") || file.Name.Name == "main" && strings.HasPrefix(text, "Command ")
	return begins && len(text) > 40
}

func TestPackageCommentIsChecked(t *testing.T) {
	for source, want := range map[string]bool{
		"package a":                false,
		"// Package a.\npackage a": false,
		"// Package a reads files of the kind that nobody else reads.\npackage a":    true,
		"// Package b reads files of the kind that nobody else reads.\npackage a":    false,
		"// Command a reads files of the kind that nobody else reads.\npackage main": true,
		"// Copyright of nobody, as long as this is.\n\npackage a":                   false,
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
