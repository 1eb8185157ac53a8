//go:build cluster

package cluster

import (
	"fmt"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/proxy"
	"tabcell/cmd/tabcell/internal/testenv"
)

const (
	loadClients = 6
	loadTime    = 4 * time.Second
	loadRounds  = 5 // with each of the targets in turn, because the machine may be busy
)

// loads are kinds of requests: a name, a path, and a body.
var loads = [][3]string{
	{"script", "/evaluate", `{"script": "return _arg1", "data": {"_arg1": [1]}}`},
	{"query of a model", "/query/scored", `{"data": {"x": [1.5, 2.5, 3.5]}}`},
}

// scored is a model that computes a little.
const scored = "import math\ndef scored(x: list[float]) -> list[float]:\n    return [math.tanh(0.3 * v + 0.1) for v in x]\n"

// TestThroughput logs how many requests one node and three nodes answer behind nginx. They and the
// clients share the processors of this machine, so that three nodes show the costs of the
// distribution and not its gain. Each node runs one cell at a time. nginx passes over two nodes that
// are absent in front of one.
func TestThroughput(t *testing.T) {
	g := newGroup(t, 3, t.TempDir())
	var nodes []proxy.Node
	for _, n := range g.nodes {
		n.extra = []string{"TABCELL_TRUSTED_PROXIES=127.0.0.1", "TABCELL_ALLOWED_HOSTS=" + proxy.Host, "TABCELL_LOG_LEVEL=ERROR"}
		nodes = append(nodes, proxy.Node{Web: strings.TrimPrefix(n.url, "http://"), Flight: n.address}) // the second one is not used
	}
	g.form()
	g.nodes[0].expect(201, "", "PUT", "/endpoints/scored/source", scored)
	absent := func() proxy.Node {
		return proxy.Node{Web: fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t)), Flight: g.nodes[0].address}
	}
	one, three := proxy.StartNginx(t, []proxy.Node{nodes[0], absent(), absent()}), proxy.StartNginx(t, nodes)
	results := map[string]*measured{}
	var rows []string
	for round := range 1 + loadRounds {
		for _, l := range loads {
			for count, b := range map[int]proxy.Balancer{1: one, 3: three} {
				m := measure(t, b, l[1], l[2])
				row := fmt.Sprintf("| %s | %d", l[0], count)
				if round == 0 { // loads the model, and makes the connections
					results[row], rows = &measured{}, append(rows, row)
					continue
				}
				results[row].add(m)
			}
		}
	}
	slices.Sort(rows)
	var table strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&table, "%s | %s |\n", row, results[row])
	}
	t.Logf("%d processors\n| request | nodes | requests/s | p50 | p99 |\n|---|---|---|---|---|\n%s", goruntime.NumCPU(), &table)
}

// measured has the times of requests, and the time in which they were sent.
type measured struct {
	times []time.Duration
	spent time.Duration
}

func (m *measured) add(other measured) {
	m.times, m.spent = append(m.times, other.times...), m.spent+other.spent
}

// String returns the columns of the table.
func (m *measured) String() string {
	slices.Sort(m.times)
	at := func(percent int) float64 { return m.times[(len(m.times)-1)*percent/100].Seconds() * 1e3 }
	return fmt.Sprintf("%.0f | %.1f ms | %.1f ms", float64(len(m.times))/m.spent.Seconds(), at(50), at(99))
}

// measure sends requests with several clients for a while. All must succeed.
func measure(t *testing.T, b proxy.Balancer, path, body string) (m measured) {
	t.Helper()
	var mu sync.Mutex
	var clients sync.WaitGroup
	began := time.Now()
	for i := range loadClients {
		c := newThrough(t, b.Web, fmt.Sprintf("127.0.2.%d", i+1))
		clients.Go(func() {
			var times []time.Duration
			for time.Since(began) < loadTime {
				sent := time.Now()
				if status, text := c.send("POST", path, body); status != 200 {
					t.Errorf("%s: status %d: %s", path, status, text)
				}
				times = append(times, time.Since(sent))
			}
			mu.Lock()
			defer mu.Unlock()
			m.times = append(m.times, times...)
		})
	}
	clients.Wait()
	m.spent = time.Since(began)
	return m
}
