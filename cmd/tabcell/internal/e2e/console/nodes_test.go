//go:build console && linux

package console

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// TestNodes runs the suite for a cluster of three servers.
func TestNodes(t *testing.T) {
	modules := installModules(t)
	nodes := startCluster(t)
	variables := []string{"URL=" + nodes[0].url, "CONTROL=" + startControl(t, ofPrograms(nodes...))}
	t.Run("nodes", func(t *testing.T) { runSuite(t, modules, "nodes", variables...) })
}

// startCluster starts three servers that belong to a cluster.
func startCluster(t *testing.T) (nodes []*program) {
	t.Helper()
	port := testenv.FreePort(t) // one for all, because the server gives up its right to connect to others
	address := func(i int) string { return fmt.Sprintf("127.0.0.%d:%d", 11+i, port) }
	for i := range 3 {
		p := newProgram(t, "TABCELL_DEFAULT_ROLES=evaluate,query,deploy,metrics,admin", "TABCELL_CONCURRENCY=1",
			"TABCELL_CLUSTER_PATH="+filepath.Join(t.TempDir(), "cluster"), "TABCELL_CLUSTER_LISTEN="+address(i), "TABCELL_CLUSTER_ADVERTISE="+address(i))
		name := fmt.Sprint("node", i+1)
		if i == 0 {
			p.run("", "cluster", "init", "--name", name)
		} else {
			p.run(nodes[0].run("", "cluster", "token"), "cluster", "join", address(0), "--name", name)
		}
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, p)
	}
	return nodes
}

// run runs a command with the settings of the program, and returns its output.
func (p *program) run(stdin string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command("tabcell", args...)
	cmd.Env, cmd.Stdin = p.env, strings.NewReader(stdin)
	messages := testenv.NewOutput()
	cmd.Stderr = messages
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("tabcell %s: %v\n%s%s", strings.Join(args, " "), err, out, messages)
	}
	return string(out)
}
