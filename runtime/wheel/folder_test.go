package wheel

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// library is a small library: numpy cannot be replaced, and requests needs urllib3 in a range.
var library = Library{
	Python: python,
	Distributions: []Distribution{
		{"numpy", "2.5.5", "core"}, {"scikit-learn", "1.9.1", "full"},
		{"requests", "2.34.2", "extra"}, {"urllib3", "2.8.0", "extra"},
	},
	HasModule: func(name string) bool {
		return slices.Contains([]string{"numpy", "sklearn", "requests", "urllib3", "json", "shared"}, name)
	},
	Metadata: func(d Distribution) []byte {
		return []byte(map[string]string{"requests": "Requires-Dist: urllib3<3,>=1.26\nRequires-Dist: PySocks>=1.5; extra == 'socks'\n"}[d.Name])
	},
	Advice: func(module string) string { return map[string]string{"lightgbm": "use sklearn"}[module] },
}

// folderOf writes the files to a folder. The text of a wheel has a line for each file, and lines
// of METADATA, which contain ": "; that of another file is not used.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		var raw []byte
		if strings.HasSuffix(name, ".whl") && text != "damaged" {
			raw = wheelOf(t, name, text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func wheelOf(t *testing.T, file, text string) []byte {
	parts := strings.Split(strings.TrimSuffix(file, ".whl"), "-")
	info := parts[0] + "-" + parts[1] + ".dist-info"
	files := map[string]string{
		info + "/METADATA": fmt.Sprintf("Name: %s\nVersion: %s\n", parts[0], parts[1]),
		info + "/WHEEL":    "Tag: " + strings.Join(parts[2:], "-") + "\n",
	}
	for line := range strings.Lines(text) {
		if strings.Contains(line, ": ") {
			files[info+"/METADATA"] += line
			continue
		}
		files[strings.TrimSpace(line)] = "# " + file
	}
	return packInto(t, info, files)
}

// TestOpen opens folders. Each wanted line is a file's name and state, and parts of its reason,
// advice, notes and problems.
func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"a good wheel, and other files", map[string]string{"a-1-py3-none-any.whl": "a.py", "README.txt": ""}, []string{"a-1-py3-none-any.whl used"}},
		{"a damaged wheel", map[string]string{"a-1-py3-none-any.whl": "a.py", "b-1-py3-none-any.whl": "damaged"},
			[]string{"a-1-py3-none-any.whl used", "b-1-py3-none-any.whl refused: not a wheel: zip: not a valid zip file; copy the file again"}},
		{"a source archive", map[string]string{"a-1.tar.gz": ""},
			[]string{"a-1.tar.gz refused: it is not a wheel -> make a wheel of it: pip wheel --no-deps -w DIR DIR/a-1.tar.gz"}},
		{"compiled code", map[string]string{"a-1-cp313-cp313-win_amd64.whl": "a.py"}, []string{"a-1-cp313-cp313-win_amd64.whl refused: it is compiled (cp313-cp313-win_amd64); " +
			"a cell runs only pure Python -> look for a version without compiled code: pip download --no-deps --only-binary :all: --platform any --python-version 3.13 " +
			"--implementation py --abi none -d DIR a"}},
		{"compiled code that has a replacement", map[string]string{"lightgbm-4-py3-none-manylinux_2_28_x86_64.whl": "lightgbm/__init__.py\nlightgbm/lib.so"},
			[]string{"lightgbm-4-py3-none-manylinux_2_28_x86_64.whl refused: it is compiled (py3-none-manylinux_2_28_x86_64); a cell runs only pure Python -> use sklearn"}},
		{"a compiled wheel of the library", map[string]string{"Scikit_Learn-1.9-cp313-cp313-linux_x86_64.whl": "sklearn/__init__.py"},
			[]string{"Scikit_Learn-1.9-cp313-cp313-linux_x86_64.whl unused: tabcell contains scikit-learn 1.9.1, which a wheel cannot replace"}},
		{"a pure wheel of the image", map[string]string{"numpy-3.0-py3-none-any.whl": "numpy/__init__.py"},
			[]string{"numpy-3.0-py3-none-any.whl unused: tabcell contains numpy 2.5.5, which a wheel cannot replace"}},
		{"a wheel of the archive extra", map[string]string{"requests-2.40-py3-none-any.whl": "requests/__init__.py\nRequires-Dist: urllib3>=2.8"},
			[]string{"requests-2.40-py3-none-any.whl used, it replaces requests 2.34.2 of tabcell"}},
		{"an older wheel of the archive extra, which others need", map[string]string{"urllib3-1.25-py3-none-any.whl": "urllib3/__init__.py"},
			[]string{"urllib3-1.25-py3-none-any.whl used, it replaces urllib3 2.8.0 of tabcell, " +
				"requests of tabcell needs urllib3<3,>=1.26: urllib3-1.25-py3-none-any.whl: the version is wrong"}},
		{"a refused wheel of the archive extra", map[string]string{"requests-3-py3-none-any.whl": "requests/__init__.py\nRequires-Python: >=3.14"},
			[]string{"requests-3-py3-none-any.whl unused: tabcell's own requests 2.34.2 is used, because the wheel cannot be: it is for Python >=3.14, and cells have " +
				"Python 3.13.15; use another version of it"}},
		{"two versions", map[string]string{"a-1.10-py3-none-any.whl": "a.py", "a-1.9-py3-none-any.whl": "a.py"},
			[]string{"a-1.10-py3-none-any.whl used", "a-1.9-py3-none-any.whl unused: a-1.10-py3-none-any.whl is newer"}},
		{"the same version twice", map[string]string{"a-1-py2.py3-none-any.whl": "a.py", "a-1-py3-none-any.whl": "a.py"},
			[]string{"a-1-py2.py3-none-any.whl used", "a-1-py3-none-any.whl unused: a-1-py2.py3-none-any.whl has the same version"}},
		{"a compiled wheel beside a pure one", map[string]string{"a-2-cp313-cp313-win_amd64.whl": "a.py", "a-1-py3-none-any.whl": "a.py"},
			[]string{"a-1-py3-none-any.whl used", "a-2-cp313-cp313-win_amd64.whl unused: a-1-py3-none-any.whl is used in its place"}},
		{"a module of the standard library", map[string]string{"backport-1-py3-none-any.whl": "json.py"}, []string{"backport-1-py3-none-any.whl unused: tabcell contains its modules"}},
		{"a module of the library, and another one", map[string]string{"a-1-py3-none-any.whl": "json/__init__.py\na.py"},
			[]string{"a-1-py3-none-any.whl used, its module json is not used, because tabcell contains one of this name"}},
		{"a namespace package of the library", map[string]string{"a-1-py3-none-any.whl": "shared/a/__init__.py"}, []string{"a-1-py3-none-any.whl used"}},
		{"two wheels with the same file", map[string]string{"a-1-py3-none-any.whl": "a.py\ntests/__init__.py", "b-1-py3-none-any.whl": "b.py\ntests/__init__.py\ntests/x.py"},
			[]string{"a-1-py3-none-any.whl used", "b-1-py3-none-any.whl used, a-1-py3-none-any.whl contains tests too, and its files are used where both have one"}},
		{"a missing requirement", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: six>=1.9"},
			[]string{"a-1-py3-none-any.whl used, needs six>=1.9: six is missing"}},
		{"requirements that are satisfied", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: B_c (~=1.2)\nRequires-Dist: numpy>=2,<3", "b.c-1.4-py3-none-any.whl": "b.py"},
			[]string{"a-1-py3-none-any.whl used", "b.c-1.4-py3-none-any.whl used"}},
		{"a wrong version in the folder", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: b<1.4", "b-1.4-py3-none-any.whl": "b.py"},
			[]string{"a-1-py3-none-any.whl used, needs b<1.4: b-1.4-py3-none-any.whl: the version is wrong", "b-1.4-py3-none-any.whl used"}},
		{"a wrong version in the image", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: numpy<2"},
			[]string{"a-1-py3-none-any.whl used, needs numpy<2: numpy 2.5.5 of tabcell: the version is wrong, and a wheel cannot replace it"}},
		{"requirements for other places", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: b; python_version < '3.9'\nRequires-Dist: c; sys_platform == 'win32'\n" +
			"Requires-Dist: d; platform_system == 'Linux'\nRequires-Dist: e; extra == 'test'"}, []string{"a-1-py3-none-any.whl used"}},
		{"extras of a wheel", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: b[fast]", "b-1-py3-none-any.whl": "b.py\nRequires-Dist: c; extra == 'fast'\nRequires-Dist: d; extra == 'slow'"},
			[]string{"a-1-py3-none-any.whl used", "b-1-py3-none-any.whl used, needs c: c is missing"}},
		{"extras of the library", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: requests[socks]"},
			[]string{"a-1-py3-none-any.whl used, requests of tabcell needs PySocks>=1.5: pysocks is missing"}},
		{"a requirement that cannot be read", map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: b>=1.*"},
			[]string{`a-1-py3-none-any.whl used, has an invalid requirement: ">=1.*" is not a version specifier according to PEP 440`}},
	} {
		dir := folderOf(t, c.files)
		f, err := Open(dir, library)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, file := range f.Files {
			got = append(got, strings.ReplaceAll(describe(file), dir, "DIR"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func describe(file File) string {
	text := file.File + " " + string(file.State)
	if file.Reason != "" {
		text += ": " + file.Reason
	}
	if file.Advice != "" {
		text += " -> " + file.Advice
	}
	return strings.Join(append([]string{text}, slices.Concat(file.Notes, file.Problems())...), ", ")
}

func TestOpenMissingFolder(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "missing"), library); err == nil {
		t.Error("no error")
	}
}

// TestAdvice checks the commands that resolve unsatisfied requirements.
func TestAdvice(t *testing.T) {
	dir := folderOf(t, map[string]string{"a-1-py3-none-any.whl": "a.py\nRequires-Dist: six>=1.9\nRequires-Dist: numpy<2\nRequires-Dist: urllib3<2"})
	f, err := Open(dir, library)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"use a version of a that works with numpy 2.5.5",
		`pip download --no-deps --only-binary :all: --platform any --python-version 3.13 --implementation py --abi none -d ` + dir + ` "six>=1.9"`,
		`pip download --no-deps --only-binary :all: --platform any --python-version 3.13 --implementation py --abi none -d ` + dir + ` "urllib3<2"`,
	}
	for i, n := range f.Files[0].Needs {
		if n.Advice != want[i] {
			t.Errorf("%s: advice %q, want %q", n, n.Advice, want[i])
		}
	}
}

// TestMissing checks the reasons for the modules of refused files, and which modules have none.
func TestMissing(t *testing.T) {
	f, err := Open(folderOf(t, map[string]string{
		"lightgbm-4-py3-none-manylinux_2_28_x86_64.whl": "lightgbm/__init__.py\nlightgbm/lib.so\n_extra.so\nboth.py", "my-thing-1.tar.gz": "",
		"a-1-py3-none-any.whl": "a.py\nboth.py", "numpy-1-cp39-cp39-win32.whl": "numpy/__init__.py",
	}), library)
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for module, reason := range f.Missing() {
		modules = append(modules, module)
		if !strings.Contains(reason, " is not used: ") {
			t.Errorf("%s: %q", module, reason)
		}
	}
	slices.Sort(modules)
	if got := strings.Join(modules, " "); got != "_extra lightgbm my_thing" {
		t.Errorf("missing modules %q", got)
	}
}

// TestPreload checks that the guest core does not import wheels that need a package of full.
func TestPreload(t *testing.T) {
	f, err := Open(folderOf(t, map[string]string{
		"a-1-py3-none-any.whl": "a.py\ntests/__init__.py\nRequires-Dist: b", "b-1-py3-none-any.whl": "b.py\nRequires-Dist: scikit-learn\nRequires-Dist: a",
		"c-1-py3-none-any.whl": "c.py\nRequires-Dist: numpy", "x-1-py3-none-any.whl": "examples/__init__.py",
	}), library)
	if err != nil {
		t.Fatal(err)
	}
	for guest, want := range map[string]string{"core": "c examples", "full": "a b c examples"} {
		if got := strings.Join(f.Preload(guest), " "); got != want {
			t.Errorf("%s imports %q in advance, want %q", guest, got, want)
		}
	}
}

// TestNamespace adds two wheels to one namespace package, and one that has its __init__.py.
func TestNamespace(t *testing.T) {
	f, err := Open(folderOf(t, map[string]string{
		"a-1-py3-none-any.whl": "ns/a/__init__.py\nns/a/data.csv", "b-1-py3-none-any.whl": "ns/b.py\nns/deep/er/c.py", "c-1-py3-none-any.whl": "other.py\nns/__init__.py",
	}), library)
	if err != nil {
		t.Fatal(err)
	}
	resources := map[string][]byte{"m:json": []byte("P")}
	var imports []string
	for _, w := range f.Used() {
		imports = append(imports, w.Imports()...)
	}
	if got := strings.Join(imports, " "); got != "ns.a ns.b ns.deep.er.c ns other" {
		t.Errorf("imports %q", got)
	}
	Add(resources, f.Used())
	for name, want := range map[string]string{
		"m:ns": "p# c-1-py3-none-any.whl", "m:ns.a": "p# a-1-py3-none-any.whl", "m:ns.b": "m# b-1-py3-none-any.whl", "m:ns.deep": "p", "m:ns.deep.er": "p",
		"f:/lib/ns/a/data.csv": "# a-1-py3-none-any.whl", "m:json": "P",
	} {
		if got := string(resources[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
