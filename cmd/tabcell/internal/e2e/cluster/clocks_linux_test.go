//go:build cluster

package cluster

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// clockJumps is the number of jumps while endpoints are changed.
const clockJumps = 24

// TestClocks lets the clocks of nodes differ and jump, by an hour and by a day, while endpoints are
// changed. Certificates, the lifetimes of tokens, the figures of staleness and the audit trail must
// stay right, and no jump may cost the leader its leadership.
func TestClocks(t *testing.T) {
	g := newGroup(t, 4, t.TempDir())
	g.giveClocks(t)
	for _, n := range g.nodes {
		n.extra = []string{"TABCELL_AUDIT=" + n.auditFile()}
	}
	first, fourth := g.nodes[0], g.nodes[3]
	g.nodes[1].clock.jump(time.Hour)
	g.nodes[2].clock.jump(-time.Hour)
	g.nodes = g.nodes[:3]
	g.form()
	g.expectClocks(0, time.Hour, -time.Hour)
	deployed := g.deployDuringJumps()
	for _, n := range g.nodes {
		n.clock.right()
	}
	g.expireToken(fourth)
	g.nodes = append(g.nodes, fourth)
	first.run("", "cluster", "rotate-ca")
	eventually(t, "the authority is replaced", func() error {
		for _, n := range g.nodes {
			if strings.Contains(n.log.String(), "the old one is removed") {
				return nil
			}
		}
		return fmt.Errorf("no leader has removed the old one")
	})
	for i, n := range g.nodes { // and they need connections with new certificates
		n.clock.jump([]time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour}[i])
		n.restart()
		g.awaitVoters(len(g.nodes))
	}
	for n, count := range deployed {
		n.expectAudit(count)
	}
}

func (n *node) auditFile() string { return filepath.Join(n.dir, "audit.jsonl") }

// expectClocks checks the clocks of the nodes, compared to the first one.
func (g *group) expectClocks(want ...time.Duration) {
	g.t.Helper()
	s, err := g.nodes[0].status()
	if err != nil || len(s.Nodes) != len(want) {
		g.t.Fatalf("%+v, %v", s, err)
	}
	for i, n := range s.Nodes {
		if math.Abs(n.Clock-want[i].Seconds()) > 30 {
			g.t.Errorf("the clock of %s differs by %.1f s, want %v", n.Name, n.Clock, want[i])
		}
	}
}

// deployDuringJumps changes endpoints through all nodes while clocks jump, and returns the number of
// deployments through each.
func (g *group) deployDuringJumps() map[*node]int {
	g.t.Helper()
	deployed, before := map[*node]int{}, g.leaderLosses()
	jumps := []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour}
	for i := range clockJumps {
		jumping, through := g.nodes[i%3], g.nodes[i%5%3]
		jumping.clock.jump(jumps[i%4])
		name := fmt.Sprintf("jump%d", i)
		through.expect(201, `"version": 1`, "PUT", "/endpoints/"+name+"/source", source(i))
		deployed[through]++
		for _, n := range g.nodes {
			n.expect(200, fmt.Sprintf(`"response": %d`, i), "POST", "/query/"+name, `{"data": {"x": 1}}`)
		}
		g.expectFresh(jumping)
	}
	if lost := g.leaderLosses() - before; lost > clockJumps/4 { // a busy machine may cause some
		g.t.Errorf("the nodes lost the leader %d times during %d jumps of their clocks", lost, clockJumps)
	} else {
		g.t.Logf("%d jumps of clocks; the nodes lost the leader %d times", clockJumps, lost)
	}
	return deployed
}

// leaderLosses returns how often the nodes have logged a missing leader.
func (g *group) leaderLosses() (count int) {
	for _, n := range g.nodes {
		count += strings.Count(n.log.String(), "the cluster has no leader at the moment")
	}
	return count
}

// expectFresh checks the figures of staleness as a node sees them. Its clock has jumped by an hour at
// least.
func (g *group) expectFresh(n *node) {
	g.t.Helper()
	s, err := n.status()
	if err != nil {
		g.t.Error(err)
	}
	for _, other := range s.Nodes {
		if other.LastContact > 600 || other.Delay > 600 {
			g.t.Errorf("after a jump of the clock of %s: the last contact of %s was %.0f s ago, and its delay is %.0f s", n.name, other.Name, other.LastContact, other.Delay)
		}
	}
}

// expireToken lets a token expire because the clocks of the members jump, which refuses a node, and
// then jump back, which admits it. The clock of the node is wrong.
func (g *group) expireToken(joining *node) {
	g.t.Helper()
	token := g.nodes[0].run("", "cluster", "token", "--ttl", "30m")
	joining.clock.jump(-time.Hour)
	join := []string{"cluster", "join", g.nodes[0].address, "--name", joining.name}
	for _, n := range g.nodes {
		n.clock.jump(time.Hour)
	}
	cmd := joining.command(join...)
	cmd.Stdin = strings.NewReader(token)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "expired") {
		g.t.Errorf("a join with an expired token: %v: %s", err, out)
	}
	for _, n := range g.nodes {
		n.clock.right()
	}
	joining.run(token, join...)
	joining.start()
	joining.awaitReady()
	g.awaitVoters(len(g.nodes) + 1)
}

var auditedDeployment = regexp.MustCompile(`"event":"deploy","outcome":"ok"[^\n]*"endpoint":"jump`)

// expectAudit checks that the audit trail of a node is intact, and has a number of deployments.
func (n *node) expectAudit(deployments int) {
	n.t.Helper()
	n.run("", "audit", "verify", "--complete", n.auditFile())
	if count := len(auditedDeployment.FindAllString(testenv.ReadFile(n.t, n.auditFile()), -1)); count != deployments {
		n.t.Errorf("the audit trail of %s has %d deployments, want %d:\n%s", n.name, count, deployments, testenv.ReadFile(n.t, n.auditFile()))
	}
}
