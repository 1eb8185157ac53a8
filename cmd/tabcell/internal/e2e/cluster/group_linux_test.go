package cluster

import (
	"fmt"
	"path/filepath"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// group is a cluster of nodes.
type group struct {
	t     testing.TB
	nodes []*node
}

// place is an address for a node, in a network namespace or, if that is "", in that of the test.
type place struct{ host, space string }

// newGroup returns n nodes on loopback addresses that have not started. Their folders are below dir.
func newGroup(t testing.TB, n int, dir string) *group {
	t.Helper()
	var places []place
	for i := range n {
		places = append(places, place{host: fmt.Sprintf("127.0.0.%d", 11+i)})
	}
	return newGroupAt(t, places, dir)
}

// newGroupAt returns a node at each place. They have not started, and their folders are below dir.
func newGroupAt(t testing.TB, places []place, dir string) *group {
	t.Helper()
	if _, err := harness.Router(); err != nil { // compiles the guests into the folder that all nodes share
		t.Fatal(err)
	}
	port := testenv.FreePort(t)
	g := &group{t: t}
	for i, at := range places {
		name := fmt.Sprintf("node%d", i+1)
		g.nodes = append(g.nodes, &node{
			t: t, name: name, space: at.space, address: fmt.Sprintf("%s:%d", at.host, port), url: fmt.Sprintf("http://%s:%d", at.host, testenv.FreePort(t)),
			dir: filepath.Join(dir, name), log: testenv.NewOutput(),
		})
	}
	t.Cleanup(func() {
		for _, n := range g.nodes {
			n.kill()
		}
	})
	return g
}

// leader returns the running node that leads.
func (g *group) leader() (leader *node) {
	g.t.Helper()
	eventually(g.t, "there is a leader", func() error {
		for _, n := range g.nodes {
			if n.process == nil {
				continue
			}
			s, err := n.status()
			if err != nil {
				return err
			}
			for i, member := range s.Nodes {
				if member.ID == s.Leader && s.Majority {
					leader = g.named(s.Nodes[i].Name)
					return nil
				}
			}
			return fmt.Errorf("%s knows no leader: %+v", n.name, s)
		}
		return fmt.Errorf("no node runs")
	})
	return leader
}

func (g *group) named(name string) *node {
	for _, n := range g.nodes {
		if n.name == name {
			return n
		}
	}
	g.t.Fatalf("there is no node %q", name)
	return nil
}

// form makes the nodes a cluster: the first one begins it, and the others join.
func (g *group) form() {
	g.t.Helper()
	first := g.nodes[0]
	first.run("", "cluster", "init", "--name", first.name)
	first.start()
	first.awaitReady()
	for _, n := range g.nodes[1:] {
		token := first.run("", "cluster", "token")
		n.run(token, "cluster", "join", first.address, "--name", n.name)
		n.start()
		n.awaitReady()
	}
	g.awaitVoters(len(g.nodes))
}

// awaitVoters waits until a number of nodes vote, and all have everything.
func (g *group) awaitVoters(voters int) {
	g.t.Helper()
	eventually(g.t, fmt.Sprintf("%d nodes vote", voters), func() error {
		s, err := g.nodes[0].status()
		if err != nil {
			return err
		}
		count := 0
		for _, n := range s.Nodes {
			if n.Role == "voter" && n.Lag == 0 && n.Missing == 0 && n.Problem == "" {
				count++
			}
		}
		if count != voters {
			return fmt.Errorf("%d of %d: %+v", count, voters, s)
		}
		return nil
	})
}
