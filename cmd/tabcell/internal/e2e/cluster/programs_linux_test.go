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

// edit replaces a part of a file of the source, which it must have once. If the part is empty, the
// file is new.
type edit struct{ file, old, new string }

// newerCommands makes a program which knows one more version of commands, and uses it for changes of
// endpoints as soon as all members know it.
func newerCommands() []edit {
	return []edit{
		{testenv.File("runtime/cluster/command.go"), "const CommandVersion = 1\n", "const CommandVersion = 2\n"},
		{testenv.File("runtime/cluster/change_lead.go"), "command{Version: 1, Type: putCommand", "command{Version: p.machine.commands(), Type: putCommand"},
	}
}

// result returns the new content of the file.
func (e edit) result(t *testing.T) string {
	t.Helper()
	if e.old == "" {
		return e.new
	}
	text := testenv.ReadFile(t, e.file)
	if n := strings.Count(text, e.old); n != 1 {
		t.Fatalf("%s has %q %d times", e.file, e.old, n)
	}
	return strings.Replace(text, e.old, e.new, 1)
}

// The nodes of a test share the clock of the machine. A program that is built with shiftedClock adds
// a difference of its own to the wall clock, which the test changes. As on a real machine, monotonic
// time is not affected: timers, and the time between two readings of the clock.

// shiftedClock makes a program whose wall clock has a difference.
func shiftedClock(t *testing.T) []edit {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "src", "time")
	read := "\tsec, nsec, mono := runtimeNow()\n"
	return []edit{
		{filepath.Join(dir, "time.go"), read, read + "\tsec, nsec = shifted(sec, nsec)\n"},
		{file: filepath.Join(dir, "shift.go"), new: testenv.ReadFile(t, filepath.Join("testdata", "shift.go"))},
	}
}

// giveClocks makes the nodes run a program in which each has a clock of its own.
func (g *group) giveClocks(t *testing.T) {
	t.Helper()
	program, dir := buildProgram(t, "1.0.0-clock", shiftedClock(t)...), t.TempDir()
	for _, n := range g.nodes {
		n.program, n.clock = program, newClock(t, filepath.Join(dir, n.name))
	}
}

// buildProgram builds the program with a version and edits of its source, and returns its file.
func buildProgram(t *testing.T, version string, edits ...edit) string {
	t.Helper()
	dir := t.TempDir()
	replaced := map[string]string{}
	for i, e := range edits {
		replaced[e.file] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		testenv.WriteFile(t, replaced[e.file], e.result(t))
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
