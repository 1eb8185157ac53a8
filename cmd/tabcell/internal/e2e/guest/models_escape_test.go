package guest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// An archive is a program that runs when it is loaded. The tests load hostile ones in cells with
// small limits. The engine compares each slot with its image afterwards, and a probe must find an
// untouched interpreter.

// Models that run until their time limit use strictEngine, whose limit is short. All others use
// patientEngine, because on a busy machine they may take longer than any short limit.
var (
	strictEngine  = sync.OnceValues(func() (*runtime.Engine, error) { return startSmall(time.Second) })
	patientEngine = sync.OnceValues(func() (*runtime.Engine, error) { return startSmall(testenv.Scaled(time.Minute)) })
)

// timeLimit is part of the error text of a model that was interrupted at its time limit.
const timeLimit = "time limit"

// smallEngine returns the engine for a model whose error text should contain want.
func smallEngine(t *testing.T, want string) *runtime.Engine {
	t.Helper()
	if want == timeLimit {
		return harness.Must(t, strictEngine)
	}
	return harness.Must(t, patientEngine)
}

func startSmall(timeout time.Duration) (*runtime.Engine, error) {
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	return harness.StartEngine(runtime.Config{
		Guest: runtime.Guest(guest), Verify: true, TemplateMemory: 64 << 20,
		Limits: runtime.Limits{Timeout: timeout, Memory: 256 << 20, Output: 8 << 20},
	})
}

// expectNoDiscards checks that no slot of the small engines differed from its image after a call.
func expectNoDiscards(t *testing.T) {
	t.Helper()
	for _, start := range []func() (*runtime.Engine, error){strictEngine, patientEngine} {
		if n := harness.Must(t, start).Stats().DiscardedSlots; n != 0 {
			t.Errorf("%d slots differed from their image after a call", n)
		}
	}
}

// callPickle returns a pickle that calls module.name with string arguments when it is loaded.
func callPickle(module, name string, args ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "c%s\n%s\n(", module, name)
	for _, a := range args {
		fmt.Fprintf(&b, "V%s\n", a)
	}
	b.WriteString("tR.")
	return []byte(b.String())
}

// codePickle returns a pickle that executes Python code when it is loaded.
func codePickle(code string) []byte {
	return callPickle("builtins", "exec", strings.NewReplacer("\\", "\\u005c", "\n", "\\u000a").Replace(code))
}

