package guest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// readTable returns a stream in testdata/tables, which make.py there has made with pyarrow.
func readTable(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "tables", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// evaluateTable runs a script with a table as its argument.
func evaluateTable(t testing.TB, e runtime.Evaluator, script string, table []byte) (runtime.Result, error) {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"script": script, "dataPath": "x"}) // cannot fail
	return e.Evaluate(t.Context(), runtime.Call{Body: body, Table: [][]byte{table}})
}

// describeTable returns the columns of a table and their values, as a script finds them.
func describeTable(t testing.TB, e runtime.Evaluator, table []byte) (seen any) {
	t.Helper()
	_, err := evaluateTable(t, e, string(readTable(t, "describe.py")), table)
	failed, ok := errors.AsType[*runtime.ScriptError](err)
	if !ok || failed.Class != "ValueError" || json.Unmarshal([]byte(failed.Text), &seen) != nil {
		t.Fatalf("the script did not describe the table: %v", err)
	}
	return seen
}

// TestTablesAsPyarrow compares the columns of each type with those that pyarrow makes.
func TestTablesAsPyarrow(t *testing.T) {
	var seen map[string]any
	if err := json.Unmarshal(readTable(t, "seen.json"), &seen); err != nil || len(seen) < 50 {
		t.Fatalf("seen.json has %d tables, error %v", len(seen), err)
	}
	for name, want := range seen {
		t.Run(name, func(t *testing.T) {
			if got := describeTable(t, harness.Core(t), readTable(t, name)); !reflect.DeepEqual(got, want) {
				t.Errorf("a script sees %v\npyarrow shows %v", got, want)
			}
		})
	}
}

// TestTableReturns sends the result of a script that returns its table to another script, which
// must get the same table. Types that pandas does not keep are exempt.
func TestTableReturns(t *testing.T) {
	e := harness.Core(t)
	for _, name := range []string{
		"type-00.arrow", "type-11.arrow", "type-12.arrow", "type-13.arrow", "type-15.arrow", "dictionary-delta.arrow", "dictionary-replaced.arrow",
		"pandas.arrow", "wide.arrow",
	} {
		table := readTable(t, name)
		r, err := evaluateTable(t, e, "return _arg1", table)
		if err != nil || !r.Table {
			t.Errorf("%s: table %v, error %v", name, r.Table, err)
			continue
		}
		if got, want := describeTable(t, e, r.Body), describeTable(t, e, table); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: a second script sees %v, the first one saw %v", name, got, want)
		}
	}
}

