//go:build msi

package service

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// TestMSI builds the MSI package with wixl and reads it back with msiinfo, both from Debian's
// package wixl and msitools. Whether Windows installs it is not tested.
func TestMSI(t *testing.T) {
	dir := t.TempDir()
	command(t, testenv.File("."), []string{"GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0"}, "go", "build", "-o", filepath.Join(dir, "tabcell.exe"), "./cmd/tabcell")
	command(t, dir, nil, "wixl", "-a", "x64", "-D", "Version=1.2.3", "-D", "ProductCode=*", "-o", "tabcell.msi", testenv.File("assets/install/windows/tabcell.wxs"))

	steps := map[string]int{}
	var order []string
	for _, row := range table(t, dir, "InstallExecuteSequence") {
		n, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(row)
		}
		steps[row[0]] = n
		order = append(order, row[0])
	}
	slices.SortFunc(order, func(a, b string) int { return steps[a] - steps[b] })
	got := strings.Join(slices.DeleteFunc(order, func(step string) bool { return !slices.Contains(ordered, step) }), " ")
	if want := strings.Join(ordered, " "); got != want {
		t.Errorf("the sequence is %s, want %s", got, want)
	}
	for _, row := range table(t, dir, "CustomAction") {
		// 18: a program that is installed; 64: errors are ignored; 1024 and 2048: deferred, as the
		// system.
		if kind, err := strconv.Atoi(row[1]); err != nil || kind&^64 != 18+1024+2048 || kind&64 != 0 == (row[0] == "InstallService") {
			t.Errorf("action %v", row)
		}
	}
	if file := table(t, dir, "File")[0]; file[0] != "tabcell.exe" || len(file[3]) < 8 {
		t.Errorf("the program is %v", file)
	}
}

// ordered has the steps whose order matters: the running program is stopped before it is replaced,
// and actions need the program.
var ordered = []string{
	"InstallInitialize", "RemoveService", "StopServices", "RemoveFiles", "InstallFiles", "InstallService", "StartService", "RemoveExistingProducts",
	"InstallFinalize",
}

// table returns the rows of a table of the package.
func table(t *testing.T, dir, name string) (rows [][]string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(command(t, dir, nil, "msiinfo", "export", "tabcell.msi", name)), "\n")
	for _, line := range lines[3:] { // after the names, the types and the key
		rows = append(rows, strings.Split(strings.TrimRight(line, "\r"), "\t"))
	}
	return rows
}

func command(t *testing.T, dir string, environ []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), environ...), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}
