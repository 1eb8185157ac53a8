//go:build peer && linux

package peer

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// peerTests lists files of TabPy's integration tests, except those of the Arrow server. They use
// fixed ports from 9004 on, which must be free, and sleep ten seconds per test.
var peerTests = []string{"test_auth", "test_custom_evaluate_timeout", "test_evaluate", "test_gzip", "test_url", "test_url_ssl",
	"test_minimum_tls_version"}

// peerDeployments lists the files that deploy TabPy's models with TabPy's scripts.
var peerDeployments = []string{"test_deploy_model_ssl_off_auth_off", "test_deploy_model_ssl_off_auth_on", "test_deploy_model_ssl_on_auth_off",
	"test_deploy_model_ssl_on_auth_on", "test_deploy_and_evaluate_model", "test_deploy_and_evaluate_model_auth_on",
	"test_deploy_and_evaluate_model_ssl"}

// TestPeer runs TabPy's own integration tests without changes. They start this program under the
// name tabpy (task test:peer).
func TestPeer(t *testing.T) {
	e := newPeerEnv(t)
	for _, name := range peerTests {
		t.Run(name, func(t *testing.T) { e.pytest(t, name) })
	}
	for _, name := range peerDeployments {
		t.Run(name, func(t *testing.T) {
			e.needsGuestPython(t)
			e.pytest(t, name)
		})
	}
}

// pytest runs a file of TabPy's integration tests.
func (e peerEnv) pytest(t *testing.T, name string) {
	e.run(t, e.source, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:cov", filepath.Join("tests", "integration", name+".py"))
}

// run runs the environment's Python. If it fails, the test fails.
func (e peerEnv) run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), e.tool("python"), args...)
	cmd.Dir, cmd.Env = dir, e.environ(t)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if t.Log(out.String()); err != nil {
		t.Error(err)
	}
}
