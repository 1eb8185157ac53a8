// Package cluster tests clusters of real processes on the loopback addresses of one machine: the
// commands, deployments through any node, and the loss of nodes. `task test:cluster` adds a long test
// with a workload and faults.
package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/scripttest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// asProgram makes the test binary run the program.
const asProgram = "TABCELL_E2E_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main())
	}
	scripttest.Main(m, cli.Main)
}

// node is a server in a process of its own.
type node struct {
	t       testing.TB
	name    string
	address string // of the cluster's port; the nodes have one port and different hosts
	url     string
	dir     string
	log     *testenv.Output
	process *exec.Cmd // nil while the server does not run
	ended   chan error
}

// group is a cluster of nodes.
type group struct {
	t     testing.TB
	nodes []*node
}

// newGroup returns n nodes that have not started. Their folders are below dir.
func newGroup(t testing.TB, n int, dir string) *group {
	t.Helper()
	if _, err := harness.Router(); err != nil { // compiles the guests into the folder that all nodes share
		t.Fatal(err)
	}
	port := testenv.FreePort(t)
	g := &group{t: t}
	for i := range n {
		host := fmt.Sprintf("127.0.0.%d", 11+i)
		name := fmt.Sprintf("node%d", i+1)
		g.nodes = append(g.nodes, &node{
			t: t, name: name, address: fmt.Sprintf("%s:%d", host, port), url: fmt.Sprintf("http://%s:%d", host, testenv.FreePort(t)),
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

// command returns a command of the program with the settings of the node.
func (n *node) command(args ...string) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		n.t.Fatal(err)
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(n.url, "http://"), ":")
	cmd := exec.Command(program, args...)
	cmd.Args[0] = "tabcell"
	cmd.Env = append(os.Environ(), asProgram+"=1", "TABCELL_HOST="+host, "TABCELL_PORT="+port, "TABCELL_GUEST=core", "TABCELL_CONCURRENCY=1",
		"TABCELL_CACHE_DIR="+testenv.CacheDir(), "TABCELL_MODELS_PATH="+filepath.Join(n.dir, "models"), "TABCELL_CLUSTER_LISTEN="+n.address,
		"TABCELL_CLUSTER_ADVERTISE="+n.address, "TABCELL_CLUSTER_VOTERS=5", "TABCELL_LOG_FORMAT=json", "TABCELL_METRICS=true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs a command to its end and returns its output. The test fails if the command does.
func (n *node) run(stdin string, args ...string) string {
	n.t.Helper()
	cmd := n.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		n.t.Fatalf("%s: tabcell %s: %v\n%s%s\n%s", n.name, strings.Join(args, " "), err, out, &messages, n.log)
	}
	return string(out)
}

// start starts the server.
func (n *node) start() {
	n.t.Helper()
	n.process, n.ended = n.command("serve"), make(chan error, 1)
	n.process.Stdout, n.process.Stderr = n.log, n.log
	if err := n.process.Start(); err != nil {
		n.t.Fatal(err)
	}
	process, ended := n.process, n.ended
	go func() { ended <- process.Wait() }()
}

// kill ends the server at once, as a loss of power does.
func (n *node) kill() { n.end(syscall.SIGKILL) }

// end sends a signal that ends the server, and waits for that.
func (n *node) end(signal syscall.Signal) {
	if n.process == nil {
		return
	}
	_ = n.process.Process.Signal(syscall.SIGCONT)
	_ = n.process.Process.Signal(signal)
	select {
	case <-n.ended:
	case <-time.After(testenv.Scaled(100 * time.Second)):
		n.t.Errorf("%s does not end after %v:\n%s", n.name, signal, n.log)
	}
	n.process = nil
}

// awaitReady waits until the server can run scripts and has caught up.
func (n *node) awaitReady() {
	n.t.Helper()
	eventually(n.t, n.name+" is ready", func() error {
		select {
		case err := <-n.ended:
			n.ended <- err
			n.t.Fatalf("%s ended with %v:\n%s", n.name, err, n.log)
		default:
		}
		status, body := n.send("GET", "/health/ready", "")
		if status != http.StatusOK {
			return fmt.Errorf("status %d: %s", status, body)
		}
		return nil
	})
}

var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// send sends a request and returns the status, which is 0 without a response, and the body.
func (n *node) send(method, path, body string) (int, string) {
	r, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// expect sends a request and checks the response.
func (n *node) expect(status int, part, method, path, body string) {
	n.t.Helper()
	if got, text := n.send(method, path, body); got != status || !strings.Contains(text, part) {
		n.t.Errorf("%s %s on %s: status %d, want %d with %q:\n%s", method, path, n.name, got, status, part, text)
	}
}

// source returns a function that returns a number.
func source(number int) string { return fmt.Sprintf("def f(x): return %d\n", number) }

// status returns the state of the cluster as a node sees it.
func (n *node) status() (s clusterStatus, err error) {
	cmd := n.command("cluster", "status", "--json")
	out, err := cmd.Output()
	if decodeErr := json.Unmarshal(out, &s); decodeErr != nil {
		return s, fmt.Errorf("%w: %w", decodeErr, err)
	}
	return s, nil
}

// clusterStatus is the output of cluster status --json.
type clusterStatus struct {
	Leader   string
	Majority bool
	Nodes    []struct {
		ID, Name, State, Role, Problem string
		Lag                            uint64
		Missing                        int
	}
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

// eventually waits until check returns nil.
func eventually(t testing.TB, what string, check func() error) {
	t.Helper()
	limit := testenv.Scaled(90 * time.Second)
	for deadline := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v it is not true that %s: %v", limit, what, err)
		}
	}
}