// TestHostileArchives loads archives that attack when they are loaded.
func TestHostileArchives(t *testing.T) {
	probe := modelOfSource("probe", "import builtins, json\ndef f(x):\n    return [sum(x), json.dumps({'a': 1}), len.__name__, sorted(n for n in vars(builtins) if n.startswith('evil'))]")
	for _, c := range []struct {
		name string
		code []byte
		want string // part of the error text
	}{
		{"os.system", callPickle("os", "system", "id"), "OSError"},
		{"posix.system", callPickle("posix", "system", "id"), "AttributeError"},
		{"subprocess", callPickle("subprocess", "check_output", "id"), "OSError"},
		{"open", callPickle("builtins", "open", "/etc/passwd"), "no grant of this server allows reading"},
		{"io.open", callPickle("io", "FileIO", "/etc/passwd"), "no grant of this server allows reading"},
		{"write", callPickle("builtins", "open", "/lib/json/__init__.py", "w"), "Error"},
		{"socket", codePickle("import socket\nsocket.create_connection(('127.0.0.1', 9004))"), "no grant of this server allows a connection"},
		{"urllib", callPickle("urllib.request", "urlopen", "http://127.0.0.1/"), "URLError"},
		{"ctypes", callPickle("ctypes", "CDLL", "libc.so.6"), "OSError"},
		{"fork", callPickle("os", "fork"), "AttributeError"},
		{"exit", callPickle("sys", "exit", "3"), "SystemExit"},
		{"os._exit", codePickle("import os\nos._exit(0)"), "SystemExit"},
		{"abort", callPickle("os", "abort"), "cell crashed"},
		{"loop", codePickle("while True: pass"), timeLimit},
		{"loop that catches everything", codePickle("while True:\n    try:\n        while True: pass\n    except BaseException: pass"), timeLimit},
		{"catch once", codePickle("try:\n    while True: pass\nexcept BaseException: pass"), timeLimit},
		{"sleep", codePickle("import time\ntime.sleep(1e9)"), timeLimit},
		{"memory", codePickle("x = []\nwhile True: x.append(bytearray(10**7))"), "MemoryError"},
		{"announced 2^31 bytes", []byte("\x80\x04\x8e\xff\xff\xff\x7f\x00\x00\x00\x00."), "Error"},
		{"announced 2^63 bytes", []byte("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."), "Error"},
		{"announced frame of 2^40 bytes", []byte("\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00."), "Error"},
		{"memo at 2^31", []byte("\x80\x04Nr\xff\xff\xff\x7f."), "Error"},
		{"announced integer of 2^31 bytes", []byte("\x80\x04\x8b\xff\xff\xff\x7f."), "Error"},
		{"deep tuples", append(append([]byte("\x80\x04N"), []byte(strings.Repeat("\x85", 1_000_000))...), '.'), ""},
		{"deep lists", append([]byte(strings.Repeat("]", 500_000)), []byte(strings.Repeat("a", 499_999)+".")...), ""},
		{"recursion", codePickle("global f\ndef f(): return f()\nf()"), "RecursionError"},
		{"deep repr", codePickle("x = []\nfor i in range(10**6): x = [x]\nrepr(x)"), ""},
		{"code object", codePickle("import types\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes(range(256)) * 100, co_stacksize=0)\nf()"), ""},
		{"marshal", codePickle("import marshal\nmarshal.loads(b'c' + b'\\xff' * 1000)"), ""},
		{"segmentation fault", codePickle("import faulthandler\nfaulthandler._sigsegv()"), ""},
		{"forged reply", codePickle("import _tabcell\n_tabcell.reply(0, {'function': 'f' * 10**5, 'docstring': 7}, None)\n_tabcell.reply(77, 'x', None)"), "Error"},
		{"nested load", codePickle("import tabcell_guest.model as m\nm.load()"), ""},
		{"services during a load", codePickle("import tabpy\nassert 'UnknownURI' in tabpy.query('x').values()\nraise KeyError('none')"), "KeyError : 'none'"},
		{"output flood", codePickle("while True: print('x' * 10**6)"), timeLimit},
		{"reply flood", codePickle("import _tabcell\n_tabcell.reply(0, 'x' * 10**8, None)"), "exceeded its size limit"},
		{"change builtins", codePickle("import builtins, json\nbuiltins.evil = 1\nbuiltins.len = None\njson.dumps = None\nraise ValueError"), "cell crashed"},
		{"exception text that raises", codePickle("class E(Exception):\n    def __str__(self): raise self\nraise E"), "failed with E"},
		{"huge exception text", codePickle("raise ValueError('x' * 10**7)"), "characters)"},
		{"SystemExit in __str__", codePickle("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E"), "SystemExit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := smallEngine(t, c.want).LoadModel(t.Context(), modelOfArchive("x", c.code))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%.300v, want %s", err, c.want)
			}
			e := harness.Must(t, patientEngine)
			if got, want := query(t, e, probe, `{"data": [[1, 2]]}`), `[3, "{\"a\": 1}", "len", []]`; got != want {
				t.Errorf("the probe afterwards: %s, want %s", got, want)
			}
			if r, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(`{"data": {}, "script": "return len([1])"}`)}); err != nil || string(r.Body) != "1" {
				t.Errorf("a script afterwards: %s, %v", r.Body, err)
			}
		})
	}
	expectNoDiscards(t)
}

