//go:build cluster

package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// edit replaces a part of a file of the source, which it must have once.
type edit struct{ file, old, new string }

// newerCommands makes a program which knows one more version of commands, and uses it for changes of
// endpoints as soon as all members know it.
func newerCommands() []edit {
	return []edit{
		{testenv.File("runtime/cluster/command.go"), "const CommandVersion = 1\n", "const CommandVersion = 2\n"},
		{testenv.File("runtime/cluster/change_lead.go"), "command{Version: 1, Type: putCommand", "command{Version: p.machine.commands(), Type: putCommand"},
	}
}

// buildProgram builds the program with a version and edits of its source, and returns its file.
func buildProgram(t *testing.T, version string, edits ...edit) string {
	t.Helper()
	dir := t.TempDir()
	replaced := map[string]string{}
	for i, e := range edits {
		text := testenv.ReadFile(t, e.file)
		if n := strings.Count(text, e.old); n != 1 {
			t.Fatalf("%s has %q %d times", e.file, e.old, n)
		}
		replaced[e.file] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		testenv.WriteFile(t, replaced[e.file], strings.Replace(text, e.old, e.new, 1))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	list, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "tabcell-"+version)
	testenv.WriteFile(t, list, string(overlay))
	cmd := exec.Command("go", "build", "-overlay", list, "-ldflags", "-X tabcell/cmd/tabcell/internal/buildinfo.version="+version, "-o", program, "./cmd/tabcell")
	cmd.Dir, cmd.Env = testenv.File("."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}
