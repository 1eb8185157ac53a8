//go:build peer && linux

package peer

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// peerTests are TabPy's integration tests, a file each; what the Arrow servers do is not measured here. They use fixed ports from 9004 on,
// which have to be free, and sleep ten seconds a test.
var peerTests = []string{"test_auth", "test_custom_evaluate_timeout", "test_evaluate", "test_gzip", "test_url", "test_url_ssl",
	"test_minimum_tls_version"}

// peerDeployments are those that deploy the models which come with TabPy, by its own scripts.
var peerDeployments = []string{"test_deploy_model_ssl_off_auth_off", "test_deploy_model_ssl_off_auth_on", "test_deploy_model_ssl_on_auth_off",
	"test_deploy_model_ssl_on_auth_on", "test_deploy_and_evaluate_model", "test_deploy_and_evaluate_model_auth_on",
	"test_deploy_and_evaluate_model_ssl"}

// TestPeer runs TabPy's own integration tests, as they are, with this program under the name tabpy. See Taskfile.yml, test:peer.
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

func (e peerEnv) pytest(t *testing.T, name string) {
	e.run(t, e.source, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:cov", filepath.Join("tests", "integration", name+".py"))
}

// run runs the environment's Python; the test fails with it.
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
