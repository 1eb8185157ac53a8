package guest

import (
	"context"
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

// What an archive may try: it is a program that runs when it is loaded. Each is loaded in a cell with small limits, every slot is compared with
// its image afterwards, and a probe must find an untouched interpreter.

var smallEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	return runtime.New(context.Background(), runtime.Config{
		Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Verify: true, TemplateMemory: 64 << 20,
		Limits: runtime.Limits{Timeout: time.Second, Memory: 256 << 20, Output: 8 << 20},
	})
})

// calling is a pickle that calls module.name with text arguments when it is loaded.
func calling(module, name string, args ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "c%s\n%s\n(", module, name)
	for _, a := range args {
		fmt.Fprintf(&b, "V%s\n", a)
	}
	b.WriteString("tR.")
	return []byte(b.String())
}

// executing is a pickle that executes Python when it is loaded.
func executing(code string) []byte {
	return calling("builtins", "exec", strings.NewReplacer("\\", "\\u005c", "\n", "\\u000a").Replace(code))
}

func TestHostileArchives(t *testing.T) {
	e, err := smallEngine()
	if err != nil {
		t.Fatal(err)
	}
	probe := modelOfSource("probe", "import builtins, json\ndef f(x):\n    return [sum(x), json.dumps({'a': 1}), len.__name__, sorted(n for n in vars(builtins) if n.startswith('evil'))]")
	for _, c := range []struct {
		name string
		code []byte
		want string // of the error's text
	}{
		{"os.system", calling("os", "system", "id"), "OSError"},
		{"posix.system", calling("posix", "system", "id"), "AttributeError"},
		{"subprocess", calling("subprocess", "check_output", "id"), "OSError"},
		{"open", calling("builtins", "open", "/etc/passwd"), "FileNotFoundError"},
		{"io.open", calling("io", "FileIO", "/etc/passwd"), "FileNotFoundError"},
		{"write", calling("builtins", "open", "/lib/json/__init__.py", "w"), "Error"},
		{"socket", executing("import socket\nsocket.create_connection(('127.0.0.1', 9004))"), "network is not available"},
		{"urllib", calling("urllib.request", "urlopen", "http://127.0.0.1/"), "URLError"},
		{"ctypes", calling("ctypes", "CDLL", "libc.so.6"), "OSError"},
		{"fork", calling("os", "fork"), "AttributeError"},
		{"exit", calling("sys", "exit", "3"), "SystemExit"},
		{"os._exit", executing("import os\nos._exit(0)"), "SystemExit"},
		{"abort", calling("os", "abort"), "cell crashed"},
		{"loop", executing("while True: pass"), "time limit"},
		{"loop that swallows", executing("while True:\n    try:\n        while True: pass\n    except BaseException: pass"), "time limit"},
		{"swallow once", executing("try:\n    while True: pass\nexcept BaseException: pass"), "time limit"},
		{"sleep", executing("import time\ntime.sleep(1e9)"), "time limit"},
		{"memory", executing("x = []\nwhile True: x.append(bytearray(10**7))"), "MemoryError"},
		{"one big object", []byte("\x80\x04\x8e\xff\xff\xff\x7f\x00\x00\x00\x00."), "Error"},
		{"a promise of 2^63 bytes", []byte("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."), "Error"},
		{"a frame of 2^40 bytes", []byte("\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00."), "Error"},
		{"memo at 2^31", []byte("\x80\x04Nr\xff\xff\xff\x7f."), "Error"},
		{"a long of 2^31 bytes", []byte("\x80\x04\x8b\xff\xff\xff\x7f."), "Error"},
		{"deep tuples", append(append([]byte("\x80\x04N"), []byte(strings.Repeat("\x85", 1_000_000))...), '.'), ""},
		{"deep lists", append([]byte(strings.Repeat("]", 500_000)), []byte(strings.Repeat("a", 499_999)+".")...), ""},
		{"recursion", executing("global f\ndef f(): return f()\nf()"), "RecursionError"},
		{"deep repr", executing("x = []\nfor i in range(10**6): x = [x]\nrepr(x)"), ""},
		{"code object", executing("import types\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes(range(256)) * 100, co_stacksize=0)\nf()"), ""},
		{"marshal", executing("import marshal\nmarshal.loads(b'c' + b'\\xff' * 1000)"), ""},
		{"segmentation fault", executing("import faulthandler\nfaulthandler._sigsegv()"), ""},
		{"forged reply", executing("import _tabcell\n_tabcell.reply(0, {'function': 'f' * 10**5, 'docstring': 7}, None)\n_tabcell.reply(77, 'x', None)"), "Error"},
		{"load in a load", executing("import tabcell_guest.model as m\nm.load()"), ""},
		{"services in a load", executing("import tabpy\nassert 'UnknownURI' in tabpy.query('x').values()\nraise KeyError('none')"), "KeyError : 'none'"},
		{"output flood", executing("while True: print('x' * 10**6)"), "time limit"},
		{"reply flood", executing("import _tabcell\n_tabcell.reply(0, 'x' * 10**8, None)"), "exceeded its size limit"},
		{"change builtins", executing("import builtins, json\nbuiltins.evil = 1\nbuiltins.len = None\njson.dumps = None\nraise ValueError"), "cell crashed"},
		{"evil text of an exception", executing("class E(Exception):\n    def __str__(self): raise self\nraise E"), "failed with E"},
		{"huge text of an exception", executing("raise ValueError('x' * 10**7)"), "characters)"},
		{"SystemExit in __str__", executing("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E"), "SystemExit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := e.LoadModel(t.Context(), modelOfArchive("x", c.code))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%.300v, want %s", err, c.want)
			}
			if got, want := queried(t, e, probe, `{"data": [[1, 2]]}`), `[3, "{\"a\": 1}", "len", []]`; got != want {
				t.Errorf("afterwards: %s, want %s", got, want)
			}
			if r, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(`{"data": {}, "script": "return len([1])"}`)}); err != nil || string(r.Body) != "1" {
				t.Errorf("afterwards: %s, %v", r.Body, err)
			}
		})
	}
	if n := e.Stats().DiscardedSlots; n != 0 {
		t.Errorf("%d slots were not the image again", n)
	}
}

