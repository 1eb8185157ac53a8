package wheel

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	metadata = "Metadata-Version: 2.1\nName: Thing\nVersion: 1.2\n\nLong text\n"
	pureTags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"
)

// pack returns a wheel with the given files. It adds a RECORD unless there is one.
func pack(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	record := ""
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, text)
		sum := sha256.Sum256([]byte(text))
		record += fmt.Sprintf("%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum[:]), len(text))
	}
	if _, exists := files["thing-1.2.dist-info/RECORD"]; !exists {
		w, _ := z.Create("thing-1.2.dist-info/RECORD")
		fmt.Fprint(w, record+"thing-1.2.dist-info/RECORD,,\n")
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// thing returns a valid wheel with changes, which are pairs of name and text. An empty text removes
// the file.
func thing(t testing.TB, change ...string) []byte {
	files := map[string]string{
		"thing-1.2.dist-info/METADATA": metadata, "thing-1.2.dist-info/WHEEL": pureTags, "thing/__init__.py": "x = 1\n", "thing/sub/deep.py": "y = 2\n",
		"thing/data/table.csv": "a,b\n", "single.py": "z = 3\n", "thing/bad-name.py": "", "thing-1.2.data/scripts/run": "#!python\n",
	}
	for i := 0; i < len(change); i += 2 {
		if files[change[i]] = change[i+1]; change[i+1] == "" {
			delete(files, change[i])
		}
	}
	return pack(t, files)
}

func writeWheel(t testing.TB, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "thing-1.2-py3-none-any.whl")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRead(t *testing.T) {
	w, err := Read(writeWheel(t, thing(t)))
	if err != nil {
		t.Fatal(err)
	}
	if w.Name != "Thing" || w.Version != "1.2" || strings.Join(w.Modules, " ") != "single thing" || len(w.Sha256) != 64 {
		t.Errorf("Read returned %+v", w)
	}
	want := map[string]string{"m:thing": "px = 1\n", "m:thing.sub": "p", "m:thing.sub.deep": "my = 2\n", "m:single": "mz = 3\n", "f:/lib/thing/data/table.csv": "a,b\n",
		"f:/lib/thing-1.2.dist-info/METADATA": metadata}
	for name, text := range want {
		if got := string(w.Resources[name]); got != text {
			t.Errorf("%s is %q, want %q", name, got, text)
		}
	}
	if len(w.Resources) != len(want) {
		t.Errorf("%d resources, want %d", len(w.Resources), len(want))
	}
}

func TestReadErrors(t *testing.T) {
	whole := thing(t)
	changed := pack(t, map[string]string{"thing-1.2.dist-info/METADATA": metadata, "thing-1.2.dist-info/WHEEL": pureTags, "a.py": "1",
		"thing-1.2.dist-info/RECORD": "a.py,sha256=AAAA,1\n"})
	for _, c := range []struct {
		name, want string
		raw        []byte
	}{
		{"not a zip file", "not a wheel", []byte("hello")},
		{"truncated", "not a wheel", whole[:len(whole)-30]},
		{"no metadata", "want one", thing(t, "thing-1.2.dist-info/METADATA", "")},
		{"two distributions", "want one", thing(t, "other-1.dist-info/METADATA", metadata)},
		{"no version", "no version", thing(t, "thing-1.2.dist-info/METADATA", "Name: x\n")},
		{"native by its tags", "none-any", thing(t, "thing-1.2.dist-info/WHEEL", "Root-Is-Purelib: true\nTag: cp313-cp313-linux_x86_64\n")},
		{"native by its root", "native code", thing(t, "thing-1.2.dist-info/WHEEL", "Root-Is-Purelib: false\nTag: py3-none-any\n")},
		{"native file", "native code (thing/x.so)", thing(t, "thing/x.so", "\x7fELF")},
		{"path", "leads out", thing(t, "../thing.py", "1")},
		{"absolute path", "leads out", thing(t, "/etc/thing.py", "1")},
		{"not recorded", "not the one in RECORD", changed},
		{"nothing to import", "contains no module", thing(t, "thing/__init__.py", "", "thing/sub/deep.py", "", "single.py", "")},
	} {
		if _, err := Read(writeWheel(t, c.raw)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// TestZipBomb reads a small wheel with a large file.
func TestZipBomb(t *testing.T) {
	if _, err := Read(writeWheel(t, thing(t, "thing/zeros.bin", strings.Repeat("\x00", maxBytes)))); err == nil || !strings.Contains(err.Error(), "unpacked") {
		t.Errorf("error %v, want the limit", err)
	}
}

func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, raw := range map[string][]byte{"b.whl": thing(t), "a.whl": []byte("x"), "c.txt": nil, "d.whl": []byte("y")} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wheels, _, err := ReadFolder(dir, nil)
	if len(wheels) != 1 || err == nil || !strings.Contains(err.Error(), "a.whl: ") || !strings.Contains(err.Error(), "d.whl: ") {
		t.Errorf("%d wheels, error %v", len(wheels), err)
	}
	if _, _, err := ReadFolder(filepath.Join(dir, "missing"), nil); err == nil {
		t.Error("no error for a missing folder")
	}
}

// TestNativeWheelOfGuest checks that compiled wheels of libraries that tabcell contains are skipped
// with a note, and that other compiled wheels are errors.
func TestNativeWheelOfGuest(t *testing.T) {
	dir := t.TempDir()
	native := thing(t, "thing-1.2.dist-info/WHEEL", "Root-Is-Purelib: false\nTag: cp313-cp313-linux_x86_64\n")
	for _, name := range []string{"Scikit_Learn-1.9-cp313-cp313-linux_x86_64.whl", "other-1-cp313-cp313-linux_x86_64.whl"} {
		if err := os.WriteFile(filepath.Join(dir, name), native, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, skipped, err := ReadFolder(dir, []string{"numpy", "scikit-learn"})
	if len(skipped) != 1 || !strings.Contains(skipped[0], "linux_x86_64.whl is not used: tabcell contains Scikit_Learn") {
		t.Errorf("skipped %q", skipped)
	}
	if err == nil || strings.Contains(err.Error(), "Scikit") || !strings.Contains(err.Error(), "other-1") {
		t.Errorf("error %v, want one about the other wheel", err)
	}
}

func TestAdd(t *testing.T) {
	w, err := Read(writeWheel(t, thing(t)))
	if err != nil {
		t.Fatal(err)
	}
	none := func(string) bool { return false }
	resources := map[string][]byte{"m:numpy": []byte("P")}
	if added, skipped, err := Add(resources, none, []Wheel{w}); err != nil || len(added) != 1 || skipped != nil || resources["m:thing.sub.deep"] == nil {
		t.Errorf("Add returned %d wheels, notes %q, error %v; there are %d resources", len(added), skipped, err, len(resources))
	}
	guest := map[string][]byte{"m:single": []byte("P")}
	added, skipped, err := Add(guest, func(module string) bool { return module == "single" }, []Wheel{w})
	if err != nil || len(added) != 0 || len(skipped) != 1 || !strings.Contains(skipped[0], "the guest already has its module single") {
		t.Errorf("a module of the guest: %d wheels, notes %q, error %v", len(added), skipped, err)
	}
	if guest["m:thing.sub.deep"] != nil || string(guest["m:single"]) != "P" {
		t.Error("a wheel that is not used has changed the resources")
	}
	if _, _, err = Add(map[string][]byte{}, none, []Wheel{w, w}); err == nil || !strings.Contains(err.Error(), "thing, which thing-1.2") {
		t.Errorf("adding modules twice: error %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(thing(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := Read(writeWheel(t, raw))
		if err != nil {
			return
		}
		for name := range w.Resources {
			if !strings.HasPrefix(name, "m:") && !strings.HasPrefix(name, "f:/lib/") || strings.Contains(name, "..") {
				t.Errorf("unexpected resource name %q", name)
			}
		}
	})
}
