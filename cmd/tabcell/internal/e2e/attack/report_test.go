//go:build attack && linux

package attack

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is the result of an attack.
type row struct {
	name                string
	sent, answered      int             // scripts of the other clients, and those with status 200
	latencies           []time.Duration // of /info; a request without a response counts with its time limit
	before, peak, after float64         // memory of the server in MiB
}

// table returns the rows in Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| attack | scripts of others answered | /info p99 | memory before | peak | after |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.1f %% of %d | %.0f ms | %.0f MiB | %.0f MiB | %.0f MiB |\n", r.name,
			100*float64(r.answered)/float64(max(r.sent, 1)), r.sent, percentile(r.latencies, 0.99).Seconds()*1000, r.before, r.peak, r.after)
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