// TestHostileModels queries models that load without an error and attack in the query.
func TestHostileModels(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"loop", "def f():\n    while True: pass", timeLimit},
		{"catch everything", "def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass", timeLimit},
		{"memory", "def f():\n    x = []\n    while True: x.append(bytearray(10**6))", "MemoryError"},
		{"recursion", "def f():\n    return f()", "RecursionError"},
		{"files", "def f():\n    return open('/etc/passwd').read()", "no grant of this server allows reading"},
		{"exit", "def f():\n    import os\n    os._exit(1)", "SystemExit"},
		{"large result", "def f():\n    return 'x' * 10**7", "exceeded its size limit"},
		{"result that raises", "class E:\n    def __str__(self): raise KeyError('no')\ndef f():\n    return E()", "KeyError : 'no'"},
		{"replaced bridge functions", "import tabcell_guest.model as m, tabcell_guest.evaluate as e\nm._respond = e.reply_error = e.flush = None\ndef f():\n    return 1", "cell crashed"},
		{"forged reply", "import _tabcell\ndef f():\n    _tabcell.reply(0, 'forged', None)\n    return 'mine'", `"mine"`},
		{"reply of an unknown kind", "import _tabcell\ndef f():\n    _tabcell.reply(200, {}, None)\n    import os\n    os._exit(0)", "SystemExit"},
		{"deleted random generator", "import numpy.random, random, gc\nnumpy.random.set_bit_generator(numpy.random.PCG64())\ndel random._inst\ngc.collect()\nx = [bytes(range(256)) * 10 for i in range(10000)]\n" +
			"def f():\n    return all(b == bytes(range(256)) * 10 for b in x)", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := query(t, smallEngine(t, c.want), modelOfSource(c.name, c.source), `{"data": []}`); !strings.Contains(got, c.want) {
				t.Errorf("%.300s, want %s", got, c.want)
			}
		})
	}
	expectNoDiscards(t)
}

// TestModelsAreIsolated checks that the state which a model leaves in modules and memory reaches
// neither other models, nor scripts, nor its own next query.
func TestModelsAreIsolated(t *testing.T) {
	e := harness.Core(t)
	mark := modelOfSource("mark", "import builtins, json, sys\nbuiltins.secret = json.secret = 'mine'\nsys.modules['secret'] = json\n"+
		"def f(n):\n    json.queries = getattr(json, 'queries', 0) + n\n    return [json.queries, secret]")
	observe := "import builtins, json, sys, gc\n%sreturn [hasattr(builtins, 'secret'), hasattr(json, 'secret'), 'secret' in sys.modules, 'deployed_model' in sys.modules, " +
		"any(o == 'mine' for o in gc.get_objects() if type(o) is str)]"
	for range 3 {
		if got := query(t, e, mark, `{"data": [1]}`); got != `[1, "mine"]` {
			t.Errorf("the model's own query returned %s", got)
		}
		other := modelOfSource("observe", fmt.Sprintf("import builtins, json, sys, gc\ndef f():\n    %s", strings.ReplaceAll(fmt.Sprintf(observe, ""), "\n", "\n    ")))
		if got := query(t, e, other, `{"data": []}`); got != "[false, false, false, true, false]" {
			t.Errorf("another model sees %s", got)
		}
		s := newModelServer(e)
		if got := s.script(t, e, fmt.Sprintf(observe, "")); got != "[false, false, false, false, false]" {
			t.Errorf("a script sees %s", got)
		}
	}
}

// TestHugeModel checks that a model larger than the budget of templates is refused with an error
// that names the setting.
func TestHugeModel(t *testing.T) {
	e := harness.Must(t, patientEngine)
	huge := modelOfSource("huge", "x = bytes(range(256)) * 400_000\ndef f():\n    return 1")
	var modelErr *runtime.ModelError
	_, err := e.LoadModel(t.Context(), huge)
	if want := "(64 MB, TABCELL_MODELS_TEMPLATES_MB)"; !errors.As(err, &modelErr) || !strings.Contains(modelErr.Text, want) {
		t.Errorf("%v, want an error with %s", err, want)
	}
	m := modelOfSource("large", "import numpy\nx = numpy.arange(2_000_000)\ndef f():\n    return int(x.sum())")
	if got := query(t, e, m, `{"data": []}`); got != "1999999000000" {
		t.Error(got)
	}
}
