package assets

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestOutputsMatchManifest(t *testing.T) {
	outputs := []Output{Manifest().Extra.Resources}
	for _, g := range Manifest().Guests {
		outputs = append(outputs, g.Wasm, g.Resources)
	}
	for _, o := range outputs {
		b, err := os.ReadFile(o.File)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) != o.Size || digest(b) != o.Sha256 {
			t.Errorf("%s: %d bytes, digest %s; MANIFEST has %d bytes, %s", o.File, len(b), digest(b), o.Size, o.Sha256)
		}
	}
}

func TestComponentsMatchLock(t *testing.T) {
	want, got := lockedVersions(t), map[string]string{}
	for _, c := range Manifest().Components {
		if c.Licence == "" || c.Version == "" {
			t.Errorf("%s: version %q, licence %q; want both", c.Name, c.Version, c.Licence)
		}
		if c.File != "" {
			got[c.Name] = c.Version
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("components differ:\nMANIFEST %v\nlocks    %v", got, want)
	}
}

// lockedVersions returns the versions in versions.lock and crates.lock by the names in MANIFEST. The
// tools and crates that only the build uses are left out.
func lockedVersions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, line := range readLines(t, "build/versions.lock") {
		if f := strings.Fields(line); f[2] != "rust-tool" {
			out[f[0]] = f[1]
		}
	}
	for _, line := range readLines(t, "build/crates.lock") {
		if f := strings.Fields(line); f[3] == "linked" {
			out["crate:"+f[0]] = f[1]
		}
	}
	return out
}

// The guests must be built from the sources in the tree. After a change to them, build/build.sh
// updates data and MANIFEST.
func TestInputsMatchManifest(t *testing.T) {
	got, want := treeInputs(t), Manifest().Inputs
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: added after the guests were built; run build/build.sh", name)
		}
	}
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s: changed or removed after the guests were built; run build/build.sh", name)
		}
	}
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(got)) {
		fmt.Fprintf(&lines, "%s  %s\n", got[name], name)
	}
	for _, g := range Manifest().Guests {
		if g.Inputs != digest([]byte(lines.String())) {
			t.Errorf("%s was built from other inputs; run build/build.sh %s", g.Name, g.Name)
		}
	}
	if Manifest().Extra.Inputs != digest([]byte(lines.String())) {
		t.Error("extra was built from other inputs; run build/build.sh extra")
	}
}

// treeInputs returns the digests of the inputs in the tree, by path.
func treeInputs(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	visit := func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "__pycache__" || d.Name() == "check"):
			return fs.SkipDir
		case d.IsDir() || !isInput(name):
			return nil
		}
		b, err := os.ReadFile(name)
		out[name] = digest(b)
		return err
	}
	for _, top := range []string{"build", "guest"} {
		if err := fs.WalkDir(os.DirFS("."), top, visit); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// isInput reports whether a file is an input of the build. build/tools/manifest.py has the same
// rule: documents and tests do not affect the guest.
func isInput(name string) bool {
	base := path.Base(name)
	return !strings.HasSuffix(base, ".md") && !strings.HasPrefix(base, "test_") && !strings.HasPrefix(base, ".")
}
