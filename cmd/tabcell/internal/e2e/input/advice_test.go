package input

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// advice lists scripts that fail because of the limits of a cell, each with a part of the text that
// names the limit.
var advice = []struct{ name, script, class, want string }{
	{"list beyond the memory", "return len([0] * (400 << 20))", "MemoryError", "memory limit of 1024 MB (TABCELL_MEMORY_LIMIT_MB)"},
	{"string beyond 32 bits", "return len('x' * 3_000_000_000)", "OverflowError", "limited to 1024 MB by TABCELL_MEMORY_LIMIT_MB"},
	{"no network", "import yfinance", "ModuleNotFoundError", "'yfinance'; a cell has no network access"},
	{"no database", "from snowflake import connector", "ModuleNotFoundError", "'snowflake'; a cell cannot reach databases; let Tableau connect"},
	{"another name", "import nupmy", "ModuleNotFoundError", "No module named 'nupmy'; did you mean 'numpy'?"},
	{"a part of a package", "import pandas.plot", "ModuleNotFoundError", "pandas exists, but has no module 'plot'"},
	{"a module that moved", "from distutils.version import LooseVersion", "ModuleNotFoundError", "it was removed in Python 3.12"},
	{"a relative import", "from .helper import f", "ModuleNotFoundError", "if this is a relative import, name the module in full"},
	{"no such module", "import a_module_of_ours", "ModuleNotFoundError", "TABCELL_PACKAGES"},
	{"pyarrow: read_parquet", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\npd.read_parquet('/tmp/x')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: to_parquet", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\nd.to_parquet('/tmp/x')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: engine of parquet", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\nd.to_parquet('/tmp/x', engine='pyarrow')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: to_feather", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\nd.to_feather('/tmp/x')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: read_orc", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\npd.read_orc('/tmp/x')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: engine of CSV", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\npd.read_csv(io.BytesIO(b'a'), engine='pyarrow')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: dtype_backend", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\npd.read_csv(io.StringIO('a'), dtype_backend='pyarrow')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: dtype", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\nd.a.astype('int64[pyarrow]')", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: ArrowDtype", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\npd.ArrowDtype(None)", "ImportError", "tabcell has no pyarrow"},
	{"pyarrow: arrays", "import io\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})\npd.arrays.ArrowExtensionArray([1])", "ImportError", "tabcell has no pyarrow"},
	{"optional library of pandas", "import pandas as pd\npd.DataFrame({'a': [1]}).to_xarray()", "ImportError", "nothing can be installed in a cell; TABCELL_PACKAGES"},
	{"bytes", "return b'\\xff'", "UnicodeDecodeError", "invalid start byte (bytes in the result; convert them to text with .decode() or base64)"},
	{"bytes in a list", "return [1, {'a': [b'x', b'\\xe9t\\xe9']}]", "UnicodeDecodeError", "(bytes in the result at [1]['a'][1]; convert"},
	{"bytes as a key", "return {'a': {b'\\xff': 1}}", "UnicodeDecodeError", "(bytes in the result at ['a']; convert"},
	{"an object", "return {'a': [1, object()]}", "TypeError", "Object of type object is not JSON serializable (in the result at ['a'][1])"},
	{"an error of the script itself", "b'\\xff'.decode()", "UnicodeDecodeError", "can't decode byte 0xff in position 0: invalid start byte"},
}

func TestAdvice(t *testing.T) {
	e := harness.Core(t)
	for _, c := range advice {
		_, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(c.script, "{}")})
		scriptErr, ok := err.(*runtime.ScriptError)
		if !ok || scriptErr.Class != c.class || !strings.Contains(scriptErr.Text, c.want) {
			t.Errorf("%s: error %v, want %s : %s", c.name, err, c.class, c.want)
		}
	}
}

// TestNoAdviceForProbes checks that a script that catches the error of an import, or searches for a
// module, sees what Python says.
func TestNoAdviceForProbes(t *testing.T) {
	const script = `import importlib.util
out = [importlib.util.find_spec(name) for name in ('tkinter', 'prophet', 'nupmy', 'curses')]
for name in ('tkinter', 'prophet', 'nupmy', 'pandas.plot'):
    try:
        __import__(name)
    except ModuleNotFoundError as e:
        out += [str(e), e.name]
return out`
	const want = `[null, null, null, null, "No module named 'tkinter'", "tkinter", "No module named 'prophet'", "prophet", ` +
		`"No module named 'nupmy'", "nupmy", "No module named 'pandas.plot'", "pandas.plot"]`
	r, err := harness.Core(t).Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil || string(r.Body) != want {
		t.Errorf("%s, error %v, want %s", r.Body, err, want)
	}
}
