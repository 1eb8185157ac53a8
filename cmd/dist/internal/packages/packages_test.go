package packages

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var modified = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// testOptions returns options for packages of small files in place of the program, the compiled
// code and what the program writes.
func testOptions(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"program": "the program", "staged/tabcell.conf": "[TabPy]\n", "staged/man/tabcell.1": ".TH", "staged/man/tabcell.conf.5": ".TH",
		"staged/completions/tabcell.bash": "bash", "staged/completions/tabcell.zsh": "zsh", "staged/completions/tabcell.fish": "fish",
		"code/code.json": "{}", "code/core/module": "compiled",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Options{
		Root: filepath.Join("..", "..", "..", ".."), Version: "v1.2.3-rc.1", Arch: "arm64", Program: filepath.Join(dir, "program"),
		Staged: filepath.Join(dir, "staged"), Code: filepath.Join(dir, "code"), Modified: modified, Out: t.TempDir(),
	}
}

// TestNames checks the file names, in which the distributions' names of versions and processors
// are.
func TestNames(t *testing.T) {
	o := testOptions(t)
	paths, err := Build(o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"tabcell_1.2.3_rc1-r1_aarch64.apk", "tabcell-code_1.2.3_rc1-r1_aarch64.apk",
		"tabcell_1.2.3~rc.1-1_arm64.deb", "tabcell-code_1.2.3~rc.1-1_arm64.deb",
		"tabcell-1.2.3~rc.1-1.aarch64.rpm", "tabcell-code-1.2.3~rc.1-1.aarch64.rpm",
	}
	for i, path := range paths {
		paths[i] = filepath.Base(path)
	}
	if !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
}

// TestReproducible checks that a second build of files with other times and modes has the same
// bytes.
func TestReproducible(t *testing.T) {
	first, second := testOptions(t), testOptions(t)
	second.Root = copyRoot(t, first.Root)
	later := time.Now().Add(time.Hour)
	for _, name := range []string{second.Program, filepath.Join(second.Code, "code.json"), filepath.Join(second.Staged, "tabcell.conf")} {
		if err := os.Chtimes(name, later, later); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	one, err := Build(first)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Build(second)
	if err != nil {
		t.Fatal(err)
	}
	for i := range one {
		a, errA := os.ReadFile(one[i])
		b, errB := os.ReadFile(two[i])
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not the same in both builds: %v, %v", filepath.Base(one[i]), errA, errB)
		}
	}
}

// copyRoot copies the files of the source tree that are packed. The copies have the time of now.
func copyRoot(t *testing.T, root string) string {
	t.Helper()
	copied := t.TempDir()
	install := filepath.Join("assets", "install")
	err := os.CopyFS(filepath.Join(copied, install), os.DirFS(filepath.Join(root, install)))
	for _, name := range []string{"LICENSE", "NOTICE", "CHANGELOG.md"} {
		text, readErr := os.ReadFile(filepath.Join(root, name))
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(copied, name), text, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

func TestWrongOptions(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"format":     {func(o *Options) { o.Formats = []string{"msi"} }, `no package format "msi"`},
		"version":    {func(o *Options) { o.Version = "(devel)" }, "not a semantic version"},
		"time":       {func(o *Options) { o.Modified = time.Time{} }, "modification time"},
		"program":    {func(o *Options) { o.Program += "x" }, "no such file"},
		"folder":     {func(o *Options) { o.Out += "x" }, "no such file"},
		"no pages":   {func(o *Options) { o.Staged = o.Code }, "tabcell generate"},
		"no license": {func(o *Options) { o.Root = o.Code }, "no such file"},
	} {
		o := testOptions(t)
		c.change(&o)
		if _, err := Build(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string][3]string{ // deb, rpm, apk
		"v1.2.3":                          {"tabcell (= 1.2.3-1)", "tabcell = 1.2.3-1", "tabcell=1.2.3-r1"},
		"1.2.3-rc.1":                      {"tabcell (= 1.2.3~rc.1-1)", "tabcell = 1.2.3~rc.1-1", "tabcell=1.2.3_rc1-r1"},
		"1.2.4-0.dev-7+abc12":             {"tabcell (= 1.2.4~0.dev-7+abc12-1)", "tabcell = 1.2.4~0.dev_7+abc12-1", "tabcell=1.2.4_alpha-r1"},
		"0.1.1-dev.20261129.gab.modified": {"tabcell (= 0.1.1~dev.20261129.gab.modified-1)", "tabcell = 0.1.1~dev.20261129.gab.modified-1", "tabcell=0.1.1_alpha20261129-r1"},
		"1.0.0-beta2.dev.2026.gab":        {"tabcell (= 1.0.0~beta2.dev.2026.gab-1)", "tabcell = 1.0.0~beta2.dev.2026.gab-1", "tabcell=1.0.0_beta2_p2026-r1"},
	} {
		v, err := parseVersion(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]string{exactly(v, "deb"), exactly(v, "rpm"), exactly(v, "apk")}; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
