//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// killings is how often a command is killed before it runs to its end.
const killings = 6

// interrupter kills commands at random moments.
type interrupter struct {
	random  *rand.Rand
	longest time.Duration // somewhat more than a command takes
	killed  int
}

func newInterrupter() *interrupter { return &interrupter{random: rand.New(rand.NewPCG(1, 2))} }

// measure notes how long a command takes on this machine, which must do no harm.
func (i *interrupter) measure(n *node, args ...string) {
	began := time.Now()
	for range 3 {
		n.run("", args...)
	}
	i.longest = 2 * time.Since(began) / 3
}

// run kills a command some times, and then runs it to its end, which must succeed.
func (i *interrupter) run(n *node, stdin string, args ...string) {
	n.t.Helper()
	for range killings {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i.random.Int64N(int64(i.longest))))
		cmd := n.command(args...)
		cmd.Stdin = strings.NewReader(stdin)
		if err := cmd.Start(); err != nil {
			n.t.Fatal(err)
		}
		stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
		if _, ended := cmd.Wait(), stop(); !ended {
			i.killed++
		}
		cancel()
	}
	n.run(stdin, args...)
	n.run(stdin, args...) // the command can be repeated
}

// TestKilledCommands kills the commands that change the members of a cluster at random moments, and
// repeats them. In the end, the members are those that were asked for.
func TestKilledCommands(t *testing.T) {
	g := newGroup(t, 4, t.TempDir())
	all := g.nodes
	g.nodes = all[:3]
	t.Cleanup(all[3].kill)
	first, second, third, fourth := all[0], all[1], all[2], all[3]
	first.start()
	first.awaitReady()
	first.expect(201, "", "PUT", "/endpoints/before/source", source(1))
	first.end(syscall.SIGTERM)
	i := newInterrupter()
	i.measure(first, "version")
	i.run(first, "", "cluster", "init", "--name", first.name)
	first.start()
	first.awaitReady()
	i.measure(first, "cluster", "status")
	for _, n := range all[1:] {
		token := first.run("", "cluster", "token")
		i.run(n, token, "cluster", "join", first.address, "--name", n.name)
		n.start()
		n.awaitReady()
		n.expect(200, `"response": 1`, "POST", "/query/before", `{"data": {"x": 1}}`)
	}
	g.awaitVoters(4)
	i.run(second, "", "cluster", "demote", fourth.name)
	g.awaitVoters(3)
	i.run(third, "", "cluster", "promote", fourth.name)
	g.awaitVoters(4)
	i.run(first, "", "cluster", "rotate-ca")
	eventually(t, "the authority is replaced", func() error {
		if out := first.run("", "cluster", "status"); strings.Contains(out, "is being replaced") {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
	fourth.end(syscall.SIGTERM)
	i.run(second, "", "cluster", "remove", fourth.name)
	g.awaitVoters(3)
	i.run(third, "", "cluster", "leave")
	third.end(syscall.SIGTERM)
	third.start() // alone
	third.awaitReady()
	third.expect(200, `"response": 1`, "POST", "/query/before", `{"data": {"x": 1}}`)
	g.awaitVoters(2)
	s, err := first.status()
	if err != nil || len(s.Nodes) != 2 || s.Nodes[0].Name != first.name || s.Nodes[1].Name != second.name {
		t.Errorf("the members are %+v, %v", s.Nodes, err)
	}
	second.expect(201, "", "PUT", "/endpoints/after/source", source(2))
	first.expect(200, `"response": 2`, "POST", "/query/after", `{"data": {"x": 1}}`)
	t.Logf("%d of %d commands were killed before their end", i.killed, 9*killings)
	if i.killed < killings {
		t.Error("too few commands were killed")
	}
}

// restored is the number of endpoints of TestRestore.
const restored = 60

// TestRestore restores a backup into a running cluster, and kills the command on the way. All nodes
// have the state of the backup afterwards, and the endpoints that are not in it.
func TestRestore(t *testing.T) {
	g := newGroup(t, 3, t.TempDir())
	first, second, third := g.nodes[0], g.nodes[1], g.nodes[2]
	first.fillRegistry(restored, func(i int) [][]byte { return [][]byte{[]byte(source(i)), []byte(source(1000 + i))} })
	g.form()
	file := filepath.Join(t.TempDir(), "backup.tar")
	second.run("", "cluster", "backup", file)
	for i := range restored {
		name := fmt.Sprintf("/endpoints/e%05d", i)
		if i%2 == 0 {
			first.expect(200, `"version": 3`, "PUT", name+"/source", source(-1))
		} else {
			third.expect(204, "", "DELETE", name, "")
		}
	}
	first.expect(201, "", "PUT", "/endpoints/later/source", source(5))
	i := newInterrupter()
	i.measure(second, "cluster", "status")
	i.longest *= 4 // it sends many changes
	i.run(second, "", "cluster", "restore", file)
	for _, n := range g.nodes {
		for k := range restored {
			n.expect(200, fmt.Sprintf(`"response": %d, "version": 2`, 1000+k), "POST", fmt.Sprintf("/query/e%05d", k), `{"data": {"x": 1}}`)
		}
		n.expect(200, `"response": 5`, "POST", "/query/later", `{"data": {"x": 1}}`)
	}
	third.expect(200, `"version": 3`, "POST", "/endpoints/e00001/rollback", "") // the history is there, too
	second.expect(200, `"response": 1`, "POST", "/query/e00001", `{"data": {"x": 1}}`)
	if out := first.run("", "cluster", "backup", "-"); len(out) < len(testenv.ReadFile(t, file)) {
		t.Errorf("the next backup has %d bytes only", len(out))
	}
	t.Logf("%d of %d commands were killed before their end", i.killed, killings)
}
