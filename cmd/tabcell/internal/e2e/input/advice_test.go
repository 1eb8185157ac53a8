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
	{"no network", "import requests", "ModuleNotFoundError", "'requests'; a cell has no network access"},
	{"no such module", "import prophet", "ModuleNotFoundError", "TABCELL_PACKAGES"},
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
