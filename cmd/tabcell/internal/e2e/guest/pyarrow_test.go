package guest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// pickleCase is a case in testdata/pyarrow/pickles.json, which record.py beside it writes.
type pickleCase struct {
	Name        string   `json:"name"`
	Full        bool     `json:"full"` // needs the full guest
	Pickle      string   `json:"pickle"`
	Expressions []string `json:"expressions"`
	Want        []string `json:"want"`
}

// TestPicklesMadeWithPyarrow loads objects that a native Python with pyarrow pickled, and compares
// values that are computed from them.
func TestPicklesMadeWithPyarrow(t *testing.T) {
	script := readPyarrow(t, "plain.py") + "\nreturn results(_arg1, _arg2)"
	var cases []pickleCase
	if err := json.Unmarshal([]byte(readPyarrow(t, "pickles.json")), &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			library := "pandas"
			if c.Full {
				library = "sklearn"
			}
			data, _ := json.Marshal(map[string]any{"_arg1": c.Pickle, "_arg2": c.Expressions}) // cannot fail
			var got []string
			body := run(t, library, script, string(data))
			if err := json.Unmarshal([]byte(body), &got); err != nil || len(got) != len(c.Want) {
				t.Fatal(body)
			}
			for i, want := range c.Want {
				if got[i] != want {
					t.Errorf("%s is %s, want %s", c.Expressions[i], got[i], want)
				}
			}
		})
	}
}

// TestUnpicklers loads the same pickle with every unpickler that a script may use.
func TestUnpicklers(t *testing.T) {
	script := readPyarrow(t, "plain.py") + "\ndata = zlib.decompress(base64.b64decode(_arg1))\nreturn EXPRESSION.tolist()"
	const series = `{"_arg1": "PICKLE"}`
	for _, expression := range []string{
		"pickle.loads(data)", "pickle.load(io.BytesIO(data))", "pickle.Unpickler(io.BytesIO(data)).load()",
		"pickle._loads(data)", "pd.read_pickle(io.BytesIO(data))", "__import__('cloudpickle').loads(data)",
	} {
		pickled := pickleNamed(t, "str")
		got := run(t, "pandas", strings.Replace(script, "EXPRESSION", expression, 1), strings.Replace(series, "PICKLE", pickled, 1))
		if got != `["a", null, "\u00fc", "ab"]` {
			t.Errorf("%s: %s", expression, got)
		}
	}
}

// TestPyarrowStaysAbsent checks that libraries do not find pyarrow, although pickles made with it
// can be loaded.
func TestPyarrowStaysAbsent(t *testing.T) {
	for expression, want := range map[string]string{
		"__import__('pyarrow')":                                            "ModuleNotFoundError",
		"__import__('importlib.util').util.find_spec('pyarrow')":           "null",
		"pd.compat.HAS_PYARROW":                                            "false",
		"pd.options.mode.string_storage":                                   `"auto"`,
		"pd.Series(['a']).dtype.storage":                                   `"python"`,
		"pd.Series(['a'], dtype='string[pyarrow]').dtype.storage":          `"python"`,
		"str(pd.Series(['a'], dtype='string[pyarrow]').str.upper().dtype)": `"string"`,
		"pd.Series([1], dtype='int64[pyarrow]')":                           "ImportError",
		"pd.arrays.ArrowExtensionArray([1])":                               "ImportError",
		"pickle.loads(b'cpyarrow.lib\\nTable\\n.')":                        `"<class 'tabcell_guest.arrow_tables.Table'>"`,
		"pickle.loads(b'cpyarrow.lib\\nNativeFile\\n.')":                   "AttributeError",
		"pickle.loads(b'cpyarrow.lib\\nuuid\\n(tR.')":                      "ArrowError",
		"pickle.loads(b'cpyarrow.parquet\\nread_table\\n.')":               "ModuleNotFoundError",
	} {
		got := run(t, "pandas", "import pickle\nimport pandas as pd\ntry:\n    r = "+expression+
			"\nexcept Exception as e:\n    return type(e).__name__\nreturn r if r is None or isinstance(r, (bool, str)) else str(r)", "{}")
		if strings.Trim(got, `"`) != strings.Trim(want, `"`) {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

// run returns the result of a script in the guest that has a library, or the text of its error.
func run(t *testing.T, library, script, data string) string {
	t.Helper()
	e, err := harness.EngineWith(library)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, data)})
	if err != nil {
		return err.Error()
	}
	return string(r.Body)
}

// pickleNamed returns the pickle of a case.
func pickleNamed(t *testing.T, name string) string {
	t.Helper()
	var cases []pickleCase
	if err := json.Unmarshal([]byte(readPyarrow(t, "pickles.json")), &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == name {
			return c.Pickle
		}
	}
	t.Fatalf("no pickle is named %q", name)
	return ""
}

func readPyarrow(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "pyarrow", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
