package manual

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"

	markdown "github.com/yuin/goldmark/ast"
)

// sources returns the files of the repository whose names end so, by their paths.
func sources(t *testing.T, suffix string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	root := os.DirFS(testenv.File("."))
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (path == "work" || path == "assets/data" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if d.Type().IsRegular() && strings.HasSuffix(path, suffix) {
			files[path], err = fs.ReadFile(root, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files %s: %v", len(files), suffix, err)
	}
	return files
}

// literals returns the strings in the program's Go files, joined with line feeds. A verb of package
// fmt is a line feed too.
func literals(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for name, source := range sources(t, ".go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := constant(e)
			all.WriteString(verbs.ReplaceAllString(text, "\n") + "\n")
			return !ok
		})
	}
	return all.String()
}

var verbs = regexp.MustCompile(`%[-+#.0-9]*[a-zA-Z]`)

// constant returns the value of a string literal, or of a sum of them.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, ok2 := constant(e.Y)
		return left + right, ok && ok2 && e.Op == token.ADD
	}
	return "", false
}

// TestMessages checks that the program has each message that a block with the word message shows.
// "..." in a message stands for a value. The other parts must be in a string of the program, in its
// Python or C code, or in a recorded response of TabPy.
func TestMessages(t *testing.T) {
	known := literals(t)
	for _, suffix := range []string{".py", ".c", ".h", ".json", ".txtar"} {
		for name, source := range sources(t, suffix) {
			if strings.HasPrefix(name, "assets/guest/") || strings.HasPrefix(name, "httpapi/tck/") || strings.HasPrefix(name, "cmd/") {
				known += string(source) + "\n"
			}
		}
	}
	count := 0
	for _, d := range documents(t) {
		for _, b := range d.blocks() {
			if !b.is("message") {
				continue
			}
			count++
			for i, line := range b.lines {
				for part := range strings.SplitSeq(line, "...") {
					if part = strings.TrimSpace(part); !strings.Contains(known, part) {
						t.Errorf("%s:%d: no string of the program contains %q", d.name, b.line+i, part)
					}
				}
			}
		}
	}
	if count == 0 {
		t.Error("the manual shows no messages")
	}
}

var settingName = regexp.MustCompile(`\bTAB(?:PY|CELL)_[A-Z0-9_]*[A-Z0-9]\b`)

// TestSettingNames checks that the program knows each setting and variable that a document names.
// Sessions may misspell one, to show the error.
func TestSettingNames(t *testing.T) {
	known := map[string]bool{}
	for _, name := range settingName.FindAllString(literals(t), -1) {
		known[name] = true
	}
	for _, d := range allPages(t) {
		text := string(d.source)
		for _, b := range d.blocks() {
			if b.is("console") {
				text = strings.Replace(text, strings.Join(b.lines, "\n"), "", 1)
			}
		}
		for _, name := range settingName.FindAllString(text, -1) {
			if !known[name] {
				t.Errorf("%s names %s, which the program does not know", d.name, name)
			}
		}
	}
}

var metricName = regexp.MustCompile(`\btabcell_[a-z_]*[a-z]\b`)

// TestMetricNames checks that the program has each metric that a document names. The code has the
// names without their prefix.
func TestMetricNames(t *testing.T) {
	known := "\n" + literals(t)
	for _, d := range allPages(t) {
		for _, name := range metricName.FindAllString(string(d.source), -1) {
			if !strings.Contains(known, "\n"+strings.TrimPrefix(name, "tabcell_")+"\n") {
				t.Errorf("%s names the metric %s, which the program does not have", d.name, name)
			}
		}
	}
}

// TestLinks checks that each link to a file of the repository, and to a heading, leads there, in the
// manual and in the repository's other pages.
func TestLinks(t *testing.T) {
	for name, source := range sources(t, ".md") {
		if strings.Contains(name, "/testdata/") {
			continue
		}
		d := newDocument(name, string(source))
		_ = markdown.Walk(d.tree, func(n markdown.Node, entering bool) (markdown.WalkStatus, error) {
			if link, ok := n.(*markdown.Link); ok && entering && !strings.Contains(string(link.Destination), "://") {
				d.checkLink(t, string(link.Destination))
			}
			return markdown.WalkContinue, nil
		})
	}
}

func (d document) checkLink(t *testing.T, destination string) {
	file, anchor, _ := strings.Cut(destination, "#")
	name := d.name
	if file != "" {
		name = filepath.ToSlash(filepath.Join(filepath.Dir(d.name), file))
	}
	info, err := os.Stat(testenv.File(name))
	switch {
	case err != nil:
		t.Errorf("%s: the link to %s leads nowhere", d.name, destination)
	case anchor != "" && (info.IsDir() || !strings.Contains(anchors(testenv.ReadFile(t, testenv.File(name))), "\n"+anchor+"\n")):
		t.Errorf("%s: %s has no heading for the link %s", d.name, name, destination)
	}
}

var notInAnchors = regexp.MustCompile("[^a-z0-9 _-]")

// anchors returns the names that GitHub gives the headings of a text, each between line feeds.
func anchors(text string) string {
	names := "\n"
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			name := notInAnchors.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			names += strings.ReplaceAll(name, " ", "-") + "\n"
		}
	}
	return names
}
