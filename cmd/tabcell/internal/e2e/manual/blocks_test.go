package manual

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/manual"
	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/yuin/goldmark/ast"
)

// document is a Markdown file of the manual, or README.md.
type document struct {
	name   string // relative to the repository, with slashes
	source []byte
	tree   ast.Node
}

// documents returns all pages of the manual, and README.md.
func documents(t *testing.T) []document {
	t.Helper()
	files, err := filepath.Glob(testenv.File("assets/docs/*.md"))
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d pages: %v", len(files), err)
	}
	var all []document
	for _, name := range append([]string{testenv.File("README.md")}, files...) {
		inside, err := filepath.Rel(testenv.File("."), name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, newDocument(filepath.ToSlash(inside), testenv.ReadFile(t, name)))
	}
	return all
}

func newDocument(name, text string) document {
	source := []byte(strings.ReplaceAll(text, "\r\n", "\n"))
	return document{name, source, manual.Parse(source)}
}

// block is a fenced block of a document.
type block struct {
	info  []string // the words after the fence, such as console
	line  int      // of the first line inside
	lines []string
}

// blocks returns the fenced blocks of a document.
func (d document) blocks() (all []block) {
	_ = ast.Walk(d.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if fence, ok := n.(*ast.FencedCodeBlock); ok && entering {
			all = append(all, d.block(fence))
		}
		return ast.WalkContinue, nil
	})
	return all
}

func (d document) block(fence *ast.FencedCodeBlock) block {
	var b block
	if fence.Info != nil {
		b.info = strings.Fields(string(fence.Info.Value(d.source)))
	}
	for i := range fence.Lines().Len() {
		line := fence.Lines().At(i)
		if i == 0 {
			b.line = strings.Count(string(d.source[:line.Start]), "\n") + 1
		}
		b.lines = append(b.lines, strings.TrimRight(string(line.Value(d.source)), "\n"))
	}
	return b
}

// is reports whether the first words of the block's info are these.
func (b block) is(words ...string) bool {
	return len(b.info) >= len(words) && slices.Equal(b.info[:len(words)], words)
}

// command is a line of a session, with the output that the document shows.
type command struct {
	line   int
	text   string
	output []string
}

// commands returns the commands of a console block.
func (b block) commands() (all []command, err error) {
	continued := false
	for i, line := range b.lines {
		text, begins := strings.CutPrefix(line, "$ ")
		last := len(all) - 1
		switch {
		case begins:
			all = append(all, command{line: b.line + i, text: text})
		case last < 0:
			return nil, fmt.Errorf("line %d: a session begins with a command, after \"$ \"", b.line+i)
		case continued:
			all[last].text += "\n" + line
		default:
			all[last].output = append(all[last].output, line)
		}
		continued = (begins || continued) && strings.HasSuffix(line, `\`)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("line %d: the session is empty", b.line)
	}
	return all, nil
}

// mustCommands returns the commands of a console block. The test fails if it is not a session.
func (b block) mustCommands(t *testing.T, page string) []command {
	t.Helper()
	all, err := b.commands()
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	return all
}

func TestCommands(t *testing.T) {
	d := newDocument("x.md", "# X\n\n1. Text\n\n   ```console\n   $ a \\\n     b\n   out\n\n   more\n   $ c\n   ```\n\n```console host TestX\n$ d\n```\n\n```ini\n[a]\n```\n")
	blocks := d.blocks()
	if len(blocks) != 3 || !blocks[1].is("console", "host", "TestX") || blocks[2].is("console") || blocks[0].is("console", "host") {
		t.Fatalf("got %+v", blocks)
	}
	all, err := blocks[0].commands()
	if err != nil || len(all) != 2 {
		t.Fatalf("got %+v, %v", all, err)
	}
	if c := all[0]; c.text != "a \\\n  b" || c.line != 6 || strings.Join(c.output, "|") != "out||more" {
		t.Errorf("got %+v", c)
	}
	for _, lines := range [][]string{{"out", "$ a"}, {}} {
		if _, err := (block{lines: lines}).commands(); err == nil {
			t.Errorf("%q: no error", lines)
		}
	}
}
