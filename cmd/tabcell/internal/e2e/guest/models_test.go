package guest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// modelEngine is the part of an engine or a router that runs deployed models.
type modelEngine interface {
	LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error)
	QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error)
	ForgetModel(digest string)
}

// modelOfSource returns a model that was deployed as source text.
func modelOfSource(name, source string) runtime.Model {
	return runtime.Model{Name: name, Version: 1, Kind: runtime.ModelSource, Digest: name + "\x00" + source, Content: contentOf([]byte(source))}
}

// modelOfArchive returns a model that was deployed as an archive of TabPy's client.
func modelOfArchive(name string, archive []byte) runtime.Model {
	return runtime.Model{Name: name, Version: 1, Kind: runtime.ModelPickle, Digest: string(archive), Content: contentOf(archive)}
}

func contentOf(code []byte) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return code, nil }
}

// query returns the result of a query, or the text of its error as clients see it.
func query(t testing.TB, e modelEngine, m runtime.Model, body string) string {
	t.Helper()
	r, err := e.QueryModel(t.Context(), m, runtime.Call{Body: []byte(body)})
	if err != nil {
		var scriptErr *runtime.ScriptError
		if errors.As(err, &scriptErr) && scriptErr.Class == "" {
			return scriptErr.Text
		}
		return err.Error()
	}
	return string(r.Body)
}

// TestModelQueries runs each query twice, first with a model that is not loaded.
func TestModelQueries(t *testing.T) {
	e := harness.Core(t)
	for _, c := range []struct{ name, source, body, want string }{
		{"positional arguments", "def f(x, y):\n    return [a + b for a, b in zip(x, y)]", `{"data": [[1, 2], [3, 4]]}`, "[4, 6]"},
		{"named arguments", "def f(x, y):\n    return x - y", `{"data": {"y": 1, "x": 3}}`, "2"},
		{"method", "def f(**k):\n    return k", `{"method": "query", "data": {"a": 1}}`, `{"data": {"a": 1}, "method": "query"}`},
		{"missing argument", "def f(x, y):\n    return 1", `{"data": [1]}`, "TypeError : f() missing 1 required positional argument: 'y'"},
		{"data is a string", "def f(x):\n    return x", `{"data": "x"}`, "Query parameter needs to be a dictionary or a list. Given value is of type <class 'str'>"},
		{"data is null", "def f(x):\n    return x", `{"data": null}`, "Query parameter needs to be a dictionary or a list. Given value is of type <class 'NoneType'>"},
		{"no data", "def f(x):\n    return x", `{"x": 1}`, `RuntimeError : Input data must be a dictionary with a key called "data"`},
		{"list", "def f(x):\n    return x", `[1]`, `RuntimeError : Input data must be a dictionary`},
		{"not JSON", "def f(x):\n    return x", `x`, `JSONDecodeError : Expecting value: line 1 column 1 (char 0)`},
		{"empty", "def f(x):\n    return x", ``, `AttributeError : 'dict' object has no attribute 'decode'`},
		{"NaN in", "def f(x):\n    return x != x", `{"data": [NaN]}`, "true"},
		{"NaN out", "def f():\n    return [float('nan'), float('inf'), -float('inf'), {float('nan'): 1}]", `{"data": []}`, `[NaN, Infinity, -Infinity, {"NaN": 1}]`},
		{"set", "def f(x):\n    return {x}", `{"data": [1]}`, "TypeError : Result from object query is not json serializable: {1}"},
		{"object", "def f():\n    return [object]", `{"data": []}`, "TypeError : Result from object query is not json serializable: [<class 'object'>]"},
		{"cycle", "def f():\n    x = []\n    x.append(x)\n    return x", `{"data": []}`, "ValueError : Circular reference detected"},
		{"numpy", "import numpy as np\ndef f(x):\n    return {'a': np.array(x), 'm': np.mean(x), 's': np.float32(0.5), 'n': np.int64(3)}", `{"data": [[1, 2]]}`,
			`{"a": [1, 2], "m": 1.5, "s": 0.5, "n": 3}`},
		{"frame", "import pandas as pd\ndef f(t):\n    return pd.DataFrame(t)", `{"data": [{"k": ["a"], "v": [1.5]}]}`, `{"k": ["a"], "v": [1.5]}`},
		{"exception", "def f(x):\n    raise ValueError('no ' + str(x))", `{"data": [1]}`, "ValueError : no 1"},
		{"KeyError for response", "def f():\n    return {}['response']", `{"data": []}`, "KeyError : 'response'"},
		{"own TimeoutError", "def f():\n    raise TimeoutError('mine')", `{"data": []}`, "TimeoutError : mine"},
		{"StopIteration", "def f():\n    raise StopIteration('x')", `{"data": []}`, "StopIteration : x"},
		{"SystemExit", "def f():\n    raise SystemExit(3)", `{"data": []}`, "SystemExit : 3"},
		{"named like the endpoint", "def helper():\n    pass\ndef second():\n    return 2", `{"data": []}`, "LookupError : the source has no function 'named like the endpoint'; it has: helper, second. Name the function that the endpoint should call."},
		{"second", "def helper():\n    pass\ndef second():\n    return 2", `{"data": []}`, "2"},
		{"lambda", "f = lambda x: x * x", `{"data": [3]}`, "9"},
		{"class", "class K:\n    def __init__(self, k):\n        self.k = k\n    def __call__(self, x):\n        return x * self.k\nS = K(2)\ndef f(x):\n    return S(x)\ndel K", `{"data": [4]}`, "8"},
		{"dataclass", "from dataclasses import dataclass\n@dataclass\nclass _P:\n    x: int\ndef f(x):\n    return _P(x).x", `{"data": [4]}`, "4"},
		{"main is not run", "def f():\n    return __name__\nif __name__ == '__main__':\n    raise ValueError", `{"data": []}`, `"deployed_model"`},
		{"state", "n = [0]\ndef f():\n    n[0] += 1\n    return n[0]", `{"data": []}`, "1"},
		{"state again", "n = [0]\ndef f():\n    n[0] += 1\n    return n[0]", `{"data": []}`, "1"},
		{"BOM", "\ufeffdef f():\n    return 'é'", `{"data": []}`, `"\u00e9"`},
		{"no services", "def f():\n    return tabpy.query('x', 1)", `{"data": []}`, `{"message": "UnknownURI", "info": "Endpoint 'x' does not exist"}`},
		{"headers", "def f():\n    import tabpy\n    return tabpy.headers", `{"data": []}`, "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				if got := query(t, e, modelOfSource(c.name, c.source), c.body); got != c.want {
					t.Errorf("%s\nwant %s", got, c.want)
				}
			}
		})
	}
}

