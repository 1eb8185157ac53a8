package guest

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// importModules are added to the library. Scripts that import them twice start from an image in
// which they are imported.
var importModules = map[string]string{
	"draws":  "import random, numpy\nown, seeded, rng = random.Random(), random.Random(1), numpy.random.default_rng()\nstate = []\n",
	"prints": "print('imported')\nx = 1\n",
	"fails":  "raise ValueError('not today')\n",
	"writes": "import os\nopen('/tmp/writes.txt', 'w').write('x')\nos.environ['WRITES'] = 'y'\n",
	"loops":  "while True: pass\n",
	"wants":  "import scipy.special\nvalue = float(scipy.special.gamma(5))\n",
	"needs":  "import draws, writes\n",
}

// importEngine returns an engine of the core guest with importModules.
func importEngine(t *testing.T) *runtime.Engine {
	t.Helper()
	guest, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	shared, err := guest.Resources()
	if err != nil {
		t.Fatal(err)
	}
	library := maps.Clone(shared)
	for name, source := range importModules {
		library["m:"+name] = []byte("m" + source)
		guest.OnDemand = append(guest.OnDemand, name)
	}
	guest.Resources = func() (map[string][]byte, error) { return library, nil }
	guest.LibraryDigest += " imports_test"
	e, err := harness.StartEngine(runtime.Config{Guest: runtime.Guest(guest), Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// importScripts have the same result in each call. images is the number of images after all calls.
var importScripts = []struct {
	name, script, want string
	images             int
}{
	{"requests", "import requests\nreturn [requests.codes.ok, requests.Request('GET', 'http://a/').prepare().url]", `[200, "http://a/"]`, 1},
	{"part of a package", "from requests.adapters import HTTPAdapter as A\nreturn A.__module__", `"requests.adapters"`, 2},
	{"in a function", "def f():\n    import idna\n    return idna.encode('a.b').decode()\nreturn f()", `"a.b"`, 3},
	{"seeded generator", "import draws, random, numpy\nrandom.seed(2), numpy.random.seed(2)\nreturn [draws.seeded.random() < .14, random.random() < .96, numpy.random.rand() < .44]",
		`[true, true, true]`, 4},
	{"state of a module", "import draws\ndraws.state.append(1)\nreturn draws.state", `[1]`, 4},
	{"files and variables", "import writes, os\nreturn [open('/tmp/writes.txt').read(), os.getenv('WRITES')]", `["x", "y"]`, 5},
	{"several", "import needs\nimport idna, draws\nreturn [needs.draws is draws, idna.__name__]", `[true, "idna"]`, 6},
	{"own module", "import sys\nopen('/tmp/idna.py', 'w').write('x = 1')\nsys.path.insert(0, '/tmp')\nimport idna\nreturn idna.x", `1`, 6},
	{"error", "try:\n    import fails\nexcept ValueError as e:\n    return [str(e), e.__traceback__.tb_lineno]", `["not today", 2]`, 6},
	{"output", "import prints\nreturn prints.x", `1`, 6},
	{"missing part", "try:\n    import requests.missing\nexcept ImportError as e:\n    return str(e)", `"No module named 'requests.missing'"`, 6},
}

func TestRepeatedImports(t *testing.T) {
	e := importEngine(t)
	for _, s := range importScripts {
		for i := range 4 {
			r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(s.script, "{}")})
			if err != nil || string(r.Body) != s.want {
				t.Errorf("%s, call %d: %s, want %s; error %v", s.name, i, r.Body, s.want, err)
			}
			if printed := strings.Contains(string(r.Output), "imported"); printed != (s.name == "output") {
				t.Errorf("%s, call %d printed %q", s.name, i, r.Output)
			}
		}
		if n := e.TemplateStats().Imports; n != s.images {
			t.Errorf("%s: %d images, want %d", s.name, n, s.images)
		}
	}
}

// TestImportedGenerators checks that generators without a seed draw other numbers in each call.
func TestImportedGenerators(t *testing.T) {
	e := importEngine(t)
	script := "import draws, random, numpy\nreturn [draws.own.random(), float(draws.rng.random()), random.random(), float(numpy.random.rand())]"
	drawn := map[string]bool{}
	for range 5 {
		r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
		if err != nil {
			t.Fatal(err)
		}
		for _, number := range strings.Split(strings.Trim(string(r.Body), "[]"), ", ") {
			drawn[number] = true
		}
	}
	if len(drawn) != 5*4 || e.TemplateStats().Imports != 1 {
		t.Errorf("five calls drew %d different numbers, want 20; stats %+v", len(drawn), e.TemplateStats())
	}
}

// TestImportErrors checks that an import which fails in the image fails in the script, too.
func TestImportErrors(t *testing.T) {
	e := importEngine(t)
	for i := range 3 {
		_, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest("x = 1\nimport fails", "{}")})
		failed, ok := errors.AsType[*runtime.ScriptError](err)
		if !ok || failed.Class != "ValueError" || failed.Text != "not today" || failed.Line != 2 {
			t.Errorf("call %d: error %+v", i, err)
		}
		_, err = e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest("import loops", "{}"), Limits: runtime.Limits{Timeout: time.Second}})
		if !errors.Is(err, runtime.ErrTimeout) {
			t.Errorf("call %d: error %v, want %v", i, err, runtime.ErrTimeout)
		}
	}
	if n := e.TemplateStats().Imports; n != 0 {
		t.Errorf("%d images", n)
	}
}

// TestRoutedImports checks that a script whose module imports one of the full guest goes there,
// from each of the calls that make an image.
func TestRoutedImports(t *testing.T) {
	loads := 0
	r := runtime.NewRouter(importEngine(t), assets.FullOnly(), func() (*runtime.Engine, error) { loads++; return nil, errors.New("stop here") })
	for i := range 4 {
		script := fmt.Sprintf("import wants\nreturn wants.value + %d", i) // another one each time, so that the router does not know it
		_, err := r.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
		if err == nil || !strings.Contains(err.Error(), "stop here") {
			t.Errorf("call %d: error %v", i, err)
		}
	}
	if loads != 1 {
		t.Errorf("the full guest was loaded %d times", loads)
	}
}
