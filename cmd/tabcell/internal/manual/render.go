package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Style is the form of a printed page.
type Style struct {
	Width int  // columns, at least minWidth; code is not wrapped
	Color bool // whether to use the terminal's bold and colored text
}

const minWidth = 40

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

// Parse returns the syntax tree of a page. The tree refers to source.
func Parse(source []byte) ast.Node { return markdown.Parser().Parse(text.NewReader(source)) }

// Render writes a page as text that is wrapped at the width of the style.
func Render(w io.Writer, p Page, style Style) error {
	source := []byte(p.Source)
	r := &renderer{source: source, style: style}
	r.blocks(Parse(source), "", max(style.Width, minWidth))
	_, err := io.WriteString(w, r.out.String())
	return err
}

// renderer collects the text of a page.
type renderer struct {
	source []byte
	style  Style
	out    strings.Builder
}

// blocks writes the blocks below parent. Each line begins with indent, and has at most width
// columns without it.
func (r *renderer) blocks(parent ast.Node, indent string, width int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if _, isComment := n.(*ast.HTMLBlock); isComment {
			continue
		}
		if needsGap(n) && r.out.Len() > 0 {
			r.out.WriteByte('\n')
		}
		r.block(n, indent, width)
	}
}

// needsGap reports whether an empty line comes before n: not inside of a list without gaps.
func needsGap(n ast.Node) bool {
	if list, ok := n.Parent().(*ast.List); ok {
		return !list.IsTight && n.PreviousSibling() != nil
	}
	_, isItem := n.Parent().(*ast.ListItem)
	return !isItem || n.PreviousSibling() != nil && n.Kind() != ast.KindTextBlock && n.Kind() != ast.KindList
}

func (r *renderer) block(n ast.Node, indent string, width int) {
	switch n := n.(type) {
	case *ast.Heading:
		r.heading(n, indent, width)
	case *ast.List:
		r.list(n, indent, width)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		r.code(n, indent)
	case *tables.Table:
		r.table(n, indent, width)
	case *ast.Blockquote:
		r.blocks(n, indent+"  ", width-2)
	default:
		r.lines(wrap(r.words(n, plain), width), indent, indent)
	}
}

// lines writes lines. The first one begins with first, the others with indent.
func (r *renderer) lines(lines []string, first, indent string) {
	for _, line := range lines {
		fmt.Fprintf(&r.out, "%s%s\n", first, line)
		first = indent
	}
}

// heading writes a heading. Without colors, it is underlined down to the second level.
func (r *renderer) heading(n *ast.Heading, indent string, width int) {
	words := r.words(n, bold)
	r.lines(wrap(words, width), indent, indent)
	if mark := map[int]string{1: "=", 2: "-"}[n.Level]; mark != "" && !r.style.Color {
		r.lines([]string{strings.Repeat(mark, min(width, columns(words)))}, indent, indent)
	}
}

// list writes a list. The blocks of each item are indented by the width of its mark.
func (r *renderer) list(n *ast.List, indent string, width int) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if n.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		if needsGap(item) {
			r.out.WriteByte('\n')
		}
		inner := &renderer{source: r.source, style: r.style}
		deeper := indent + strings.Repeat(" ", len(mark))
		inner.blocks(item, deeper, width-len(mark))
		r.out.WriteString(indent + mark + strings.TrimPrefix(inner.out.String(), deeper))
	}
}

// code writes a block of code, which is indented and never wrapped.
func (r *renderer) code(n ast.Node, indent string) {
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		text := strings.TrimRight(string(line.Value(r.source)), "\n")
		fmt.Fprintln(&r.out, strings.TrimRight(indent+"    "+r.styled(text, code), " "))
	}
}