// TestTableOfManyBatches returns more rows than a batch has, from a table of several batches.
func TestTableOfManyBatches(t *testing.T) {
	e := harness.Core(t)
	const make = `import pandas as pd
return pd.DataFrame({"n": range(200_000), "s": [f"row {i % 1000}é" for i in range(200_000)], "b": [i % 3 == 0 for i in range(200_000)]})`
	r, err := evaluateTable(t, e, make, readTable(t, "type-00.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := evaluateTable(t, e, "return _arg1", r.Body) // the strings are passed on
	if err != nil {
		t.Fatal(err)
	}
	const check = `raise ValueError((len(_arg1), int(_arg1.n.sum()), _arg1.s.nunique(), _arg1.s.iloc[199_999], int(_arg1.b.sum())))`
	_, err = evaluateTable(t, e, check, again.Body)
	if want := `ValueError : (200000, 19999900000, 1000, 'row 999é', 66667)`; err == nil || err.Error() != want {
		t.Errorf("a script sees %v, want %s", err, want)
	}
}

// TestTableResults compares results and errors with those of TabPy.
func TestTableResults(t *testing.T) {
	e := harness.Core(t)
	for script, want := range map[string]string{
		"return None":                          "null",
		"x = 1":                                "null",
		"return [1, 2]":                        "ValueError : Must pass names or schema when constructing Table or RecordBatch.",
		"return 5":                             "TypeError : Expected pandas DataFrame, python dictionary or list of arrays",
		"return {1: [1]}":                      "TypeError : expected bytes, int found",
		"return {'a': [2**63]}":                "OverflowError : Python int too large to convert to C long",
		"return {'a': [1], 'b': [1, 2]}":       "ArrowInvalid : Column 1 named b expected length 1 but got length 2",
		"return {'a': ['x', 1.5]}":             "ArrowTypeError : Expected bytes, got a 'float' object",
		"return {'a': [1, 'x']}":               "ArrowInvalid : Could not convert 'x' with type str: tried to convert to int64",
		"return {'a': [object]}":               "ArrowInvalid : Could not convert <class 'object'> with type type: did not recognize Python value type when inferring an Arrow data type",
		"return pandas.Series([1])":            "ArrowInvalid : Cannot import schema: ArrowSchema describes non-struct type int64",
		"return pandas.DataFrame({'a': [1j]})": "ArrowNotImplementedError : ('Unsupported numpy type 15', 'Conversion failed for column a with type complex128')",
		"return pandas.DataFrame([[1, 2]], columns=['a', 'a'])": "ValueError : Duplicate column names found: ['a', 'a']",
		"return _arg2": "NameError : name '_arg2' is not defined",
		"return {str(i): [] for i in range(32769)}": "ArrowInvalid : the result has 32769 columns; a cell writes at most 32768",
	} {
		r, err := evaluateTable(t, e, script, readTable(t, "type-00.arrow"))
		got := string(r.Body)
		if err != nil {
			got = err.Error()
		}
		if got != want || r.Table {
			t.Errorf("%s\nresults in %s (table %v)\nwant %s", script, got, r.Table, want)
		}
	}
}

// TestTableBesideData gives a script a table and data; the data are ignored, as in TabPy.
func TestTableBesideData(t *testing.T) {
	body := `{"script": "raise ValueError(sorted(n for n in locals() if n[0] == '_'))", "dataPath": "x", "data": {"_arg1": 1, "wrong": 2}}`
	_, err := harness.Core(t).Evaluate(t.Context(), runtime.Call{Body: []byte(body), Table: [][]byte{readTable(t, "type-00.arrow")}})
	if want := "ValueError : ['_arg1']"; err == nil || err.Error() != want {
		t.Errorf("the script sees %v, want %s", err, want)
	}
	body = `{"script": "return _arg1", "data\u0050ath": "x"}`
	if r, err := harness.Core(t).Evaluate(t.Context(), runtime.Call{Body: []byte(body), Table: [][]byte{readTable(t, "type-00.arrow")}}); err != nil || !r.Table {
		t.Errorf("a key with an escape: table %v, error %v", r.Table, err)
	}
	_, err = harness.Core(t).Evaluate(t.Context(), runtime.Call{Body: []byte(`{"data": {}}`), Table: [][]byte{{}}})
	if failed, ok := errors.AsType[*runtime.ScriptError](err); !ok || failed.Kind != runtime.KindEmpty {
		t.Errorf("a request without a script: %v, want the kind %d", err, runtime.KindEmpty)
	}
}

// TestTableInTheFullGuest uses a table with a library that only the full guest has.
func TestTableInTheFullGuest(t *testing.T) {
	harness.Full(t)
	router, err := harness.Router()
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{
		"from scipy import stats\nreturn {'mode': [int(stats.mode(_arg1.v.dropna()).mode)]}",
		"m = __import__('importlib').import_module('scipy.stats')\nreturn {'mode': [int(m.mode(_arg1.v.dropna()).mode)]}",
	} {
		r, err := evaluateTable(t, router, script, readTable(t, "type-00.arrow"))
		if err != nil || !r.Table {
			t.Fatalf("%s: table %v, error %v", script, r.Table, err)
		}
		if got, _ := json.Marshal(describeTable(t, router, r.Body)); !strings.Contains(string(got), `["int64"]`) || !strings.Contains(string(got), "mode") {
			t.Errorf("%s returned %s", script, got)
		}
	}
}
