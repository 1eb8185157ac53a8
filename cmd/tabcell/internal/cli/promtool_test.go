//go:build promtool

package cli

import (
	"os/exec"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// TestPromtool checks the alert rules, their tests and the names of the metrics with Prometheus'
// own tool (Debian's package prometheus).
func TestPromtool(t *testing.T) {
	for _, c := range []struct {
		stdin string
		args  []string
	}{
		{"", []string{"check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml"}},
		{"", []string{"test", "rules", "alerts_test.yaml"}},
		{allMetrics(t), []string{"check", "metrics"}},
	} {
		cmd := exec.Command("promtool", c.args...)
		cmd.Dir, cmd.Stdin = testenv.File(monitoring), strings.NewReader(c.stdin)
		out, err := cmd.CombinedOutput()
		t.Logf("promtool %s\n%s", strings.Join(c.args, " "), out)
		if err != nil {
			t.Errorf("promtool %s: %v", strings.Join(c.args, " "), err)
		}
	}
}
