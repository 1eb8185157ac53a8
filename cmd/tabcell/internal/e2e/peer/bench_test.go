//go:build peer && linux

package peer

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestBenchPeer measures tabcell and TabPy, whose command TABCELL_PEER_TABPY names, and writes
// bench_peer.md and bench_peer.svg (task bench:peer). The servers take turns. Each figure is the
// median of the rounds, and each ratio is that of two medians from the same run.
func TestBenchPeer(t *testing.T) {
	command := os.Getenv("TABCELL_PEER_TABPY")
	if command == "" {
		t.Fatal("set TABCELL_PEER_TABPY to TabPy's command in a separate environment (pip install tabpy scipy scikit-learn)")
	}
	cache := peerCache(t)
	program, engine := buildTabcell(t)
	warmGuests(t, program) // otherwise the server compiles the full guest during the first cases
	tabcell := peer{name: "tabcell", command: program, cache: cache}
	tabpy := peer{name: "TabPy", command: command}
	report := &peerReport{engine: engine}
	report.starts(t, tabcell, tabpy)
	for _, p := range []*peer{&tabcell, &tabpy} {
		p.start(t)
		defer p.stop()
	}
	report.cases(t, tabcell, tabpy)
	report.models(t, tabcell, tabpy)
	report.headOfLine(t, tabcell, tabpy)
	report.memory(t, &tabcell, &tabpy)
	report.write(t)
}

const peerRounds = 5

// peerPlan lists the numbers of connections of a case; of other cases it is 1.
var peerPlan = map[string][]int{
	"dummy": {1, 4, 16, 64}, "add 1 000 rows": {1, 4, 16, 64}, "add 100 000 rows": {1, 4}, "/info": {1, 16},
}

// benchRow is a line of the report. Its figures are medians for tabcell and TabPy.
type benchRow struct {
	name        string
	connections int
	rate        [2]float64 // requests per second
	p50, p99    [2]float64 // milliseconds
	cpu         [2]float64 // milliseconds of CPU time per request
}

type peerReport struct {
	engine string // of tabcell
	rows   []benchRow
	lines  []string // the lines of the second table
}

// cases measures the cases of the benchmark with the connections of peerPlan.
func (r *peerReport) cases(t *testing.T, servers ...peer) {
	for _, c := range bench.Cases() {
		plan := peerPlan[c.Name]
		if plan == nil {
			plan = []int{1}
		}
		for _, connections := range plan {
			r.rows = append(r.rows, measure(t, c, connections, servers))
			t.Log(r.rows[len(r.rows)-1].String())
		}
	}
	r.loops()
}

// loops adds the geometric mean of the ratios of the loops.
func (r *peerReport) loops() {
	sum, n := 0.0, 0
	for _, line := range r.rows {
		if strings.HasPrefix(line.name, bench.LoopPrefix) {
			sum += math.Log(line.p50[0] / line.p50[1])
			n++
		}
	}
	r.lines = append(r.lines, fmt.Sprintf("| the %d loops, geometric mean | | | %.2f |", n, math.Exp(sum/float64(n))))
}

// models measures a small deployed function, and its code as a script. TabPy's own client deploys
// the function to both servers.
func (r *peerReport) models(t *testing.T, servers ...peer) {
	const deploy = "import sys\nfrom tabpy.tabpy_tools.client import Client\ndef small(x):\n    return [v * 2 for v in x]\n" +
		"Client(sys.argv[1]).deploy('small', small, 'doubles', override=True)\n"
	python := filepath.Join(filepath.Dir(os.Getenv("TABCELL_PEER_TABPY")), "python")
	for _, s := range servers {
		if out, err := exec.Command(python, "-c", deploy, s.url+"/").CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", s.name, err, out)
		}
	}
	for _, c := range []bench.Case{
		{Name: "query a small model", Method: "POST", Path: "/query/small", Body: func() []byte { return []byte(`{"data": {"x": [1, 2, 3]}}`) },
			Check: bench.CheckContains(`"response": [2, 4, 6]`), Varies: regexp.MustCompile(`"uuid": "[^"]*"`)},
		{Name: "evaluate its code", Body: bench.ScriptBody("return [v * 2 for v in _arg1]", []int{1, 2, 3}), Check: bench.CheckEqual("[2, 4, 6]")},
	} {
		r.rows = append(r.rows, measure(t, c, 1, servers))
		t.Log(r.rows[len(r.rows)-1].String())
	}
}

// measure returns the medians of a case. The servers take turns.
func measure(t *testing.T, c bench.Case, connections int, servers []peer) benchRow {
	loads := make([]*bench.Load, len(servers))
	for i, s := range servers {
		loads[i] = bench.NewLoad(bench.NewClient(connections, &http.Transport{}), s.url, c)
		defer loads[i].Client.CloseIdleConnections()
		for range 3 {
			if err := loads[i].WarmUp(t.Context()); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
		}
	}
	var rates, p50s, p99s, cpus [2][]float64
	for range peerRounds {
		for i, s := range servers {
			before := s.cpu(t)
			m, err := loads[i].Run(t.Context(), connections, time.Second)
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			rates[i] = append(rates[i], m.Rate())
			p50s[i] = append(p50s[i], bench.Milliseconds(m.P50))
			p99s[i] = append(p99s[i], bench.Milliseconds(m.P99))
			cpus[i] = append(cpus[i], bench.Milliseconds(s.cpu(t)-before)/float64(m.Requests))
		}
	}
	out := benchRow{name: c.Name, connections: connections}
	for i := range servers {
		out.rate[i], out.p50[i], out.p99[i], out.cpu[i] = harness.Median(rates[i]), harness.Median(p50s[i]), harness.Median(p99s[i]), harness.Median(cpus[i])
	}
	return out
}
