//go:build peer && linux

package peer

import (
	"fmt"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"time"
)

// String returns the row of the report's first table.
func (r benchRow) String() string {
	return fmt.Sprintf("| %s, %d conn. | %.2f / %.2f ms | %.2f / %.2f ms | %.2f / %.2f | %.1f / %.1f | **%.2f** | %.2f |", r.name, r.connections,
		r.p50[0], r.p50[1], r.p99[0], r.p99[1], r.cpu[0], r.cpu[1], r.rate[0], r.rate[1], r.p50[0]/r.p50[1], r.rate[0]/r.rate[1])
}

// write writes bench_peer.md and bench_peer.svg.
func (r *peerReport) write(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "# tabcell compared with TabPy\n\nMeasured on %s: %s, %d cores, %s; tabcell with %s.\nEach pair is tabcell / TabPy 2.16, the medians of %d alternating rounds.\n\n",
		time.Now().Format(time.DateOnly), processor(), goruntime.NumCPU(), goruntime.GOOS, r.engine, peerRounds)
	b.WriteString("| case | p50 | p99 | CPU ms per request | requests/s | p50 ratio | rate ratio |\n|---|---|---|---|---|---|---|\n")
	for _, line := range r.rows {
		b.WriteString(line.String() + "\n")
	}
	b.WriteString("\n| | tabcell | TabPy | ratio |\n|---|---|---|---|\n" + strings.Join(r.lines, "\n") + "\n")
	for name, text := range map[string]string{"bench_peer.md": b.String(), "bench_peer.svg": r.picture()} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// processor returns the model of the processor, or its architecture if the system does not name it.
func processor() string {
	raw, _ := os.ReadFile("/proc/cpuinfo")
	_, after, found := strings.Cut(string(raw), "model name")
	if !found {
		return goruntime.GOARCH
	}
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), ":"))
}

// picture returns an SVG image with a bar for each case: the time of tabcell divided by TabPy's. A
// line marks 1.
func (r *peerReport) picture() string {
	const unit, left, step = 140, 260, 22
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n",
		left+5*unit, (len(r.rows)+3)*step)
	fmt.Fprintf(&b, `<text x="%d" y="16">time of tabcell, TabPy = 1 (p50, shorter is faster)</text>`+"\n", left)
	for i, line := range r.rows {
		y, ratio := (i+1)*step+10, line.p50[0]/line.p50[1]
		colour := "#2b7a4b"
		if ratio > 1 {
			colour = "#b4552d"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s, %d</text><rect x="%d" y="%d" width="%.0f" height="14" fill="%s"/><text x="%.0f" y="%d">%.2f</text>`+"\n",
			left-8, y+12, line.name, line.connections, left, y, min(ratio, 4)*unit, colour, float64(left)+min(ratio, 4)*unit+6, y+12, ratio)
	}
	fmt.Fprintf(&b, `<line x1="%d" y1="24" x2="%d" y2="%d" stroke="#444" stroke-dasharray="4 3"/></svg>`+"\n", left+unit, left+unit, (len(r.rows)+1)*step+16)
	return b.String()
}