// TestInvalidModels loads models that fail when they are loaded.
func TestInvalidModels(t *testing.T) {
	e := harness.Core(t)
	for _, c := range []struct {
		name string
		m    runtime.Model
		want string
	}{
		{"syntax", modelOfSource("x", "def f(:"), "SyntaxError : invalid syntax (<string>, line 1)"},
		{"exception", modelOfSource("x", "1/0"), "ZeroDivisionError : division by zero"},
		{"exit", modelOfSource("x", "import sys\nsys.exit(3)"), "SystemExit : 3"},
		{"no function", modelOfSource("x", "a = 1"), "LookupError : the source has no function 'x'; it has: none. Name the function that the endpoint should call."},
		{"module", modelOfSource("x", "import xgboost"), "ModuleNotFoundError : No module named 'xgboost'"},
		{"not UTF-8", modelOfSource("x", "\xff"), "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"},
		{"not a pickle", modelOfArchive("x", []byte("\xff")), "UnpicklingError : invalid load key, '\\xff'."},
		{"empty", modelOfArchive("x", nil), "EOFError : Ran out of input"},
		{"no query method", modelOfArchive("x", []byte("I1\n.")), "TypeError : the archive holds an object of type int, which has no query method"},
		{"old cloudpickle", modelOfArchive("x", []byte("ccloudpickle.cloudpickle\n_fill_function\n.")), "MadeElsewhere : this archive was made by an older cloudpickle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := e.LoadModel(t.Context(), c.m)
			var modelErr *runtime.ModelError
			if !errors.As(err, &modelErr) || !strings.HasPrefix(modelErr.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if _, err := e.QueryModel(t.Context(), c.m, runtime.Call{Body: []byte(`{"data": []}`)}); !errors.As(err, &modelErr) {
				t.Errorf("query: %v", err)
			}
		})
	}
}

// TestModelInfo checks the description of a model's function.
func TestModelInfo(t *testing.T) {
	info, err := harness.Core(t).LoadModel(t.Context(), modelOfSource("described", "def f(x: int, /, y=2, *more, z, **rest) -> list:\n    \"\"\"First.\n\n        Second.\"\"\""))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(info)
	want := `{"function":"f","docstring":"First.\n\nSecond.","signature":"(x: int, /, y=2, *more, z, **rest) -\u003e list","parameters":[` +
		`{"name":"x","kind":"positional-only","annotation":"int"},{"name":"y","kind":"positional or keyword","default":"2"},` +
		`{"name":"more","kind":"variadic positional"},{"name":"z","kind":"keyword-only"},{"name":"rest","kind":"variadic keyword"}]}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestModelRandomness checks that generators which exist before the model's image is captured
// produce other values in every query, unless they have a seed.
func TestModelRandomness(t *testing.T) {
	m := modelOfSource("random", `
import random, uuid, secrets, numpy as np
random.random(), np.random.random()
own, rng, seeded, numbers, state = random.Random(), np.random.default_rng(), np.random.default_rng(7), random.Random(7), np.random.RandomState(7)
draws = [random.random, np.random.random, own.random, rng.random, np.random.default_rng().random, secrets.token_hex, lambda: uuid.uuid4().hex]
def f():
    return [d() for d in draws[:4]] + [np.random.default_rng().random(), secrets.token_hex(), uuid.uuid4().hex, seeded.random(), numbers.random(), state.rand()]
`)
	m.Function, m.Kind = "f", runtime.ModelSource
	seen := map[any]int{}
	for range 4 {
		var drawn []any
		got := query(t, harness.Core(t), m, `{"data": []}`)
		if err := json.Unmarshal([]byte(got), &drawn); err != nil || len(drawn) != 10 {
			t.Fatal(got, err)
		}
		for i, v := range drawn {
			seen[v]++
			if i >= 7 != (seen[v] > 1) && seen[v] > 1 {
				t.Errorf("value %d is %v for the second time", i, v)
			}
		}
	}
	if len(seen) != 4*7+3 {
		t.Errorf("%d different values, want %d", len(seen), 4*7+3)
	}
}
