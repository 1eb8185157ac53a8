//go:build release

package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/rand"
	"debug/elf"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/dist/internal/gotool"
	"tabcell/cmd/dist/internal/source"

	"aead.dev/minisign"
)

// TestRelease builds the files of a release for this processor, without compiled code, in the
// folder TABCELL_RELEASE or a temporary one. The program in the archive has the version of the
// source, is static, and verifies the signatures of the folder.
func TestRelease(t *testing.T) {
	if goruntime.GOOS != "linux" {
		t.Skip("the program of the archive is for Linux, and cannot be run here")
	}
	out := os.Getenv("TABCELL_RELEASE")
	if out == "" {
		out = filepath.Join(t.TempDir(), "release")
	}
	key, public := newKey(t)
	platform := "linux/" + goruntime.GOARCH
	o := options{out: out, key: key, platforms: []string{platform}, formats: []string{"archive", "deb", "rpm", "apk", "image", "chart"}}
	src, err := source.Read("", "")
	if err != nil {
		t.Fatal(err)
	}
	if src.Modified { // a key would be refused
		t.Log("the work tree has changes; the release is not signed")
		o.key = ""
	}
	if err := release(t.Context(), o, t.Output(), t.Output()); err != nil {
		t.Fatal(err)
	}
	program := unpack(t, filepath.Join(out, "tabcell-"+src.Version+"-"+fileName(platform)+".tar.gz"))
	checkProgram(t, program, src)
	checkNames(t, out, src.Version)
	if o.key != "" {
		verify(t, program, public, out)
	}
}

// newKey writes a private key and returns its path and the public key.
func newKey(t *testing.T) (file, public string) {
	t.Helper()
	p, key, err := minisign.GenerateKey(rand.Reader)
	text, marshalErr := key.MarshalText()
	file = filepath.Join(t.TempDir(), "key")
	if err := errors.Join(err, marshalErr, os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file, p.String()
}

// unpack unpacks the program of an archive, in which it is executable, and returns its path.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("%s has no program: %v %v", archive, names, err)
		}
		names = append(names, h.Name)
		if filepath.Base(h.Name) != "tabcell" {
			continue
		}
		file := filepath.Join(t.TempDir(), "tabcell")
		content, err := io.ReadAll(r)
		if err = errors.Join(err, os.WriteFile(file, content, h.FileInfo().Mode())); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

func checkProgram(t *testing.T, program string, src source.Source) {
	t.Helper()
	text, err := exec.Command(program, "version", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Version, Revision string
		Modified          bool
		Patches           string `json:"engine_patches"`
	}
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	if info.Version != src.Version || info.Revision != src.Revision || info.Modified != src.Modified || len(info.Patches) != 64 {
		t.Errorf("the program describes itself as %+v, the source is %+v", info, src)
	}
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libraries, _ := f.ImportedLibraries(); len(libraries) > 0 || f.Section(".interp") != nil || f.Section(".symtab") != nil {
		t.Errorf("the program is not static or not stripped; it needs the libraries %v", libraries)
	}
}

// checkNames checks that there is a file of each format.
func checkNames(t *testing.T, out, version string) {
	t.Helper()
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{
		".tar.gz", ".deb", ".rpm", ".apk", "-oci.tar", "-docker.tar", "tabcell-chart-" + version + ".tgz", ".cdx.json", "CHANGELOG-" + version + ".md", sumsName,
	} {
		if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), end) }) {
			t.Errorf("no file ends with %s", end)
		}
	}
}

// verify verifies the release with its own program, and again after a file has changed.
func verify(t *testing.T, program, public, out string) {
	t.Helper()
	if text, err := exec.Command(program, "release", "verify", "--key", public, out).CombinedOutput(); err != nil {
		t.Errorf("release verify: %v\n%s", err, text)
	}
	changes, err := filepath.Glob(filepath.Join(out, "CHANGELOG-*.md"))
	if err != nil || len(changes) != 1 {
		t.Fatal(changes, err)
	}
	content, err := os.ReadFile(changes[0])
	if err = errors.Join(err, os.WriteFile(changes[0], append(content, '\n'), 0o600)); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(program, "release", "verify", "--key", public, out).CombinedOutput(); err == nil {
		t.Errorf("release verify does not find a changed file:\n%s", text)
	}
	if err := os.WriteFile(changes[0], content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestModifiedSourceIsNotSigned checks that neither a signature nor a comparison is made of files
// that are not those of a commit.
func TestModifiedSourceIsNotSigned(t *testing.T) {
	root, err := gotool.Root()
	if err != nil {
		t.Fatal(err)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	if text, err := exec.Command("git", "clone", "--quiet", "--shared", root, clone).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, text)
	}
	if err := os.WriteFile(filepath.Join(clone, "new.go"), []byte("package tabcell\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(clone)
	for _, o := range []options{{key: "k"}, {compare: true}} {
		o.out = filepath.Join(t.TempDir(), "release")
		if err := release(t.Context(), o, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "differ from the commit") {
			t.Errorf("%+v: error %v", o, err)
		}
		if _, err := os.Stat(o.out); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder exists: %v", err)
		}
	}
}
