package manual

import (
	"os/exec"
	"testing"
)

// hostCommands returns the commands of all sessions that name the test, of all pages.
func hostCommands(t *testing.T) (all []command) {
	t.Helper()
	for _, d := range documents(t) {
		all = append(all, d.hostCommands(t)...)
	}
	if len(all) == 0 {
		t.Fatalf("no session names %s", t.Name())
	}
	return all
}

// hostCommands returns the commands of the document's sessions that name the test.
func (d document) hostCommands(t *testing.T) (all []command) {
	t.Helper()
	for _, b := range d.blocks() {
		if b.is("console", "host", t.Name()) {
			all = append(all, b.mustCommands(t, d.name)...)
		}
	}
	return all
}

// needs skips the test if a program is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the test needs %s: %v", program, err)
		}
	}
}
