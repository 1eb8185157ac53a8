//go:build peer && linux

package peer

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// headOfLine measures small scripts while a slow script runs without a break.
func (r *peerReport) headOfLine(t *testing.T, servers ...peer) {
	slow := bench.Case{Name: "slow", Body: bench.ScriptBody("a = 0\nfor i in range(30000000):\n    a += i\nreturn 1"), Check: bench.CheckEqual("1")}
	fast := bench.Cases()[0]
	var p99 [2][]float64
	for range peerRounds {
		for i, s := range servers {
			ctx, stop := context.WithCancel(t.Context())
			background := bench.NewLoad(bench.NewClient(1, &http.Transport{}), s.url, slow)
			background.First = []byte("1")
			done := make(chan struct{})
			go func() { defer close(done); _, _ = background.Repeat(ctx, time.Now().Add(time.Hour)) }()
			l := bench.NewLoad(bench.NewClient(4, &http.Transport{}), s.url, fast)
			if err := l.WarmUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			m, err := l.Run(t.Context(), 4, 3*time.Second)
			stop()
			<-done
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			p99[i] = append(p99[i], bench.Milliseconds(m.P99))
			time.Sleep(2 * time.Second) // until TabPy's slow script has ended
		}
	}
	a, b := harness.Median(p99[0]), harness.Median(p99[1])
	r.lines = append(r.lines, fmt.Sprintf("| fast scripts next to a slow one, p99 | %.1f ms | %.1f ms | %.2f |", a, b, a/b))
	t.Log(r.lines[len(r.lines)-1])
}

// memory measures the peak memory of 16 concurrent requests of a million rows.
func (r *peerReport) memory(t *testing.T, servers ...*peer) {
	i := slices.IndexFunc(bench.Cases(), func(c bench.Case) bool { return c.Name == "add 1 000 000 rows" })
	var peak [2]float64
	for n, s := range servers {
		s.stop()
		s.start(t)
		l := bench.NewLoad(bench.NewClient(16, &http.Transport{}), s.url, bench.Cases()[i])
		if err := l.WarmUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop := s.watchMemory(t)
		_, err := l.Run(t.Context(), 16, time.Second)
		peak[n] = stop()
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	r.lines = append(r.lines, fmt.Sprintf("| peak memory, 16 x 1 000 000 rows | %.0f MiB | %.0f MiB | %.2f |", peak[0], peak[1], peak[0]/peak[1]))
	t.Log(r.lines[len(r.lines)-1])
}

// starts measures the time from the start of the process to the first response.
func (r *peerReport) starts(t *testing.T, tabcell, tabpy peer) {
	measureStart := func(p peer) time.Duration {
		start := time.Now()
		p.start(t)
		elapsed := time.Since(start)
		p.stop()
		return elapsed
	}
	cold := tabcell
	cold.cache = t.TempDir()
	coldStart := measureStart(cold)
	measureStart(tabcell) // fills the cache
	var warm [2][]float64
	for range peerRounds {
		for i, p := range []peer{tabcell, tabpy} {
			warm[i] = append(warm[i], bench.Milliseconds(measureStart(p)))
		}
	}
	a, b := harness.Median(warm[0]), harness.Median(warm[1])
	r.lines = append(r.lines,
		fmt.Sprintf("| start to first response, empty cache | %.0f ms | %.0f ms | %.2f |", bench.Milliseconds(coldStart), b, bench.Milliseconds(coldStart)/b),
		fmt.Sprintf("| start to first response, warm | %.0f ms | %.0f ms | %.2f |", a, b, a/b))
	t.Log(r.lines)
}
