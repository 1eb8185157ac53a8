package survey

import (
	"cmp"
	"fmt"
	goruntime "runtime"
	"slices"
	"strings"
	"time"

	"tabcell/runtime"
)

// row returns the row of the family in the first table.
func (m measured) row() string {
	order := m.bySlowness()
	worst := make([]string, 0, 4)
	for _, i := range order[:min(4, len(order))] {
		worst = append(worst, fmt.Sprintf("%s %.1f", m.operations[i].name, m.ratios[i]))
	}
	return fmt.Sprintf("| %s | %d | **%.2f** | %d | %s |", m.name, len(m.ratios), geometricMean(m.ratios), over(m.ratios, 3), strings.Join(worst, ", "))
}

// bySlowness returns the indexes of the operations, the one with the largest ratio first.
func (m measured) bySlowness() []int {
	order := make([]int, len(m.ratios))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(m.ratios[b], m.ratios[a]) })
	return order
}

// report returns survey.md.
func report(all []measured) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Operations in a cell and in a native Python\n\nMeasured on %s: %d cores, %s/%s; %s.\nTime in a cell divided by that in a native Python 3.13 with pyarrow and one thread; medians of %d\nalternating rounds. `task bench:survey` writes this file.\n\n",
		time.Now().Format(time.DateOnly), goruntime.NumCPU(), goruntime.GOOS, goruntime.GOARCH, runtime.EngineName(), surveyRounds)
	b.WriteString("| family | operations | geometric mean | over 3 | slowest |\n|---|--:|--:|--:|---|\n")
	var ratios []float64
	for _, m := range all {
		b.WriteString(m.row() + "\n")
		ratios = append(ratios, m.ratios...)
	}
	fmt.Fprintf(&b, "| **all** | %d | **%.2f** | %d | |\n", len(ratios), geometricMean(ratios), over(ratios, 3))
	for _, m := range all {
		fmt.Fprintf(&b, "\n## %s\n\n| operation | cell, us | native, us | ratio |\n|---|--:|--:|--:|\n", m.name)
		for _, i := range m.bySlowness() {
			fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.2f |\n", m.operations[i].name, 1e6*m.cell[i], 1e6*m.native[i], m.ratios[i])
		}
	}
	return b.String()
}

// picture returns an SVG image with a bar for each family. A line marks 1.
func picture(all []measured) string {
	const unit, left, step = 140, 230, 24
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", left+5*unit, (len(all)+2)*step)
	fmt.Fprintf(&b, `<text x="%d" y="16">time in a cell, native Python = 1 (geometric means, shorter is faster)</text>`+"\n", left)
	for i, m := range all {
		y, mean := (i+1)*step+6, geometricMean(m.ratios)
		width := min(mean, 4) * unit
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect x="%d" y="%d" width="%.0f" height="14" fill="#2b7a4b"/><text x="%.0f" y="%d">%.2f</text>`+"\n",
			left-8, y+12, m.name, left, y, width, left+width+6, y+12, mean)
	}
	fmt.Fprintf(&b, `<line x1="%d" y1="24" x2="%d" y2="%d" stroke="#444" stroke-dasharray="4 3"/></svg>`+"\n", left+unit, left+unit, (len(all)+1)*step+6)
	return b.String()
}
