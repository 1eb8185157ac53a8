package assets

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func Example() {
	guest, err := Core()
	if err != nil {
		panic(err)
	}
	resources, err := guest.Resources()
	if err != nil {
		panic(err)
	}
	fmt.Println(guest.Name, guest.Preload[:2])
	fmt.Printf("json is a package: %t\n", resources["m:json"][0] == 'P')
	// Output:
	// core [numpy pandas]
	// json is a package: true
}

// loadGuests returns both guests.
func loadGuests(t *testing.T) []Guest {
	t.Helper()
	var out []Guest
	for _, load := range []func() (Guest, error){Core, Full} {
		g, err := load()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	return out
}

func loadLibrary(t *testing.T, g Guest) map[string][]byte {
	t.Helper()
	library, err := g.Resources()
	if err != nil {
		t.Fatal(err)
	}
	return library
}

func loadWasm(t *testing.T, g Guest) []byte {
	t.Helper()
	wasm, err := g.Wasm()
	if err != nil || digest(wasm) != g.Digest {
		t.Fatalf("wasm of %s: digest %s, want %s; error %v", g.Name, digest(wasm), g.Digest, err)
	}
	return wasm
}

func TestGuests(t *testing.T) {
	guests := loadGuests(t)
	for i, name := range []string{"core", "full"} {
		g, library := guests[i], loadLibrary(t, guests[i])
		if g.Name != name || !slices.Equal(g.Preload[:2], []string{"numpy", "pandas"}) {
			t.Errorf("guest %q, preload %q; want guest %q, preload numpy and pandas first", g.Name, g.Preload, name)
		}
		checkModules(t, g, append([]string{"json", "_socket", "dateutil.tz", "numpy.linalg._linalg", "pandas.core.frame"}, g.Preload...)...)
		if zone := library["f:/lib/tzdata/zoneinfo/Europe/Berlin"]; !bytes.HasPrefix(zone, []byte("TZif")) {
			t.Errorf("%s: time zone of %d bytes does not begin with TZif", name, len(zone))
		}
		for _, omitted := range []string{"m:tkinter", "m:test", "m:curses", "m:numpy.tests", "m:scipy.stats.tests", "m:sklearn.tests.test_common"} {
			if _, ok := library[omitted]; ok {
				t.Errorf("%s: the library has %s, which should be omitted", name, omitted)
			}
		}
	}
}

func TestFullExtendsCore(t *testing.T) {
	guests := loadGuests(t)
	core, full := loadLibrary(t, guests[0]), loadLibrary(t, guests[1])
	checkModules(t, guests[1], "scipy.stats", "sklearn.ensemble", "joblib", "nltk.tokenize")
	for name := range core {
		if strings.HasPrefix(name, "m:scipy") || strings.HasPrefix(name, "m:sklearn") {
			t.Errorf("core has %s, which belongs to full only", name)
		}
		if _, ok := full[name]; !ok {
			t.Errorf("full does not have %s, which core has", name)
		}
	}
}

// TestFullOnly compares the lists of MANIFEST, by which scripts are routed, with the libraries and
// with packages.txt.
func TestFullOnly(t *testing.T) {
	guests := loadGuests(t)
	core, modules := loadLibrary(t, guests[0]), []string{}
	for name := range loadLibrary(t, guests[1]) {
		module, ok := strings.CutPrefix(name, "m:")
		if _, inCore := core[name]; ok && !inCore && !strings.Contains(module, ".") {
			modules = append(modules, module)
		}
	}
	slices.Sort(modules)
	info, err := Manifest().guest("full")
	if err != nil || !slices.Equal(info.Modules, modules) {
		t.Errorf("MANIFEST has the modules %q, the libraries differ by %q; error %v", info.Modules, modules, err)
	}
	packages := []string{}
	for _, line := range readLines(t, "build/packages.txt") {
		if f := strings.Fields(line); f[0] == "full" {
			packages = append(packages, strings.ToLower(strings.ReplaceAll(f[1], "_", "-")))
		}
	}
	slices.Sort(packages)
	if !slices.Equal(info.Distributions, packages) {
		t.Errorf("MANIFEST has the distributions %q, packages.txt has %q", info.Distributions, packages)
	}
	for _, name := range []string{"scipy", "sklearn", "scikit-learn"} {
		if !slices.Contains(FullOnly(), name) {
			t.Errorf("FullOnly returned %q, without %s", FullOnly(), name)
		}
	}
}

// checkModules checks that the library of a guest has the modules, each with its type and code.
func checkModules(t *testing.T, g Guest, modules ...string) {
	t.Helper()
	for _, name := range modules {
		code := loadLibrary(t, g)["m:"+name]
		if len(code) < 2 || (code[0] != 'P' && code[0] != 'M') {
			t.Errorf("%s: m:%s: %d bytes, which do not begin with P or M", g.Name, name, len(code))
		}
	}
}

// Callers compile and run the data, so damaged data must be an error.
func TestDamagedData(t *testing.T) {
	info := Manifest().Guests[0]
	info.Wasm.RawSha256 = strings.Repeat("0", 64)
	if _, err := decompress(coreWasm, info.Wasm); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("wrong digest: error %v", err)
	}
	if _, err := decompress(coreWasm[:len(coreWasm)/2], Manifest().Guests[0].Wasm); err == nil {
		t.Error("half a file: no error")
	}
	for _, archive := range []string{"x", strings.Repeat("x", 512)} {
		if _, err := readArchive([]byte(archive)); err == nil {
			t.Errorf("archive %.10q: no error", archive)
		}
	}
}

func TestInterpreterVersion(t *testing.T) {
	m := Manifest()
	if got := lockedVersions(t)["cpython"]; got != m.Python {
		t.Errorf("CPython is %s in versions.lock and %s in MANIFEST", got, m.Python)
	}
	for _, g := range loadGuests(t) {
		if !bytes.Contains(loadWasm(t, g), []byte("\x00"+m.Python+"\x00")) {
			t.Errorf("wasm of %s does not contain the version %s", g.Name, m.Python)
		}
	}
}

// readLines returns the lines of a file that are neither blank nor comments.
func readLines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(string(b), "\n"), func(s string) bool { return s == "" || strings.HasPrefix(s, "#") })
}
