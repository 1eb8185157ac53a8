//go:build cluster

package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRollingUpgrade replaces the program of three nodes by a newer one, node by node, while clients
// change and query endpoints. The newer program knows one more version of commands.
func TestRollingUpgrade(t *testing.T) {
	older, newer := buildProgram(t, "0.9.0"), buildProgram(t, "0.10.0", newerCommands()...)
	w := newWorkloadOf(newGroup(t, 3, t.TempDir()))
	for _, n := range w.nodes {
		n.program = older
	}
	w.form()
	end := w.startClients(3, 1)
	first, second, last := w.nodes[0], w.nodes[1], w.nodes[2]
	w.install(first, newer)
	w.install(first, older) // a node can go back while the others do not know the new commands
	w.install(first, newer)
	w.install(second, newer)
	for w.leader() == last {
		w.install(last, older) // a restart, after which a newer node leads an older one
	}
	w.awaitSome(40)
	w.expectCommands(1)
	w.install(last, newer)
	w.awaitSome(40)
	w.expectCommands(2)
	end()
	w.awaitVoters(3)
	w.check()
	w.downgrade(last, older, newer)
}

// install restarts a node with a program, as an administrator does, and waits until it votes again.
func (w *workload) install(n *node, program string) {
	w.t.Helper()
	n.program = program
	w.restartUnderLoad(n)
	version := strings.TrimPrefix(filepath.Base(program), "tabcell-")
	eventually(w.t, n.name+" is known with its new program", func() error {
		s, err := w.nodes[0].status()
		for _, member := range s.Nodes {
			if member.Name == n.name && member.Version == version {
				return err
			}
		}
		return fmt.Errorf("%+v %w", s, err)
	})
	w.t.Logf("%v: %s runs %s", time.Since(w.began).Round(time.Second), n.name, version)
}

// restartUnderLoad restarts a node while clients use it.
func (w *workload) restartUnderLoad(n *node) {
	w.t.Helper()
	w.mark([]*node{n}, true)
	n.end(syscall.SIGTERM)
	n.start()
	n.awaitReady()
	w.mark([]*node{n}, false)
	w.awaitVoters(len(w.nodes))
}

// awaitSome waits until some more changes have succeeded.
func (w *workload) awaitSome(changes int) {
	w.t.Helper()
	goal := w.succeeded() + changes
	eventually(w.t, "changes go on", func() error {
		if n := w.succeeded(); n < goal {
			return fmt.Errorf("%d of %d", n, goal)
		}
		return nil
	})
}

func (w *workload) succeeded() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.times)
}

// expectCommands checks the newest version of commands in the logs of the nodes.
func (w *workload) expectCommands(version int) {
	w.t.Helper()
	for _, n := range w.nodes {
		text, err := os.ReadFile(filepath.Join(n.dir, "models-cluster", "raft.db"))
		if err != nil {
			w.t.Fatal(err)
		}
		for v := 1; v <= version+1; v++ {
			if found := bytes.Contains(text, fmt.Appendf(nil, `{"v":%d,"type":"put"`, v)); found != (v <= version) {
				w.t.Errorf("the log of %s has commands of version %d: %v", n.name, v, found)
			}
		}
	}
}

// downgrade starts an older program in a cluster that uses commands which it does not know. The node
// says so, serves what it has, and catches up with the newer program.
func (w *workload) downgrade(n *node, older, newer string) {
	w.t.Helper()
	n.end(syscall.SIGTERM)
	first := w.nodes[0]
	first.expect(201, "", "PUT", "/endpoints/after/source", source(7))
	n.program = older
	n.start()
	eventually(w.t, "the older program says why it does not go on", func() error {
		s, err := first.status()
		for _, member := range s.Nodes {
			if member.Name == n.name && strings.Contains(member.Problem, "it has version 2, this build knows 1") && strings.Contains(member.Problem, "upgrade this node") {
				w.t.Logf("an older program after the upgrade: %s", member.Problem)
				return err
			}
		}
		return fmt.Errorf("%+v %w", s, err)
	})
	first.expect(200, `"version": 2`, "PUT", "/endpoints/after/source", source(8)) // the others go on
	w.install(n, newer)
	n.expect(200, `"response": 8`, "POST", "/query/after", `{"data": {"x": 1}}`)
}
