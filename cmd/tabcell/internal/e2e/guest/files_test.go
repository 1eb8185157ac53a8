package guest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// evaluateText returns the result of a script as text, or its error.
func evaluateText(t *testing.T, e runtime.Evaluator, script string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"script": script, "data": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: body})
	if err != nil {
		return err.Error()
	}
	return string(r.Body)
}

// TestScratchFiles runs the scripts of testdata/files.txt, whose results native Python gave, in
// both guests.
func TestScratchFiles(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "files.txt"))
	if err != nil {
		t.Fatal(err)
	}
	engines := map[string]*runtime.Engine{"core": harness.Core(t)}
	if !testing.Short() {
		engines["full"] = harness.Full(t)
	}
	for _, block := range strings.Split(string(text), "\n# ")[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		script, want, ok := strings.Cut(rest, "\n=> ")
		if !ok {
			t.Fatalf("%s has no result", name)
		}
		for guest, e := range engines {
			t.Run(guest+"/"+name, func(t *testing.T) { checkJSON(t, evaluateText(t, e, script), want) })
		}
	}
}

// checkJSON compares a result with the expected one, both as JSON.
func checkJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b any
	if json.Unmarshal([]byte(got), &a) != nil || json.Unmarshal([]byte(want), &b) != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("got  %.2000s\nwant %.2000s", got, want)
	}
}

