package guest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// cachedScripts exercise the parts of compiled code that a cache could lose: constants, names, line
// numbers, indentation and docstrings.
var cachedScripts = []string{
	"return _arg1",
	"  x = _arg1\n  return [x, 1.5, -0.0, 1e400, 3j.imag, b'a'.hex(), 'é\\U0001f600', None, True, ..., (1, (2,))].__len__()",
	"'doc'\ndef f(a, *b, c=2, **d):\n  'inner'\n  return a, b, c, sorted(d), f.__doc__\nreturn f(1, 2, 3, z=4)",
	"return sorted({1, 2, 3} | {x for x in _arg2 * [1]})",
	"return [x for x in {8, 0, 16, 24}]",
	"return [1 in {1, 2}, 'b' in {'a', 'b'}]",
	"x = 1\n\n\nraise ValueError(x)",
	"\n\n  y = 2\n  z = y / 0\n  return z",
	"def g():\n  yield 1\n  yield from [2, 3]\nreturn list(g())",
	"class A:\n  b: int = 5\n  def c(self): return __class__.__name__, self.b\nreturn A().c()",
	"match _arg1:\n  case [a, *b]: return [a, b]\n  case _: return 0",
	"return f\"{_arg1!r:>20} {1 + 1}\"",
	"import sys\nreturn [sys._getframe().f_code.co_name, sys._getframe().f_code.co_filename, sys._getframe().f_lineno, sys._getframe().f_code.co_varnames]",
	"return (",
	"return 'a' 'b'\n\tx = 1",
	"# nothing",
	"return '\x00'",
	"return 'half of a character: HALF'",
	"import inspect\nreturn inspect.getsource(inspect.currentframe())",
	"x = '''a\n b'''\nreturn x",
	"from __future__ import annotations\nreturn 1",
	"try:\n  return nothing\nexcept NameError as e:\n  return [str(e), e.__traceback__.tb_lineno]",
	"global later\nlater = 1\nreturn later",
	"return [__name__, 'later' in globals(), '_user_script' in globals()]",
}

// TestCachedScriptsBehaveAlike checks that a script's result, or its error with the place in the
// script, is the same in the first call, which compiles it, and in later calls, which run cached
// code.
func TestCachedScriptsBehaveAlike(t *testing.T) {
	e := harness.Core(t)
	for i, script := range cachedScripts {
		body, err := json.Marshal(map[string]any{"script": script, "data": map[string]any{"_arg1": []any{3, "b", 1}, "_arg2": i}})
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.ReplaceAll(body, []byte("HALF"), []byte(`\ud800`)) // encoding/json cannot write a lone surrogate
		var first string
		for n := range 5 {
			r, err := e.Evaluate(t.Context(), runtime.Call{Body: body, Account: fmt.Sprint("cached ", i)})
			got := fmt.Sprintf("%s %#v", r.Body, err)
			if scriptErr, ok := err.(*runtime.ScriptError); ok {
				got = fmt.Sprintf("%+v", *scriptErr)
			}
			if n == 0 {
				first = got
			} else if got != first {
				t.Errorf("%q: call %d returned %s, the first call %s", script, n, got, first)
			}
		}
	}
}

// TestCompilerWarningsRepeat checks that a script whose compilation prints a warning prints it in
// every call.
func TestCompilerWarningsRepeat(t *testing.T) {
	e := harness.Core(t)
	for n := range 5 {
		r, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(`{"script": "return '\\d'", "data": {}}`), Account: "warned"})
		if err != nil || !bytes.Contains(r.Output, []byte("SyntaxWarning")) {
			t.Errorf("call %d: output %q, want a SyntaxWarning; %v", n, r.Output, err)
		}
	}
}

// TestCachedCodeHasNoData checks that requests with the same script see only their own data. The
// code is compiled in a cell without the request.
func TestCachedCodeHasNoData(t *testing.T) {
	e := harness.Core(t)
	const script = "default = _arg1\ndef f(x=default): return x\nreturn [f(), default]"
	for n := range 6 {
		body := fmt.Sprintf(`{"script": %q, "data": {"_arg1": "secret %d"}}`, script, n)
		r, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(body), Account: "data"})
		if want := fmt.Sprintf(`["secret %d", "secret %d"]`, n, n); err != nil || string(r.Body) != want {
			t.Errorf("%s, %v: want %s", r.Body, err, want)
		}
	}
}

// TestCachedCodeSavesCompiling checks by the guest's fuel counter that cached code is used, and
// that a script cannot get cached code itself.
func TestCachedCodeSavesCompiling(t *testing.T) {
	e := harness.Core(t)
	long := bytes.Repeat([]byte(`x = [a for a in range(3)]\n`), 200)
	body := fmt.Appendf(nil, `{"script": "%sreturn 1", "data": {}}`, long)
	var fuel [6]uint64
	for i := range fuel {
		fuel[i] = traceOf(t, e, body).Fuel
	}
	if fuel[5] > fuel[0]/2 {
		t.Errorf("the sixth call used %d fuel, more than half of the first call's %d", fuel[5], fuel[0])
	}
	getCode := `{"script": "import _tabcell\nreturn _tabcell.code(0, 'return 5') is None", "data": {}}`
	for range 4 {
		if _, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(`{"script": "return 5", "data": {}}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(getCode)}); err != nil || string(r.Body) != "true" {
		t.Errorf("a script that requests cached code: %s, %v", r.Body, err)
	}
}
