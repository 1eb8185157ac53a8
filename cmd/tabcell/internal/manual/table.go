package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
)

// The space between the columns of a table, and the least width of a column that is wrapped.
const (
	columnGap = 2
	minColumn = 12
)

// table writes a table with wrapped cells, or one record for each row if the columns would become
// too narrow.
func (r *renderer) table(t *tables.Table, indent string, width int) {
	var rows [][][]word
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		_, isHeader := row.(*tables.TableHeader)
		rows = append(rows, r.cells(row, isHeader))
	}
	widths := fit(rows, width)
	if widths == nil {
		r.records(rows, indent, width)
		return
	}
	for i, row := range rows {
		r.row(row, widths, indent)
		if i == 0 {
			r.rule(widths, indent)
		}
	}
}

func (r *renderer) cells(row ast.Node, isHeader bool) (cells [][]word) {
	style := plain
	if isHeader {
		style = bold
	}
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		cells = append(cells, r.words(cell, style))
	}
	return cells
}

// fit returns the widths of the columns in a table of at most width columns of text, or nil if a
// column would be narrower than a word in it, or than minColumn. A column that needs less than an
// equal part gets its natural width, and the others share the rest.
func fit(rows [][][]word, width int) []int {
	count := len(rows[0])
	widths, longest := make([]int, count), make([]int, count)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
			for _, w := range cell {
				longest[i] = max(longest[i], w.columns)
			}
		}
	}
	natural := slices.Clone(widths)
	share(widths, width-columnGap*(count-1))
	for i, w := range widths {
		if w < max(longest[i], min(natural[i], minColumn)) {
			return nil
		}
	}
	return widths
}

// share reduces widths to a sum of at most total.
func share(widths []int, total int) {
	left, open := total, len(widths)
	narrow := make([]bool, len(widths))
	for changed := true; changed && open > 0; {
		changed = false
		for i, w := range widths {
			if !narrow[i] && w <= left/open {
				narrow[i], changed = true, true
				left, open = left-w, open-1
				break
			}
		}
	}
	for i := range widths {
		if !narrow[i] {
			widths[i] = left / open
		}
	}
}

// row writes a row, whose cells are wrapped to several lines.
func (r *renderer) row(cells [][]word, widths []int, indent string) {
	columns, height := make([][]string, len(cells)), 0
	for i, cell := range cells {
		columns[i] = wrap(cell, widths[i])
		height = max(height, len(columns[i]))
	}
	for line := range height {
		var b strings.Builder
		for i, lines := range columns {
			text := ""
			if line < len(lines) {
				text = lines[line]
			}
			b.WriteString(text + strings.Repeat(" ", widths[i]-visible(text)+columnGap))
		}
		fmt.Fprintln(&r.out, indent+strings.TrimRight(b.String(), " "))
	}
}

// rule writes a line below the header.
func (r *renderer) rule(widths []int, indent string) {
	var parts []string
	for _, w := range widths {
		parts = append(parts, strings.Repeat("-", w))
	}
	fmt.Fprintln(&r.out, indent+strings.Join(parts, strings.Repeat(" ", columnGap)))
}

// records writes each row as its first cell and a line for each other cell that is not empty.
func (r *renderer) records(rows [][][]word, indent string, width int) {
	for i, row := range rows[1:] {
		if i > 0 {
			r.out.WriteByte('\n')
		}
		r.lines(wrap(row[0], width), indent, indent)
		for column, cell := range row[1:] {
			if len(cell) > 0 {
				name := append([]word(nil), rows[0][column+1]...)
				name[len(name)-1].text += ":"
				name[len(name)-1].columns++
				r.lines(wrap(append(name, cell...), width-4), indent+"    ", indent+"      ")
			}
		}
	}
}