// TestLibraryFiles looks at the library as at a folder of files: all functions agree.
func TestLibraryFiles(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"listing", "import os\nreturn [os.listdir('/'), 'pandas' in os.listdir('/lib'), sorted(os.listdir('/lib/json')), sorted(e.name for e in os.scandir('/lib/json') if e.is_file())]",
			`[["lib", "dev", "tmp"], true, ["__init__.py", "decoder.py", "encoder.py", "scanner.py", "tool.py"], ["__init__.py", "decoder.py", "encoder.py", "scanner.py", "tool.py"]]`},
		{"every file", "import os\nfiles = folders = 0\nfor d, ds, fs in os.walk('/lib'):\n    folders += len(ds)\n    for f in fs:\n        p = d + '/' + f\n" +
			"        assert os.path.isfile(p) and os.path.exists(p) and not os.path.isdir(p) and os.stat(p).st_size == len(open(p, 'rb').read()), p\n        files += 1\n" +
			"    for x in ds:\n        assert os.path.isdir(d + '/' + x) and os.listdir(d + '/' + x), x\nreturn [files > 1500, folders > 100]", "[true, true]"},
		{"modules", "import sys, os, marshal, importlib.util\nout = set()\nfor m in list(sys.modules.values()):\n    f = getattr(m, '__file__', None)\n    if f and f.startswith('/lib') and not m.__name__.startswith('tabcell_guest'):\n" +
			"        data = open(f, 'rb').read()\n        out.add((data[:4] == importlib.util.MAGIC_NUMBER, type(marshal.loads(data[16:])).__name__, os.path.exists(f)))\nreturn sorted(out)", `[[true, "code", true]]`},
		{"status", "import os, stat, zipfile\ns, d = os.stat('/lib/json/__init__.py'), os.stat('/lib/json')\nreturn [stat.filemode(s.st_mode), stat.filemode(d.st_mode), " +
			"zipfile.ZipInfo.from_file('/lib/json/__init__.py').date_time[0] >= 1980, os.access('/lib/json', os.R_OK), os.access('/lib/json', os.W_OK), stat.filemode(os.stat('/tmp').st_mode), os.stat('/lib/json').st_ino == os.stat('/lib/pandas/../json/').st_ino]",
			`["-r--r--r--", "dr-xr-xr-x", true, true, false, "drwxrwxrwt", true]`},
		{"read-only", "import os, shutil\nout = []\nfor do in (lambda: open('/lib/json/__init__.py', 'w'), lambda: open('/lib/json/__init__.py', 'r+b'), lambda: open('/lib/new', 'w'), lambda: os.mkdir('/lib/new'), lambda: os.mkdir('/new'),\n" +
			"        lambda: os.remove('/lib/json/__init__.py'), lambda: os.rmdir('/lib/json'), lambda: os.rename('/lib/json', '/tmp/json'), lambda: os.utime('/lib/json'), lambda: os.truncate('/lib/json/__init__.py', 0),\n" +
			"        lambda: open('/lib/json/a/b', 'w'), lambda: os.mkdir('/lib/json'), lambda: os.remove('/lib/none'), lambda: os.listdir('/lib/json/__init__.py'), lambda: open('/dev/x', 'w')):\n" +
			"    try:\n        do()\n        out.append('done')\n    except OSError as e:\n        out.append(e.strerror + ' ' + str(e.filename))\nreturn out",
			`["Read-only file system /lib/json/__init__.py", "Read-only file system /lib/json/__init__.py", "Read-only file system /lib/new", "Read-only file system /lib/new", "Read-only file system /new",
"Read-only file system /lib/json/__init__.py", "Read-only file system /lib/json", "Read-only file system /lib/json", "Read-only file system /lib/json", "Read-only file system /lib/json/__init__.py",
"No such file or directory /lib/json/a/b", "File exists /lib/json", "No such file or directory /lib/none", "Not a directory /lib/json/__init__.py", "Read-only file system /dev/x"]`},
		{"packages", "import pandas, pkgutil, importlib.resources as r, os, glob\nfrom pathlib import Path\nfiles = r.files('tzdata.zoneinfo')\n" +
			"return [pandas.__file__, [m.name for m in pkgutil.iter_modules(pandas.__path__)][:4], len(list(r.files('pandas').iterdir())) == len(os.listdir('/lib/pandas')), (files / 'Europe/Berlin').is_file(), (files / 'UTC').read_bytes()[:4].decode(),\n" +
			"    (files / 'none').exists(), pkgutil.get_data('tzdata', 'zones')[:6].decode(), Path(pandas.__file__).parent.is_dir(), glob.glob('/lib/tzdata/zon*s'), sorted(p.name for p in Path('/lib/tzdata').glob('*.py')), str(r.files('tzdata'))]",
			`["/lib/pandas/__init__.py", ["_config", "_libs", "_testing", "_typing"], true, true, "TZif", false, "Africa", true, ["/lib/tzdata/zones"], ["__init__.py"], "/lib/tzdata"]`},
		{"metadata", "import importlib.metadata as m\nout = [m.version('pandas'), m.version('NumPy'), m.metadata('pandas')['Name'], sorted({d.name for d in m.distributions()} & {'cloudpickle', 'numpy', 'pandas', 'python-dateutil', 'requests', 'scipy', 'tzdata'}), [r for r in m.requires('pandas') if 'extra' not in r],\n" +
			"    [e.value for e in m.entry_points(group='array_api')], m.packages_distributions()['dateutil']]\ntry:\n    m.version('none')\nexcept m.PackageNotFoundError as e:\n    out.append(str(e))\nreturn out",
			`["3.1.1", "2.5.5", "pandas", ["cloudpickle", "numpy", "pandas", "python-dateutil", "requests", "tzdata"], ["numpy>=2.0.2; python_version < \"3.14\"", "numpy>=2.3.3; python_version >= \"3.14\"", "python-dateutil>=2.9.0", "tzdata; sys_platform == \"win32\"", "tzdata; sys_platform == \"emscripten\""], ["numpy"], ["python-dateutil"], "No package metadata was found for none"]`},
		{"no source", "import inspect, pandas\ntry:\n    return inspect.getsource(pandas.DataFrame)\nexcept OSError as e:\n    return type(e).__name__", `"OSError"`},
		{"script", "import os, sys\nfrom pathlib import Path\n(Path(__file__).parent / 'x').write_text('1')\nreturn [__file__, os.getcwd(), sys.path, os.listdir(Path(__file__).parent)]", `["/tmp/script.py", "/tmp", ["/lib"], ["x"]]`},
		{"host", "import os\nreturn [os.path.exists(p) for p in ('/etc', '/etc/passwd', '/proc', '/home', '/root', '/usr', '/dev/zero', '/sys', '/lib/../etc/passwd', '/lib/x86_64-linux-gnu', '../etc/passwd', '/tmp/../../etc')]",
			"[false, false, false, false, false, false, false, false, false, false, false, false]"},
	} {
		t.Run(c.name, func(t *testing.T) { checkJSON(t, evaluateText(t, harness.Core(t), c.script), c.want) })
	}
}

