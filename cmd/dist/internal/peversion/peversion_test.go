package peversion

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

// program builds a small program for Windows.
func program(t *testing.T, arch string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module small\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-o", "small.exe", ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOOS=windows", "GOARCH="+arch, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(dir, "small.exe")
}

func TestWrite(t *testing.T) {
	modified := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for _, arch := range []string{"amd64", "arm64"} {
		file := program(t, arch)
		before := read(t, file)
		if err := Write(file, "1.2.3-dev.4", modified); err != nil {
			t.Fatal(err)
		}
		first := read(t, file)
		if err := os.WriteFile(file, before, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Write(file, "1.2.3-dev.4", modified); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, read(t, file)) {
			t.Errorf("%s: the second time gave other bytes", arch)
		}
		checkInfo(t, first)
		if info, err := buildinfo.ReadFile(file); err != nil || info.Path != "small" {
			t.Errorf("%s: Go cannot read the program's modules: %v", arch, err)
		}
	}
}

// checkInfo checks the version that Windows reads in a program.
func checkInfo(t *testing.T, program []byte) {
	t.Helper()
	all, err := winres.LoadFromEXE(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	info, err := version.FromBytes(all.Get(winres.RT_VERSION, winres.ID(1), english))
	if err != nil {
		t.Fatal(err)
	}
	if info.FileVersion != [4]uint16{1, 2, 3, 0} || info.ProductVersion != [4]uint16{1, 2, 3, 0} {
		t.Errorf("the numbers are %v and %v", info.FileVersion, info.ProductVersion)
	}
	texts, err := info.MarshalJSON()
	for _, want := range []string{`"ProductVersion":"1.2.3-dev.4"`, `"ProductName":"tabcell"`} {
		if err != nil || !strings.Contains(strings.Join(strings.Fields(string(texts)), ""), want) {
			t.Errorf("the texts are %s (%v), want %s", texts, err, want)
		}
	}
}

func TestWriteRefusesOtherFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(file, "1.2.3", time.Time{}); err == nil {
		t.Error("a text has become a program")
	}
	if got := read(t, file); string(got) != "no program" {
		t.Errorf("the file was changed to %q", got)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
