package cli

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime/cluster"
	"tabcell/runtime/registry"
)

// deployed returns the environment of a machine with an endpoint.
func deployed(t *testing.T) []string {
	t.Helper()
	models := filepath.Join(t.TempDir(), "models")
	r, err := registry.Open(models, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	code := registry.Code{Kind: registry.Source, Function: "double", Content: []byte("def double(x): return x")}
	_, err = r.Deploy(registry.Deployment{Name: "double", Code: code})
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return []string{"TABCELL_MODELS_PATH=" + models, "TABCELL_CLUSTER_ADVERTISE=127.0.0.1:9"}
}

// runCluster runs a command, and returns its exit code and its output.
func runCluster(environ []string, args ...string) (code int, out string) {
	var b bytes.Buffer
	a := &App{Args: append([]string{"tabcell", "cluster"}, args...), Environ: environ, Stdin: strings.NewReader(""), Stdout: &b, Stderr: &b}
	return a.Run(), b.String()
}

// A machine with endpoints does not lose them by joining a cluster.
func TestJoinKeepsEndpoints(t *testing.T) {
	environ, token := deployed(t), filepath.Join(t.TempDir(), "token")
	testenv.WriteFile(t, token, "nonsense")
	code, out := runCluster(environ, "join", "127.0.0.1:9", "--token-file", token)
	if code != exitFailed || !strings.Contains(out, "this machine has 1 endpoints") || !strings.Contains(out, "--discard") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	code, out = runCluster(environ, "join", "127.0.0.1:9", "--token-file", token, "--discard")
	if code != exitFailed || strings.Contains(out, "this machine has") {
		t.Errorf("with --discard, exit code %d:\n%s", code, out)
	}
}

// A backup of one machine is restored on another, over another state of the same endpoint.
func TestClusterBackup(t *testing.T) {
	from, to, file := deployed(t), deployed(t), filepath.Join(t.TempDir(), "backup.tar")
	if code, out := runCluster(from, "backup", file); code != exitOK || !strings.Contains(out, "1 endpoints were written") {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	models := strings.TrimPrefix(to[0], "TABCELL_MODELS_PATH=")
	r, err := registry.Open(models, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.UpdateMetadata("double", func(m *registry.Metadata) { m.Description = "other" })
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if code, out := runCluster(to, "restore", file); code != exitOK || !strings.Contains(out, "double replaced") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// A status is a table for people, and has no control characters of other nodes.
func TestClusterStatusText(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	s := cluster.Status{
		Cluster: "c", Leader: "a1", Majority: true, Advice: []string{"use 3 voters"},
		Nodes: []cluster.NodeStatus{
			{ID: "a1", Name: "node1", Address: "10.0.0.11:9005", State: "leader", Voter: true, Self: true, Build: "1.0", CertificateExpires: now.Add(240 * time.Hour)},
			{ID: "a2", Name: "node2", Address: "10.0.0.12:9005", State: "follower", Wanted: true, Lag: 7, Missing: 2, Clock: -time.Second, Build: "1.0", CertificateExpires: now},
			{ID: "a3", Name: "node3", Address: "10.0.0.13:9005", State: "unreachable", Problem: "no \x1b[31manswer\nroot: fine"},
		},
	}
	var b strings.Builder
	if err := writeCluster(&b, s, now); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"cluster c; leader: node1; changes are accepted", "node1*  leader       voter        10.0.0.11:9005  0    0        0s     10 d     1.0",
		"node2   follower     voter-to-be  10.0.0.12:9005  7    2        -1s    0 d", "unreachable  follower", "-> use 3 voters",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") || strings.Contains(b.String(), "\nroot") {
		t.Errorf("the table has control characters:\n%q", b.String())
	}
	s.Leader = ""
	b.Reset()
	if err := writeCluster(&b, s, now); err != nil || !strings.Contains(b.String(), "leader: none; changes are refused") || clusterProblem(s) == nil {
		t.Errorf("without a leader: %v\n%s", err, b.String())
	}
}