// TestFileLimits checks that each limit is an error that the script can catch, and that it can run
// on afterwards.
func TestFileLimits(t *testing.T) {
	e := harness.Must(t, patientEngine)
	for _, c := range []struct{ name, script, want string }{
		{"memory", "import os\nout = []\nfor i in range(3):\n    try:\n        with open('big', 'wb') as f:\n            while True:\n                f.write(b'x' * 10**6)\n    except OSError as e:\n        out.append(e.strerror[:23])\n" +
			"    try:\n        f.close()\n    except OSError:\n        pass\n    out.append(os.path.getsize('big') > 50 * 10**6)\n    os.remove('big')\nreturn out",
			`["No space left on device", true, "No space left on device", true, "No space left on device", true]`},
		{"memory with small writes", "try:\n    with open('big', 'ab', buffering=0) as f:\n        while True:\n            f.write(b'x' * 60000)\nexcept OSError as e:\n    return e.strerror", `"No space left on device`},
		{"memory in many files", "n = 0\ntry:\n    while True:\n        with open(f'f{n}', 'wb', buffering=0) as f:\n            f.write(b'x' * 10**6)\n            n += 1\nexcept OSError as e:\n    return [e.strerror[:23], 50 < n < 300]", `["No space left on device", true]`},
		{"files", "import os\nn = 0\ntry:\n    while True:\n        open(f'f{n}', 'x').close()\n        n += 1\nexcept OSError as e:\n    out = [n, e.strerror, e.filename, len(os.listdir())]\nos.remove('f7')\nopen('again', 'x').close()\nreturn out", `[1000, "No space left on device`},
		{"folders", "import os\nn = 0\ntry:\n    while True:\n        os.mkdir(f'f{n}')\n        n += 1\nexcept OSError as e:\n    return [n, e.strerror]", `[1000, "No space left on device`},
		{"removed files that are open", "import os\nfiles = []\ntry:\n    while True:\n        files.append(open('x', 'x'))\n        os.remove('x')\nexcept OSError as e:\n    return [len(files), e.strerror]", `[252, "`},
		{"open files", "files = []\nopen('x', 'w').close()\ntry:\n    while True:\n        files.append(open('x'))\nexcept OSError as e:\n    out = [len(files), type(e).__name__]\nfor f in files:\n    f.close()\nreturn out + [open('x').read()]", `[252, "OSError", ""]`},
		{"size", "out = []\nf = open('x', 'wb+')\nfor do in (lambda: f.truncate(2**31), lambda: f.truncate(2**63 - 1), lambda: (f.seek(2**40), f.write(b'x'), f.flush())):\n    try:\n        do()\n    except OSError as e:\n        out.append(e.strerror)\n" +
			"f = open('y', 'wb+')\nf.truncate(2**31 - 1)\nf.seek(-3, 2)\nreturn out + [f.read().hex(), f.tell()]", `["File too large", "File too large", "File too large", "000000", 2147483647]`},
		{"depth", "import os\nn = 0\ntry:\n    while True:\n        os.mkdir('d')\n        os.chdir('d')\n        n += 1\nexcept OSError as e:\n    return [n, e.strerror]", `[1000, "No space left on device`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := evaluateText(t, e, c.script); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %.500s, want %s", got, c.want)
			}
		})
	}
	expectNoDiscards(t)
}

// TestFilesAreGone checks that a file disappears with its cell.
func TestFilesAreGone(t *testing.T) {
	e := harness.Core(t)
	const script = "import os\nbefore = os.listdir('/tmp')\nopen('secret', 'w').write('x' * 100000)\nkept = open('secret')\nreturn before"
	for range 5 {
		checkJSON(t, evaluateText(t, e, script), "[]")
	}
}

// TestFilesOfModels checks that a query sees the files that its model wrote when it was loaded, and
// none of another query.
func TestFilesOfModels(t *testing.T) {
	e := harness.Core(t)
	m := modelOfSource("files", "import os\nfrom pathlib import Path\nPath(__file__).with_name('loaded').write_text('by the model')\nf = open('/tmp/log', 'a+')\n"+
		"def f_(x):\n    f.write(x)\n    f.flush()\n    out = [sorted(os.listdir('/tmp')), open('/tmp/loaded').read(), open('/tmp/log').read()]\n    open('/tmp/' + x, 'w').close()\n    os.remove('/tmp/loaded')\n    return out")
	for i := range 4 {
		want := fmt.Sprintf(`[["loaded", "log"], "by the model", "q%d"]`, i)
		checkJSON(t, query(t, e, m, fmt.Sprintf(`{"data": ["q%d"]}`, i)), want)
	}
	checkJSON(t, evaluateText(t, e, "import os\nreturn os.listdir('/tmp')"), "[]")
}
