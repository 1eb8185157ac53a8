package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime/cluster"
	"tabcell/runtime/registry"

	"github.com/rs/zerolog"
)

// clusterMember is a node of a cluster in this process, and the settings of its machine.
type clusterMember struct {
	t             *testing.T
	name, address string
	environ       []string
	models, path  string
	node          *cluster.Node
	registry      *registry.Registry
}

// newMember returns a node that has an endpoint, unless it is going to join, and does not run.
func newMember(t *testing.T, name string) *clusterMember {
	t.Helper()
	m := &clusterMember{t: t, name: name, address: fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t))}
	m.models, m.path = filepath.Join(t.TempDir(), "models"), filepath.Join(t.TempDir(), "cluster")
	m.environ = []string{
		"TABCELL_MODELS_PATH=" + m.models, "TABCELL_CLUSTER_PATH=" + m.path, "TABCELL_CLUSTER_ADVERTISE=" + m.address, "TABCELL_CLUSTER_LISTEN=" + m.address,
	}
	t.Cleanup(m.stop)
	return m
}

// start starts the node.
func (m *clusterMember) start() {
	m.t.Helper()
	var err error
	if m.registry, err = registry.Open(m.models, registry.Options{Replicated: true}); err != nil {
		m.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", m.address)
	if err != nil {
		m.t.Fatal(err)
	}
	m.node, err = cluster.Start(m.t.Context(), cluster.Config{Dir: m.path, Registry: m.registry, Limits: registry.Options{}, Listener: listener, Log: zerolog.Nop()})
	if err != nil {
		m.t.Fatal(err)
	}
}

// stop stops the node without a word to the others.
func (m *clusterMember) stop() {
	if m.node == nil {
		return
	}
	if err := errors.Join(m.node.Close(), m.registry.Close()); err != nil {
		m.t.Error(err)
	}
	m.node = nil
}

// run runs a command on the machine of the node. It fails the test unless the command succeeds and
// its output contains a text.
func (m *clusterMember) run(want string, args ...string) string {
	m.t.Helper()
	code, out := runCluster(m.environ, args...)
	if code != exitOK || !strings.Contains(out, want) {
		m.t.Fatalf("cluster %s on %s: exit code %d, want %q:\n%s", strings.Join(args, " "), m.name, code, want, out)
	}
	return out
}

// twice runs a command twice, as after an interruption.
func (m *clusterMember) twice(want string, args ...string) {
	m.t.Helper()
	m.run(want, args...)
	m.run(want, args...)
}

// join makes the node a member of the cluster of another one, and starts it.
func (m *clusterMember) join(peer *clusterMember, options ...string) {
	m.t.Helper()
	file := filepath.Join(m.t.TempDir(), "token")
	testenv.WriteFile(m.t, file, peer.run("tabcell1.", append([]string{"token"}, options...)...))
	m.twice(m.name+" is a node of the cluster", "join", peer.address, "--name", m.name, "--token-file", file)
	m.start()
}

// report returns the state of the cluster.
func (m *clusterMember) report() (r clusterReport, err error) {
	var b bytes.Buffer
	a := &App{Args: []string{"tabcell", "cluster", "status", "--json"}, Environ: m.environ, Stdin: strings.NewReader(""), Stdout: &b, Stderr: &b}
	if code := a.Run(); code != exitOK {
		return r, fmt.Errorf("exit code %d: %s", code, &b)
	}
	return r, json.Unmarshal(b.Bytes(), &r)
}

// await waits until the state of the cluster is as check wants it.
func (m *clusterMember) await(what string, check func(r clusterReport) bool) clusterReport {
	m.t.Helper()
	var r clusterReport
	var err error
	for end := time.Now().Add(testenv.Scaled(90 * time.Second)); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if r, err = m.report(); err == nil && check(r) {
			return r
		}
	}
	m.t.Fatalf("it is not true that %s: %v\n%+v", what, err, r)
	return r
}

// roles returns the names of the nodes with a role, in their order.
func (r clusterReport) roles(role string) string {
	var names []string
	for _, n := range r.Nodes {
		if n.Role == role && n.Problem == "" && n.Lag == 0 {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// awaitVoters waits until the nodes with these names vote.
func (m *clusterMember) awaitVoters(names string) {
	m.t.Helper()
	m.await("the voters are "+names, func(r clusterReport) bool { return r.Majority && r.roles("voter") == names })
}

// The commands can be repeated, and change the nodes, whichever of them leads.
func TestClusterCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four nodes")
	}
	a, b, c, d := newMember(t, "a"), newMember(t, "b"), newMember(t, "c"), newMember(t, "d")
	a.twice("a is a node of the cluster", "init", "--name", "a")
	a.start()
	a.awaitVoters("a")
	b.join(a)
	c.join(a)
	a.awaitVoters("a b c")
	d.join(a, "--follower")
	a.await("d follows", func(r clusterReport) bool { return r.roles("follower") == "d" })
	for _, on := range []*clusterMember{a, d} { // the leader, and a node that only follows
		on.twice("d is a voter", "promote", "d")
		a.awaitVoters("a b c d")
		on.twice("a only follows", "demote", "a")
		a.awaitVoters("b c d")
		on.twice("a is a voter", "promote", "a")
		on.twice("d only follows", "demote", "d")
		a.awaitVoters("a b c")
	}
	d.stop()
	a.run("d was removed", "remove", "d")
	a.run("d is not a member", "remove", "d")
	c.twice("this server has left the cluster", "leave")
	a.awaitVoters("a b")
	a.run("0 endpoints were written", "backup", filepath.Join(t.TempDir(), "all.tar"))
	if code, out := runCluster(a.environ, "demote", "nobody"); code == exitOK || !strings.Contains(out, "the nodes are a, b") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// A rotation of the authority survives the end of the leader, and the commands after it.
func TestInterruptedRotation(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three nodes")
	}
	nodes := []*clusterMember{newMember(t, "a"), newMember(t, "b"), newMember(t, "c")}
	a := nodes[0]
	a.run("a is a node", "init", "--name", "a")
	a.start()
	a.awaitVoters("a")
	for _, n := range nodes[1:] {
		n.join(a)
	}
	a.awaitVoters("a b c")
	before := a.run("authority: ", "init", "--name", "a")
	a.twice("the rotation has begun", "rotate-ca")
	for _, n := range nodes {
		n.stop()
		n.start()
		nodes[1].await("the cluster has a leader again", func(r clusterReport) bool { return r.Majority })
	}
	nodes[2].run("the rotation has begun", "rotate-ca")
	a.await("the rotation has ended", func(r clusterReport) bool { return len(r.Advice) == 0 && r.roles("voter") == "a b c" })
	if after := a.run("authority: ", "init", "--name", "a"); before == after {
		t.Error("the authority is that of before")
	}
	code, out := runCluster(a.environ, "token")
	if code != exitOK || !strings.HasPrefix(out, "tabcell1.") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}
