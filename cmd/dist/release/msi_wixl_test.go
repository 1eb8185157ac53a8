//go:build msi

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/dist/internal/source"
)

// TestMSIBytes checks that two MSI packages of the same program have the same bytes, and that
// msitools reads the codes and times in them.
func TestMSIBytes(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "tabcell.exe")
	if err := os.WriteFile(program, []byte("MZ program"), 0o755); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{ctx: t.Context(), root: root, src: source.Source{Version: "1.2.3-rc.1", Time: time.Unix(1_796_000_000, 0).UTC()}}
	var packages [][]byte
	for _, name := range []string{"first.msi", "second.msi"} {
		file := filepath.Join(dir, name)
		if err := b.wixl(program, "1.2.3", file); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, content)
		time.Sleep(time.Second) // the unit of the times that wixl writes
	}
	if !bytes.Equal(packages[0], packages[1]) {
		t.Error("two packages of the same program differ")
	}
	for _, c := range []struct{ args, want string }{
		{"suminfo", "Created: Mon Nov 30 00:53:20 2026"}, {"suminfo", "Revision number (UUID): {"},
		{"export Property", "ProductCode\t{" + msiCode("product", "1.2.3-rc.1") + "}"},
	} {
		args := strings.Fields(c.args)
		args = append([]string{args[0], filepath.Join(dir, "first.msi")}, args[1:]...)
		cmd := exec.Command("msiinfo", args...)
		cmd.Env = append(os.Environ(), "TZ=UTC")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("msiinfo %s: %v, want %q\n%s", c.args, err, c.want, out)
		}
	}
}