// TestHostileModels load well and turn bad in the query.
func TestHostileModels(t *testing.T) {
	e, err := smallEngine()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, source, want string }{
		{"loop", "def f():\n    while True: pass", "time limit"},
		{"swallow", "def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass", "time limit"},
		{"memory", "def f():\n    x = []\n    while True: x.append(bytearray(10**6))", "MemoryError"},
		{"recursion", "def f():\n    return f()", "RecursionError"},
		{"files", "def f():\n    return open('/etc/passwd').read()", "FileNotFoundError"},
		{"exit", "def f():\n    import os\n    os._exit(1)", "SystemExit"},
		{"answer", "def f():\n    return 'x' * 10**7", "exceeded its size limit"},
		{"repr of the answer", "class E:\n    def __str__(self): raise KeyError('no')\ndef f():\n    return E()", "KeyError : 'no'"},
		{"the bridge's own functions", "import tabcell_guest.model as m, tabcell_guest.evaluate as e\nm._answer = e.reply_fault = e.flush = None\ndef f():\n    return 1", "cell crashed"},
		{"its own reply", "import _tabcell\ndef f():\n    _tabcell.reply(0, 'forged', None)\n    return 'mine'", `"mine"`},
		{"a kind that there is not", "import _tabcell\ndef f():\n    _tabcell.reply(200, {}, None)\n    import os\n    os._exit(0)", "SystemExit"},
		{"random generator taken away", "import numpy.random, random, gc\nnumpy.random.set_bit_generator(numpy.random.PCG64())\ndel random._inst\ngc.collect()\nx = [bytes(range(256)) * 10 for i in range(10000)]\n" +
			"def f():\n    return all(b == bytes(range(256)) * 10 for b in x)", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := queried(t, e, modelOfSource(c.name, c.source), `{"data": []}`); !strings.Contains(got, c.want) {
				t.Errorf("%.300s, want %s", got, c.want)
			}
		})
	}
	if n := e.Stats().DiscardedSlots; n != 0 {
		t.Errorf("%d slots were not the image again", n)
	}
}

// TestModelsDoNotSeeEachOther: what one leaves in modules, files or memory is not there for another, nor for scripts, nor for its own next query.
func TestModelsDoNotSeeEachOther(t *testing.T) {
	e := harness.Core(t)
	mark := modelOfSource("mark", "import builtins, json, sys\nbuiltins.secret = json.secret = 'mine'\nsys.modules['secret'] = json\n"+
		"def f(n):\n    json.queries = getattr(json, 'queries', 0) + n\n    return [json.queries, secret]")
	look := "import builtins, json, sys, gc\n%sreturn [hasattr(builtins, 'secret'), hasattr(json, 'secret'), 'secret' in sys.modules, 'deployed_model' in sys.modules, " +
		"any(o == 'mine' for o in gc.get_objects() if type(o) is str)]"
	for range 3 {
		if got := queried(t, e, mark, `{"data": [1]}`); got != `[1, "mine"]` {
			t.Errorf("its own queries: %s", got)
		}
		other := modelOfSource("look", fmt.Sprintf("import builtins, json, sys, gc\ndef f():\n    %s", strings.ReplaceAll(fmt.Sprintf(look, ""), "\n", "\n    ")))
		if got := queried(t, e, other, `{"data": []}`); got != "[false, false, false, true, false]" {
			t.Errorf("another model sees %s", got)
		}
		s := newSmallServer(e)
		if got := s.script(t, e, fmt.Sprintf(look, "")); got != "[false, false, false, false, false]" {
			t.Errorf("a script sees %s", got)
		}
	}
}

// TestHugeModel: what does not fit the budget is refused, and says so.
func TestHugeModel(t *testing.T) {
	e, err := smallEngine()
	if err != nil {
		t.Fatal(err)
	}
	var told *runtime.ModelError
	if _, err := e.LoadModel(t.Context(), modelOfSource("huge", "x = bytes(range(256)) * 400_000\ndef f():\n    return 1")); !errors.As(err, &told) || !strings.Contains(told.Text, "(64 MB, TABCELL_MODELS_TEMPLATES_MB)") {
		t.Errorf("%v", err)
	}
	m := modelOfSource("large", "import numpy\nx = numpy.arange(2_000_000)\ndef f():\n    return int(x.sum())")
	if got := queried(t, e, m, `{"data": []}`); got != "1999999000000" {
		t.Error(got)
	}
}
