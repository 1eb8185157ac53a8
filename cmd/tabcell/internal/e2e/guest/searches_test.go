package guest

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// Scripts that search for a module of the full guest, caught or not. The results are those of
// CPython 3.13 with pandas 3.1.1, scipy 1.18.1 and scikit-learn 1.9.1.
var searches = []struct{ name, script, want string }{
	{"find_spec", `import importlib.util
return importlib.util.find_spec('sklearn') is not None`, `true`},
	{"find_spec of a submodule", `import importlib.util as u
try:
    return u.find_spec('scipy.stats') is not None
except ImportError:
    return 'no scipy'`, `true`},
	{"import_module in try", `import importlib
try:
    m = importlib.import_module('scipy' + '.special')
    return round(float(m.gammaln(10.5)), 8)
except ImportError:
    return 'fallback'`, `13.94062522`},
	{"__import__ in a bare except", `try:
    s = __import__('sc' 'ipy.stats', fromlist=['norm'])
    return round(float(s.norm.ppf(.975)), 8)
except:
    return 1.96`, `1.95996398`},
	{"names in a loop", `import importlib.util
return [n for n in ('numpy', 'scipy', 'sklearn', 'nltk', 'tqdm', 'no_such_module') if importlib.util.find_spec(n)]`, `["numpy", "scipy", "sklearn", "nltk", "tqdm"]`},
	{"pkgutil.resolve_name", `import pkgutil
return pkgutil.resolve_name('joblib:hash')(1)[:4]`, `"366d"`},
	{"pkgutil.iter_modules", `import pkgutil
return 'sklearn' in {m.name for m in pkgutil.iter_modules()}`, `true`},
	{"version of a distribution", `import importlib.metadata as m
try:
    return m.version('Scikit_Learn')
except m.PackageNotFoundError:
    return 'not installed'`, `"1.9.1"`},
	{"all distributions", `import importlib.metadata
return 'scipy' in {d.name for d in importlib.metadata.distributions()}`, `true`},
	{"interpolate cubic", `return pd.Series([1, np.nan, 4, 9, np.nan, 25]).interpolate(method='cubic').round(6).tolist()`, `[1.0, 1.266667, 4.0, 9.0, 16.066667, 25.0]`},
	{"interpolate spline", `return pd.Series([0, 1, np.nan, 9, 16, np.nan, 36.5]).interpolate(method='spline', order=2).round(6).tolist()`, `[0.0, 1.0, 3.924242, 9.0, 16.0, 25.242424, 36.5]`},
	{"interpolate pchip", `return pd.Series([1, np.nan, 4, 9, np.nan, 25]).interpolate(method='pchip').round(6).tolist()`, `[1.0, 1.886364, 4.0, 9.0, 16.0, 25.0]`},
	{"interpolate nearest", `return pd.Series([1, np.nan, np.nan, 9]).interpolate(method='nearest').tolist()`, `[1.0, 1.0, 9.0, 9.0]`},
	{"interpolate in except", `try:
    return pd.Series([1, np.nan, 4, 9, 25]).interpolate(method='akima').round(6).tolist()
except Exception:
    return pd.Series([1, np.nan, 4, 9, 25]).interpolate().tolist()`, `[1.0, 1.851293, 4.0, 9.0, 25.0]`},
	{"interpolate axis", `return pd.DataFrame({'a': [1, np.nan, 9, 16], 'b': [0, 1, np.nan, 27]}).interpolate(method='quadratic').round(6).values.tolist()`, `[[1.0, 0.0], [4.0, 1.0], [9.0, 10.0], [16.0, 27.0]]`},
	{"rolling triang", `return pd.Series(range(6)).rolling(3, win_type='triang').mean().fillna(-1).round(6).tolist()`, `[-1.0, -1.0, 1.0, 2.0, 3.0, 4.0]`},
	{"rolling gaussian", `return pd.Series([1., 4, 9, 16, 25]).rolling(3, win_type='gaussian').sum(std=1.5).fillna(-1).round(6).tolist()`, `[-1.0, -1.0, 12.007374, 25.014748, 43.225072]`},
	{"Series.corr spearman", `return round(pd.Series([1, 2, 3, 4]).corr(pd.Series([1, 4, 9, 2]), method='spearman'), 6)`, `0.4`},
	{"Series.corr kendall", `return round(pd.Series([1, 2, 3, 4]).corr(pd.Series([1, 4, 9, 2]), method='kendall'), 6)`, `0.333333`},
	{"corr in except", `try:
    r = pd.Series([1, 2, 3, 4]).corr(pd.Series([1, 4, 9, 2]), method='kendall')
except ImportError:
    r = -9
return round(r, 6)`, `0.333333`},
	{"corrwith", `return pd.DataFrame({'a': [1, 2, 3, 4], 'b': [4, 2, 9, 1]}).corrwith(pd.Series([1, 4, 9, 2]), method='spearman').round(6).tolist()`, `[0.4, 0.4]`},
	{"sparse to_coo", `return pd.DataFrame({'x': pd.arrays.SparseArray([0, 0, 1]), 'y': pd.arrays.SparseArray([2, 0, 0])}).sparse.to_coo().toarray().tolist()`, `[[0, 2], [0, 0], [1, 0]]`},
	{"pickle of scipy", `import pickle
return pickle.loads(b'cscipy.stats._distn_infrastructure\nrv_frozen\n.').__name__`, `"rv_frozen"`},
	{"pickle in except", `import pickle
try:
    return pickle.loads(b'csklearn.linear_model._base\nLinearRegression\n.').__name__
except Exception as e:
    return 'fallback'`, `"LinearRegression"`},
	{"exec of a hidden import", `ns = {}
try:
    exec('fr' 'om sklearn.preprocessing imp' 'ort StandardScaler as S', ns)
except ImportError:
    return 'fallback'
return ns['S']().fit_transform([[1.], [3.]]).ravel().tolist()`, `[-1.0, 1.0]`},
	{"suppress", `import contextlib
x = 0
with contextlib.suppress(ImportError):
    import importlib
    x = importlib.import_module('scipy').__name__
return x`, `"scipy"`},
	{"lazy helper", `def have(n):
    import importlib.util
    return importlib.util.find_spec(n) is not None
return 'joblib' if have('job' 'lib') else 'plain'`, `"joblib"`},
	{"read_html", `import io
return pd.read_html(io.StringIO('<table><tr><th>a<tr><td>1</table>'))[0].to_dict('list')`, `{"a": [1]}`},
	{"read_xml", `import io
return pd.read_xml(io.StringIO('<a><b><c>1</c></b></a>')).to_dict('list')`, `{"c": [1]}`},
	{"BeautifulSoup", `from bs4 import BeautifulSoup
return [str(BeautifulSoup('<p>a', p)) for p in ('lxml', 'xml', 'html.parser')]`,
		`["<html><body><p>a</p></body></html>", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<p>a</p>", "<p>a</p>"]`},
	{"prints before the search", `import importlib.util
print('before')
ok = importlib.util.find_spec('nltk') is not None
print('after')
return ok`, `true`},
}

