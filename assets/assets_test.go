package assets

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// guests are those of the manifest, unpacked.
func guests(t *testing.T) []Guest {
	t.Helper()
	var out []Guest
	for _, unpack := range []func() (Guest, error){Core, Full} {
		g, err := unpack()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	return out
}

func TestOutputsAreTheOnesInTheManifest(t *testing.T) {
	for _, g := range Manifest().Guests {
		for _, o := range []Output{g.Wasm, g.Resources} {
			b, err := os.ReadFile(o.File)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) != o.Size || digest(b) != o.Sha256 {
				t.Errorf("%s: %d bytes, sha256 %s; MANIFEST says %d, %s", o.File, len(b), digest(b), o.Size, o.Sha256)
			}
		}
	}
}

func TestGuests(t *testing.T) {
	both := guests(t)
	for i, name := range []string{"core", "full"} {
		g, library := both[i], libraryOf(t, both[i])
		if g.Name != name || !slices.Equal(g.Preload[:2], []string{"numpy", "pandas"}) {
			t.Errorf("name %q, preload %q", g.Name, g.Preload)
		}
		has(t, g, append([]string{"json", "_socket", "dateutil.tz", "numpy.linalg._linalg", "pandas.core.frame"}, g.Preload...)...)
		if zone := library["f:/lib/tzdata/zoneinfo/Europe/Berlin"]; !bytes.HasPrefix(zone, []byte("TZif")) {
			t.Errorf("%s: no time zone: %d bytes", name, len(zone))
		}
		for _, absent := range []string{"m:tkinter", "m:test", "m:sqlite3", "m:numpy.tests", "m:scipy.stats.tests", "m:sklearn.tests.test_common"} {
			if _, ok := library[absent]; ok {
				t.Errorf("%s: %s is in the library", name, absent)
			}
		}
	}
	has(t, both[1], "scipy.stats", "sklearn.ensemble", "joblib", "vaderSentiment.vaderSentiment")
	for name := range libraryOf(t, both[0]) {
		if strings.HasPrefix(name, "m:scipy") || strings.HasPrefix(name, "m:sklearn") {
			t.Fatalf("core has %s", name)
		}
		if _, ok := libraryOf(t, both[1])[name]; !ok {
			t.Fatalf("full lacks %s", name)
		}
	}
}

func libraryOf(t *testing.T, g Guest) map[string][]byte {
	t.Helper()
	library, err := g.Resources()
	if err != nil {
		t.Fatal(err)
	}
	return library
}

func wasmOf(t *testing.T, g Guest) []byte {
	t.Helper()
	wasm, err := g.Wasm()
	if err != nil || digest(wasm) != g.Digest {
		t.Fatalf("the wasm of %s: %v", g.Name, err)
	}
	return wasm
}

func has(t *testing.T, g Guest, modules ...string) {
	t.Helper()
	for _, name := range modules {
		code := libraryOf(t, g)["m:"+name]
		if len(code) < 2 || (code[0] != 'P' && code[0] != 'M') {
			t.Errorf("%s: m:%s: %d bytes", g.Name, name, len(code))
		}
	}
}

// The damaged copy of a digest must not pass: the caller compiles what it gets.
func TestDamageIsAnError(t *testing.T) {
	info := Manifest().Guests[0]
	info.Wasm.RawSha256 = strings.Repeat("0", 64)
	if _, err := decompress(coreWasm, info.Wasm); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("wrong digest: %v", err)
	}
	if _, err := decompress(coreWasm[:len(coreWasm)/2], Manifest().Guests[0].Wasm); err == nil {
		t.Error("half a file passed")
	}
	for _, archive := range []string{"x", strings.Repeat("x", 512)} {
		if _, err := readArchive([]byte(archive)); err == nil {
			t.Errorf("archive %.10q passed", archive)
		}
	}
}

func TestInterpreterVersion(t *testing.T) {
	m := Manifest()
	if got := locked(t)["cpython"]; got != m.Python {
		t.Errorf("versions.lock has CPython %s, MANIFEST %s", got, m.Python)
	}
	for _, g := range guests(t) {
		if !bytes.Contains(wasmOf(t, g), []byte("\x00"+m.Python+"\x00")) {
			t.Errorf("the wasm of %s does not hold the version %s", g.Name, m.Python)
		}
	}
}

func TestComponentsAreTheLockedOnes(t *testing.T) {
	want, got := locked(t), map[string]string{}
	for _, c := range Manifest().Components {
		if c.Licence == "" || c.Version == "" {
			t.Errorf("%s: version %q, licence %q", c.Name, c.Version, c.Licence)
		}
		if c.File != "" {
			got[c.Name] = c.Version
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("MANIFEST %v\nversions.lock %v", got, want)
	}
}

// locked reads versions.lock: version by name.
func locked(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, line := range lines(t, "build/versions.lock") {
		f := strings.Fields(line)
		out[f[0]] = f[1]
	}
	return out
}

// lines are those of a file that are neither blank nor comments.
func lines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(string(b), "\n"), func(s string) bool { return s == "" || strings.HasPrefix(s, "#") })
}

// The guests must have been built from the sources beside them: after a change, build/build.sh makes them and MANIFEST anew.
func TestInputsAreTheOnesInTheManifest(t *testing.T) {
	got := map[string]string{}
	for _, top := range []string{"build", "guest"} {
		err := fs.WalkDir(os.DirFS("."), top, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if d.Name() == "__pycache__" || d.Name() == "check" {
					return fs.SkipDir
				}
				return nil
			}
			if isInput(name) {
				b, err := os.ReadFile(name)
				got[name] = digest(b)
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := Manifest().Inputs
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: not an input when the guest was built", name)
		}
	}
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s: changed since the guest was built", name)
		}
	}
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(got)) {
		fmt.Fprintf(&all, "%s  %s\n", got[name], name)
	}
	for _, g := range Manifest().Guests {
		if g.Inputs != digest([]byte(all.String())) {
			t.Errorf("%s: built from other inputs than are here", g.Name)
		}
	}
}

// isInput is the rule of build/tools/manifest.py: documents and tests do not reach the guest.
func isInput(name string) bool {
	base := path.Base(name)
	return !strings.HasSuffix(base, ".md") && !strings.HasPrefix(base, "test_") && !strings.HasPrefix(base, ".")
}
