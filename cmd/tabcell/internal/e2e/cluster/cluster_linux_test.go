package cluster

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCluster makes a cluster of a server that has an endpoint, changes endpoints through any node,
// and takes nodes away.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three servers")
	}
	g := newGroup(t, 3, t.TempDir())
	first, second := g.nodes[0], g.nodes[1]
	first.start()
	first.awaitReady()
	first.expect(201, `"version": 1`, "PUT", "/endpoints/before/source", source(1))
	first.end(syscall.SIGTERM)
	g.form()
	for _, n := range g.nodes { // the endpoint of the first node, and a change through each node
		n.expect(200, `"response": 1`, "POST", "/query/before", `{"data": {"x": 1}}`)
		n.expect(201, `"version": 1`, "PUT", "/endpoints/by_"+n.name+"/source", source(10))
		for _, other := range g.nodes { // without a pause, as a client behind a balancer does
			other.expect(200, `"response": 10`, "POST", "/query/by_"+n.name, `{"data": {"x": 1}}`)
		}
	}
	g.loseLeader()
	g.loseMajority()
	second.run("", "cluster", "backup", filepath.Join(t.TempDir(), "backup.tar"))
	g.leave(g.nodes[2])
}

// loseLeader kills the leader. The others go on, and it catches up afterwards.
func (g *group) loseLeader() {
	lost := g.leader()
	lost.kill()
	began := time.Now()
	other := g.running()[0]
	eventually(g.t, "changes are possible without the leader", func() error {
		status, body := other.send("PUT", "/endpoints/before/source", source(2))
		if status != 200 && status != 201 {
			return fmt.Errorf("status %d: %s", status, body)
		}
		return nil
	})
	g.t.Logf("the first change after the loss of the leader took %v", time.Since(began).Round(time.Millisecond))
	lost.start()
	lost.awaitReady()
	lost.expect(200, `"response": 2`, "POST", "/query/before", `{"data": {"x": 1}}`)
	g.awaitVoters(3)
}

// loseMajority kills two nodes of three. The last one answers, and refuses changes.
func (g *group) loseMajority() {
	last := g.nodes[1]
	for _, n := range g.nodes {
		if n != last {
			n.kill()
		}
	}
	last.expect(200, `"response": 2`, "POST", "/query/before", `{"data": {"x": 1}}`)
	last.expect(200, "3", "POST", "/evaluate", `{"script": "return _arg1", "data": {"_arg1": [3]}}`)
	eventually(g.t, "changes are refused with the reason", func() error {
		status, body := last.send("DELETE", "/endpoints/by_node1", "") // the first attempt may have been proposed
		if status != 503 || !strings.Contains(body, "has no leader") {
			return fmt.Errorf("status %d: %s", status, body)
		}
		return nil
	})
	if cmd := last.command("cluster", "status"); cmd.Run() == nil {
		g.t.Error("cluster status succeeds without a majority")
	}
	for _, n := range g.nodes {
		if n != last {
			n.start()
			n.awaitReady()
		}
	}
	g.awaitVoters(3)
}

// leave takes a node out of the cluster. It keeps its endpoints, and its later changes are its own.
func (g *group) leave(n *node) {
	n.run("", "cluster", "leave")
	n.end(syscall.SIGTERM)
	n.start()
	n.awaitReady()
	n.expect(200, `"response": 2`, "POST", "/query/before", `{"data": {"x": 1}}`)
	n.expect(204, "", "DELETE", "/endpoints/before", "")
	g.nodes[0].expect(200, `"response": 2`, "POST", "/query/before", `{"data": {"x": 1}}`)
	g.awaitVoters(2)
}

// running returns the nodes that run.
func (g *group) running() (all []*node) {
	for _, n := range g.nodes {
		if n.process != nil {
			all = append(all, n)
		}
	}
	return all
}
