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
	python   = "3.13.15"
	metaText = "Metadata-Version: 2.1\nName: Thing\nVersion: 1.2\n\nLong text\n"
	pureTags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"
)

// pack returns a wheel of the distribution thing 1.2 with the given files. It adds a RECORD unless
// there is one, or one without text.
func pack(t testing.TB, files map[string]string) []byte {
	return packInto(t, "thing-1.2.dist-info", files)
}

func packInto(t testing.TB, infoDir string, files map[string]string) []byte {
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
	if _, exists := files[infoDir+"/RECORD"]; !exists {
		w, _ := z.Create(infoDir + "/RECORD")
		fmt.Fprint(w, record+infoDir+"/RECORD,,\n")
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// thing returns a valid wheel with changes, which are pairs of name and text. An empty text
// removes the file.
func thing(t testing.TB, change ...string) []byte {
	files := map[string]string{
		"thing-1.2.dist-info/METADATA": metaText, "thing-1.2.dist-info/WHEEL": pureTags, "thing/__init__.py": "x = 1\n", "thing/sub/deep.py": "y = 2\n",
		"thing/data/table.csv": "a,b\n", "single.py": "z = 3\n", "thing/bad-name.py": "1\n", "thing/launch.exe": "MZ", "thing-1.2.data/purelib/pure.py": "w = 4\n", "thing-1.2.data/data/share/x": "1",
		"thing-1.2.data/scripts/run": "#!python\n",
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
	w, err := Read(writeWheel(t, thing(t)), python)
	if err != nil {
		t.Fatal(err)
	}
	if w.Name != "Thing" || w.Version != "1.2" || strings.Join(w.Modules, " ") != "pure single thing" || len(w.Sha256) != 64 {
		t.Errorf("Read returned %+v", w)
	}
	delete(w.Resources, "f:/lib/thing-1.2.dist-info/RECORD")
	want := map[string]string{
		"m:thing": "px = 1\n", "m:thing.sub": "p", "m:thing.sub.deep": "my = 2\n", "m:single": "mz = 3\n", "m:pure": "mw = 4\n",
		"f:/lib/thing/data/table.csv": "a,b\n", "f:/lib/thing/bad-name.py": "1\n", "f:/lib/thing/launch.exe": "MZ",
		"f:/lib/thing-1.2.dist-info/METADATA": metaText, "f:/lib/thing-1.2.dist-info/WHEEL": pureTags,
	}
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
	changed := pack(t, map[string]string{"thing-1.2.dist-info/METADATA": metaText, "thing-1.2.dist-info/WHEEL": pureTags, "a.py": "1",
		"thing-1.2.dist-info/RECORD": "a.py,sha256=AAAA,1\n"})
	for _, c := range []struct {
		name, want string
		raw        []byte
	}{
		{"not a zip file", "not a wheel", []byte("hello")},
		{"truncated", "not a wheel", whole[:len(whole)-30]},
		{"no metadata", "want one", thing(t, "thing-1.2.dist-info/METADATA", "")},
		{"two distributions", "want one", thing(t, "other-1.dist-info/METADATA", metaText)},
		{"no version", "no version", thing(t, "thing-1.2.dist-info/METADATA", "Name: x\n")},
		{"no valid version", "PEP 440", thing(t, "thing-1.2.dist-info/METADATA", "Name: x\nVersion: new\n")},
		{"compiled for an interpreter", "it is compiled (cp313-cp313-manylinux_2_28_x86_64)", thing(t, "thing-1.2.dist-info/WHEEL", "Tag: cp313-cp313-manylinux_2_28_x86_64\n")},
		{"compiled for any version", "it is compiled (cp38-abi3-win_amd64)", thing(t, "thing-1.2.dist-info/WHEEL", "Tag: cp38-abi3-win_amd64\n")},
		{"compiled for any interpreter", "it is compiled (py3-none-macosx_11_0_arm64)", thing(t, "thing-1.2.dist-info/WHEEL", "Tag: py3-none-macosx_11_0_arm64\n")},
		{"no tags", "WHEEL is missing", thing(t, "thing-1.2.dist-info/WHEEL", "")},
		{"for Python 2", "another version of Python (py2-none-any)", thing(t, "thing-1.2.dist-info/WHEEL", "Tag: py2-none-any\n")},
		{"for CPython 3.12", "another version of Python (cp312-none-any)", thing(t, "thing-1.2.dist-info/WHEEL", "Tag: cp312-none-any\n")},
		{"for later versions", "it is for Python >=3.14, and cells have Python 3.13.15", thing(t, "thing-1.2.dist-info/METADATA", "Name: Thing\nVersion: 1.2\nRequires-Python: >=3.14\n")},
		{"native file", "compiled code (thing/x.so)", thing(t, "thing/x.so", "\x7fELF")},
		{"native file with a version", "compiled code (thing/x.so.1)", thing(t, "thing/x.so.1", "\x7fELF")},
		{"no record", "it has no RECORD", unrecorded(t)},
		{"path", "leads out", thing(t, "../thing.py", "1")},
		{"absolute path", "leads out", thing(t, "/etc/thing.py", "1")},
		{"not recorded", "not the one in RECORD", changed},
		{"nothing to import", "contains no module", thing(t, "thing/__init__.py", "", "thing/sub/deep.py", "", "single.py", "", "thing-1.2.data/purelib/pure.py", "")},
	} {
		if _, err := Read(writeWheel(t, c.raw), python); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// TestReadAccepts reads wheels with tags and requirements that fit.
func TestReadAccepts(t *testing.T) {
	for _, c := range []struct{ name, file, text string }{
		{"tags of one version", "WHEEL", "Tag: py313-none-any\n"},
		{"tags of an earlier version", "WHEEL", "Tag: py38-none-any\n"},
		{"tags of this interpreter", "WHEEL", "Tag: cp313-none-any\n"},
		{"compressed tags", "WHEEL", "Tag: py2.py3-none-any\n"},
		{"not in the folder of pure packages", "WHEEL", "Root-Is-Purelib: false\nTag: py3-none-any\n"},
		{"versions of Python", "METADATA", "Name: Thing\nVersion: 1.2\nRequires-Python: >=3.9,!=3.10.*,<4\n"},
		{"a long field", "METADATA", "Name: Thing\nLicense: " + strings.Repeat("x", 100_000) + "\n  more: text\nVersion: 1.2\n"},
	} {
		if w, err := Read(writeWheel(t, thing(t, "thing-1.2.dist-info/"+c.file, c.text)), python); err != nil || w.Version != "1.2" {
			t.Errorf("%s: error %v, version %q", c.name, err, w.Version)
		}
	}
}

// unrecorded returns a wheel without RECORD.
func unrecorded(t *testing.T) []byte {
	return packInto(t, "other", map[string]string{"thing-1.2.dist-info/METADATA": metaText, "thing-1.2.dist-info/WHEEL": pureTags, "thing.py": "1"})
}

// TestZipBomb reads a small wheel with a large file.
func TestZipBomb(t *testing.T) {
	if _, err := Read(writeWheel(t, thing(t, "thing/zeros.bin", strings.Repeat("\x00", maxBytes))), python); err == nil || !strings.Contains(err.Error(), "unpacked") {
		t.Errorf("error %v, want the limit", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(thing(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := Read(writeWheel(t, raw), python)
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
