// Package cluster tests clusters of real processes on one machine: the commands, deployments through
// any node, and the loss of nodes. `task test:cluster` adds a long test with a workload and faults of
// processes, the network and disks.
package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/cli"
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
	space   string // the network namespace; "" for that of the test
	address string // of the cluster's port; the nodes have one port and different hosts
	url     string
	dir     string
	program string    // the file of the program, with a cache beside it; "" for this test program
	clock   wallClock // nil for that of the machine
	extra   []string  // further settings, as NAME=VALUE
	log     *testenv.Output
	process *exec.Cmd // nil while the server does not run
	ended   chan error
}

// wallClock is the wall clock of a node whose program has one of its own.
type wallClock interface {
	setting() string       // for the environment of the program
	jump(by time.Duration) // at once
	run(part float64)      // gains or loses a part of the time until keep
	keep()                 // ends a drift; the difference stays
	right()                // makes it that of the machine again
}

// command returns a command of the program with the settings of the node.
func (n *node) command(args ...string) *exec.Cmd {
	program, cache := n.program, filepath.Join(filepath.Dir(n.program), "cache")
	if program == "" {
		cache = testenv.CacheDir()
		var err error
		if program, err = os.Executable(); err != nil {
			n.t.Fatal(err)
		}
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(n.url, "http://"), ":")
	cmd := exec.Command(program, args...)
	cmd.Args[0] = "tabcell"
	if n.space != "" { // ip replaces itself by the program, which keeps the process ID
		cmd = exec.Command("ip", slices.Concat([]string{"netns", "exec", n.space, program}, args)...)
	}
	cmd.Env = append(os.Environ(), asProgram+"=1", "TABCELL_HOST="+host, "TABCELL_PORT="+port, "TABCELL_GUEST=core", "TABCELL_CONCURRENCY=1",
		"TABCELL_CACHE_DIR="+cache, "TABCELL_MODELS_PATH="+n.modelsFolder(), "TABCELL_CLUSTER_LISTEN="+n.address,
		"TABCELL_CLUSTER_ADVERTISE="+n.address, "TABCELL_CLUSTER_VOTERS=5", "TABCELL_LOG_FORMAT=json", "TABCELL_METRICS=true")
	if n.clock != nil {
		cmd.Env = append(cmd.Env, n.clock.setting())
	}
	cmd.Env = append(cmd.Env, n.extra...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func (n *node) modelsFolder() string { return filepath.Join(n.dir, "models") }

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
	n.awaitEnd(signal)
}

// awaitEnd waits for the end of the server after a signal.
func (n *node) awaitEnd(signal syscall.Signal) {
	select {
	case err := <-n.ended:
		if err != nil && signal == syscall.SIGTERM {
			n.t.Errorf("%s ends with %v after SIGTERM:\n%s", n.name, err, n.log)
		}
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
		Version                        string
		Lag                            uint64
		Missing, Commands              int
		Clock, Delay                   float64 // seconds
		LastContact                    float64 `json:"last_contact"`
	}
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