const importPandas = "import numpy as np, pandas as pd\n"

// TestSearches checks that the scripts run in the full guest, without a trace of the first run.
func TestSearches(t *testing.T) {
	full := harness.Full(t)
	r := runtime.NewRouter(harness.Core(t), assets.FullOnly(), harness.FullEngine)
	for _, c := range searches {
		t.Run(c.name, func(t *testing.T) {
			before := full.Stats().Calls
			result, err := r.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(importPandas+c.script, "{}")})
			if err != nil || string(result.Body) != c.want {
				t.Errorf("returned %s, error %v; want %s", result.Body, err, c.want)
			}
			if n := full.Stats().Calls - before; n != 1 {
				t.Errorf("%d calls of the full guest, want 1", n)
			}
			if got := string(result.Output); strings.Contains(c.script, "print") && got != "before\nafter\n" {
				t.Errorf("the output is %q", got)
			}
		})
	}
}

// TestModelSearches queries models that search for a module when they are loaded or queried.
func TestModelSearches(t *testing.T) {
	harness.Full(t) // so that no call waits for the full guest to be compiled
	r := runtime.NewRouter(harness.Core(t), assets.FullOnly(), harness.FullEngine)
	for _, c := range []struct{ name, source, body, want string }{
		{"in the module", `
import importlib
try:
    special = importlib.import_module('scipy' + '.special')
except ImportError:
    special = None

def f(x):
    return round(float(special.gamma(x)), 6) if special else 'fallback'
`, `{"data": [5]}`, "24.0"},
		{"in the function", "def f(x):\n    import importlib.util\n    return importlib.util.find_spec('sk' + 'learn') is not None", `{"data": [1]}`, "true"},
		{"in pandas", "import pandas as pd\ndef f(x):\n    return pd.Series(x, dtype=float).interpolate(method='cubic').round(6).tolist()",
			`{"data": [[1, null, 4, 9, null, 25]]}`, "[1.0, 1.266667, 4.0, 9.0, 16.066667, 25.0]"},
		{"none", "def f(x):\n    return x", `{"data": [1]}`, "1"},
	} {
		m := modelOfSource("search", c.source)
		if info, err := r.LoadModel(t.Context(), m); err != nil || info.Function != "f" {
			t.Errorf("%s: loaded %+v, error %v", c.name, info, err)
		}
		for range 2 {
			if got := query(t, r, m, c.body); got != c.want {
				t.Errorf("%s: the query returned %s, want %s", c.name, got, c.want)
			}
			r.ForgetModel(m.Digest)
		}
	}
}

// TestOrdinaryOperations checks that common operations do not make the router load the full guest.
// Each line of the file is one. Errors of the operations do not matter.
func TestOrdinaryOperations(t *testing.T) {
	b, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	operations := strings.Split(strings.TrimSpace(string(b)), "\n")
	if err := runOrdinary(t, operations); err == nil {
		return
	}
	for _, operation := range operations {
		if err := runOrdinary(t, []string{operation}); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

// runOrdinary runs operations in one cell, and returns an error if they search for a module of the
// full guest.
func runOrdinary(t *testing.T, operations []string) error {
	r := runtime.NewRouter(harness.Core(t), assets.FullOnly(), func() (*runtime.Engine, error) { return nil, errors.New("the router loads the full guest") })
	list, _ := json.Marshal(operations) // strings always marshal
	script := importPandas + prepareOrdinary + "for operation in " + string(list) + ":\n    try:\n        exec(operation)\n    except Exception:\n        pass"
	_, err := r.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	return err
}

const prepareOrdinary = `import copy, io, pickle, sys
global np, pd, df, s, ts, num, rng
rng = np.random.default_rng(0)
df = pd.DataFrame({'a': rng.normal(size=60), 'b': rng.integers(0, 5, 60), 'c': list('abcde') * 12,
                   'd': pd.date_range('2024-01-01', periods=60), 'e': rng.normal(size=60)})
df.loc[[3, 7, 20], 'a'] = np.nan
s, ts, num = df['a'], df.set_index('d')['a'], df[['a', 'b', 'e']]
`
