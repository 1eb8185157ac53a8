//go:build upstream

package upstream

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// cpythonModules lists test modules of the parts that the patches change: the evaluation loop, the
// allocator, integers and floats, the other types whose objects the patches create and free, dates,
// and the modules whose libraries are built for the guest.
var cpythonModules = strings.Fields(`
	array augassign bigaddrspace binop bool builtin call collections coroutines compare complex contains context csv datetime decorators defaultdict deque descr dict
	dictcomps dictviews dynamic dynamicclassattribute enumerate eof except_star exceptions extcall float flufl format fractions frame fstring funcattrs
	gc generator_stop generators genexps global grammar hash heapq hmac int int_literal isinstance iter itertools keywordonlyarg list listcomps long lzma
	json.test_decode json.test_dump json.test_encode_basestring_ascii json.test_enum json.test_fail json.test_float json.test_indent json.test_pass1
	json.test_recursion json.test_scanstring json.test_separators json.test_speedups json.test_unicode math memoryio memoryview metaclass named_expressions numeric_tower opcodes operator patma peepholer positional_only_arg pow print property raise random
	range re richcmp scope set slice sort
	sqlite3.test_backup sqlite3.test_dbapi sqlite3.test_dump sqlite3.test_factory sqlite3.test_hooks sqlite3.test_regression sqlite3.test_transactions sqlite3.test_types
	sqlite3.test_userfunctions statistics strftime string string_literals strptime strtod struct subclassinit super syntax time tuple type_annotations type_params typechecks
	str unary unpack unpack_ex userdict userlist userstring utf8_mode weakref weakset with yield_from`)

// cpythonRunner is a script that runs the test module _arg1.
const cpythonRunner = `
import io, platform, sys, types, unittest
platform.libc_ver = lambda *arguments: ("", "")  # it reads the interpreter's executable
try:
    suite = unittest.defaultTestLoader.loadTestsFromName(_arg1)
except BaseException as e:
    return {"error": "%s: %s" % (type(e).__name__, e)}
out = io.StringIO()
result = unittest.TextTestRunner(stream=out, verbosity=0).run(suite)
def brief(pairs): return [[t.id(), text.strip().splitlines()[-1][:200]] for t, text in pairs]
return {"ran": result.testsRun, "skipped": len(result.skipped), "failures": brief(result.failures), "errors": brief(result.errors)}
`

// cpythonResult is the response of cpythonRunner. Error is set if the module could not be loaded.
type cpythonResult struct {
	Ran, Skipped     int
	Failures, Errors [][2]string
	Error            string
}

// TestCPython runs CPython's tests of the parts that the patches change, with unittest, one cell
// per module. TABCELL_CPYTHON_TESTS names the folder Lib/test of CPython's sources, and
// TABCELL_UPSTREAM_ONLY selects modules. The results are printed; assets/build/check/CPYTHON.md
// records them.
func TestCPython(t *testing.T) {
	dir := os.Getenv("TABCELL_CPYTHON_TESTS")
	if dir == "" {
		t.Skip("set TABCELL_CPYTHON_TESTS to the folder Lib/test of CPython's sources")
	}
	e, only := cpythonEngine(t, dir), regexp.MustCompile(os.Getenv("TABCELL_UPSTREAM_ONLY"))
	var all cpythonResult
	for _, name := range slices.Compact(cpythonModules) {
		if !only.MatchString(name) {
			continue
		}
		body, err := json.Marshal(map[string]any{"script": cpythonRunner, "data": map[string]any{"_arg1": "test.test_" + name}})
		if err != nil {
			t.Fatal(err)
		}
		response, err := e.Evaluate(t.Context(), runtime.Call{Body: body})
		var r cpythonResult
		if err == nil {
			err = json.Unmarshal(response.Body, &r)
		}
		if err != nil {
			fmt.Printf("%-24s ended its cell: %.200s\n", name, err)
			continue
		}
		fmt.Printf("%-24s %4d ran, %3d skipped, %2d failed %s\n", name, r.Ran, r.Skipped, len(r.Failures)+len(r.Errors), r.Error)
		for _, failed := range slices.Concat(r.Failures, r.Errors) {
			fmt.Printf("    %s: %s\n", failed[0], failed[1])
		}
		all.Ran, all.Skipped = all.Ran+r.Ran, all.Skipped+r.Skipped
		all.Failures = slices.Concat(all.Failures, r.Failures, r.Errors)
	}
	fmt.Printf("all: %d ran, %d skipped, %d failed\n", all.Ran, all.Skipped, len(all.Failures))
}

// cpythonEngine starts an engine whose guest has the tests in dir.
func cpythonEngine(t *testing.T, dir string) *runtime.Engine {
	guest, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	err = server.AddResources(&guest, func(all map[string][]byte) error {
		for _, name := range filesBelow(t, dir, ".") {
			if strings.HasSuffix(name, ".py") && !strings.Contains(name, "bad_") || strings.HasPrefix(name, "mathdata/") {
				addFile(t, all, filepath.Join(dir, name), "test/"+name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := runtime.New(t.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Concurrency: 1,
		Limits: runtime.Limits{Timeout: 10 * time.Minute, Memory: 2047 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}
