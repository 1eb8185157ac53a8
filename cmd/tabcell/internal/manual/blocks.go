package manual

import (
	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
)

// Block is a part of a page for programs that lay it out themselves, such as the console. Members
// that do not apply to its kind are left out of the JSON.
type Block struct {
	Kind     BlockKind  `json:"kind"`
	Level    int        `json:"level,omitempty"`    // of a heading, from 1
	ID       string     `json:"id,omitempty"`       // of a heading: the section that links name
	Text     []Span     `json:"text,omitempty"`     // of a heading or a paragraph
	Language string     `json:"language,omitempty"` // of code
	Code     string     `json:"code,omitempty"`
	Ordered  bool       `json:"ordered,omitempty"` // of a list
	Start    int        `json:"start,omitempty"`   // of an ordered list
	Items    [][]Block  `json:"items,omitempty"`   // of a list
	Header   [][]Span   `json:"header,omitempty"`  // of a table: its columns
	Rows     [][][]Span `json:"rows,omitempty"`    // of a table: columns of each row
	Blocks   []Block    `json:"blocks,omitempty"`  // of a quote
}

// BlockKind is the kind of a block.
type BlockKind string

// The kinds of blocks.
const (
	Heading   BlockKind = "heading"
	Paragraph BlockKind = "paragraph"
	Code      BlockKind = "code"
	List      BlockKind = "list"
	Table     BlockKind = "table"
	Quote     BlockKind = "quote"
	Rule      BlockKind = "rule"
)

// Blocks returns the blocks of a page, its title included. Comments and HTML are left out.
func (p Page) Blocks() []Block {
	source := []byte(p.Source)
	b := &blockBuilder{source: source, sections: map[string]int{}}
	return b.blocks(Parse(source))
}

// blockBuilder collects the blocks of a page.
type blockBuilder struct {
	source   []byte
	sections map[string]int // how often each section name has occurred
}

func (b *blockBuilder) blocks(parent ast.Node) (all []Block) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if block, ok := b.block(n); ok {
			all = append(all, block)
		}
	}
	return all
}

// block returns the block of a node. ok is false for a node that is not shown.
func (b *blockBuilder) block(n ast.Node) (block Block, ok bool) {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		return block, false
	case *ast.Heading:
		return b.heading(n), true
	case *ast.FencedCodeBlock:
		return Block{Kind: Code, Language: string(n.Language(b.source)), Code: b.lines(n)}, true
	case *ast.CodeBlock:
		return Block{Kind: Code, Code: b.lines(n)}, true
	case *ast.List:
		return b.list(n), true
	case *tables.Table:
		return b.table(n), true
	case *ast.Blockquote:
		return Block{Kind: Quote, Blocks: b.blocks(n)}, true
	case *ast.ThematicBreak:
		return Block{Kind: Rule}, true
	}
	block = Block{Kind: Paragraph, Text: b.spans(n)}
	return block, len(block.Text) > 0
}

func (b *blockBuilder) heading(n *ast.Heading) Block {
	block := Block{Kind: Heading, Level: n.Level, Text: b.spans(n)}
	block.ID = b.section(plainText(block.Text))
	return block
}

func (b *blockBuilder) lines(n ast.Node) string {
	return string(n.Lines().Value(b.source))
}

func (b *blockBuilder) list(n *ast.List) Block {
	block := Block{Kind: List, Ordered: n.IsOrdered()}
	if block.Ordered {
		block.Start = n.Start
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		block.Items = append(block.Items, b.blocks(item))
	}
	return block
}

func (b *blockBuilder) table(n *tables.Table) Block {
	block := Block{Kind: Table}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells [][]Span
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, b.spans(cell))
		}
		if _, isHeader := row.(*tables.TableHeader); isHeader {
			block.Header = cells
		} else {
			block.Rows = append(block.Rows, cells)
		}
	}
	return block
}
