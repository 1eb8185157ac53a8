//go:build console && linux

package console

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// outcome is a line that testdata/run.mjs prints after each test of a suite.
type outcome struct {
	Test  string  `json:"test"`
	Error string  `json:"error"`
	Notes string  `json:"notes"`
	Took  float64 `json:"ms"`
}

// runSuite runs a suite of testdata with environment variables for it. Each of its tests is a
// subtest. A suite that ends without having run a test fails.
func runSuite(t *testing.T, modules, suite string, variables ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testenv.Scaled(20*time.Minute))
	defer cancel()
	node := exec.CommandContext(ctx, "node", filepath.Join("testdata", "run.mjs"), suite)
	node.Env = append(os.Environ(), "MODULES="+modules, "SCREENS="+screens(t), "PASSWORD="+password, "ONLY="+os.Getenv("TABCELL_CONSOLE_ONLY"),
		fmt.Sprintf("STEP_MS=%d", testenv.Scaled(time.Minute).Milliseconds()))
	node.Env = append(node.Env, variables...)
	node.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	log := testenv.NewOutput()
	node.Stderr = log
	lines, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("cannot start node, which Debian's package nodejs provides: %v", err)
	}
	ran := 0
	for scanner := bufio.NewScanner(lines); scanner.Scan(); ran++ {
		report(t, scanner.Bytes())
	}
	if err := node.Wait(); err != nil || ran == 0 {
		t.Errorf("the suite %s ended with %v after %d tests:\n%s", suite, err, ran, log)
	}
}

// report turns an outcome into a subtest.
func report(t *testing.T, line []byte) {
	t.Helper()
	var o outcome
	if err := json.Unmarshal(line, &o); err != nil {
		t.Fatalf("%v in the line %.500s", err, line)
	}
	t.Run(o.Test, func(t *testing.T) {
		if o.Notes != "" {
			t.Log(o.Notes)
		}
		t.Logf("%.1f s in the browser", o.Took/1000)
		if o.Error != "" {
			t.Error(o.Error)
		}
	})
}

// screens returns the folder for the screenshots: TABCELL_CONSOLE_SCREENS, or one that is removed
// at the end of the test.
func screens(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TABCELL_CONSOLE_SCREENS")
	if dir == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
