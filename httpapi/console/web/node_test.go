package web

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// minNode is the first major version of Node.js with everything that the tests use.
const minNode = 20

// TestModules runs the tests of the modules that need no browser with Node.js's own test runner.
func TestModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	version, err := exec.Command(node, "--version").Output()
	if err != nil {
		t.Skipf("node --version: %v", err)
	}
	text := strings.TrimPrefix(strings.TrimSpace(string(version)), "v")
	major, _, _ := strings.Cut(text, ".")
	if n, err := strconv.Atoi(major); err != nil || n < minNode {
		t.Skipf("node %s is older than version %d", text, minNode)
	}
	out, err := exec.Command(node, "--test", "test/").CombinedOutput()
	if err != nil {
		t.Fatalf("node --test: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "# fail 0") && !strings.Contains(string(out), "fail 0") {
		t.Fatalf("node --test has not reported its result:\n%s", out)
	}
}
