//go:build cluster

package cluster

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manyEndpoints is the number of endpoints for which the manual states figures.
const manyEndpoints = 10_000

// TestSize logs how long a server takes to start, and how much memory it uses without work: as a
// single server and as a node of three, without endpoints and with 10,000. All nodes must serve them.
func TestSize(t *testing.T) {
	rows := []string{
		"| endpoints | server | start until it is ready | memory without work |", "|---|---|---|---|",
	}
	for _, count := range []int{0, manyEndpoints} {
		rows = append(rows, sizeRows(t, count)...)
	}
	t.Logf("\n%s", strings.Join(rows, "\n"))
}

// sizeRows returns the rows of the table for a number of endpoints.
func sizeRows(t *testing.T, count int) (rows []string) {
	g := newGroup(t, 3, memoryFolder(t))
	first, last := g.nodes[0], g.nodes[2]
	for _, n := range g.nodes {
		n.extra = []string{fmt.Sprintf("TABCELL_MODELS_MAX_COUNT=%d", manyEndpoints)}
	}
	first.fillRegistry(count, func(i int) [][]byte { return [][]byte{[]byte(source(i))} })
	row := func(what string, n *node) {
		took := n.restart()
		time.Sleep(10 * time.Second) // garbage of the start goes
		rows = append(rows, fmt.Sprintf("| %d | %s | %.1f s | %s |", count, what, took.Seconds(), mib(n.memory())))
	}
	row("single server", first)
	first.end(syscall.SIGTERM)
	first.run("", "cluster", "init", "--name", first.name)
	row("first node, which begins the cluster", first)
	for _, n := range g.nodes[1:] {
		n.run(first.run("", "cluster", "token"), "cluster", "join", first.address, "--name", n.name)
		row("node that joins", n)
	}
	g.awaitVoters(3)
	row("node of three, restart", last)
	g.awaitVoters(3)
	row("leader of three, restart", g.leader())
	g.awaitVoters(3)
	for _, n := range g.nodes {
		if count > 0 {
			n.expect(200, fmt.Sprintf(`"response": %d`, count-1), "POST", fmt.Sprintf("/query/e%05d", count-1), `{"data": {"x": 1}}`)
		}
	}
	return rows
}

// restart starts a server, after its end if it runs, and returns the time until it is ready.
func (n *node) restart() time.Duration {
	n.t.Helper()
	n.end(syscall.SIGTERM)
	began := time.Now()
	n.start()
	n.awaitReady()
	return time.Since(began)
}
