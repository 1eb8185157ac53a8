//go:build attack && linux

package attack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// row is the result of an attack.
type row struct {
	name                string
	sent, answered      int             // scripts of the other clients, and those with status 200
	latencies           []time.Duration // of /info; a request without a response counts with its time limit
	before, peak, after float64         // memory of the server in MiB
	budget              float64         // the memory in MiB that it may use
}

// The limits of a row.
const (
	minAnswered = 0.99
	maxLatency  = 200 * time.Millisecond // the 99th percentile of /info, on an idle machine
	// maxGrowth is the growth of the memory in MiB, from before the attack until recoveryTime after
	// it. Go's collector leaves garbage of about this size without an attack as well.
	maxGrowth = 96
)

// missed returns the limits that the row misses, separated by commas, or "".
func (r row) missed() string {
	var missed []string
	if float64(r.answered) < minAnswered*float64(r.sent) {
		missed = append(missed, "answered")
	}
	if percentile(r.latencies, 0.99) >= testenv.Scaled(maxLatency) {
		missed = append(missed, "latency")
	}
	if r.peak > r.budget {
		missed = append(missed, "budget")
	}
	if r.after > r.before+maxGrowth {
		missed = append(missed, "memory after")
	}
	return strings.Join(missed, ", ")
}

// table returns the rows in Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| attack | scripts of others answered | /info p99 | memory before | peak | after | limits missed |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.1f %% of %d | %.0f ms | %.0f MiB | %.0f of %.0f MiB | %.0f MiB | %s |\n", r.name,
			100*float64(r.answered)/float64(max(r.sent, 1)), r.sent, percentile(r.latencies, 0.99).Seconds()*1000, r.before, r.peak, r.budget, r.after, cmp.Or(r.missed(), "none"))
	}
	return b.String()
}

// percentile returns the value below which the share p of the values lies, or 0 if there are none.
func percentile(values []time.Duration, p float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]
}
