package input

import (
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// conversions are values that a script returns, as expressions, and the responses to them.
var conversions = []struct{ name, value, response string }{
	{"int8", "np.int8(5)", "5"},
	{"uint64", "np.uint64(2**63)", "9223372036854775808"},
	{"float16", "np.float16(0.1)", "0.0999755859375"},
	{"float32", "np.float32(0.1)", "0.10000000149011612"},
	{"bool_", "np.bool_(True)", "true"},
	{"str_", "np.str_('x')", `"x"`},
	{"float64 NaN", "np.float64('nan')", "null"},
	{"datetime64 of a day", "np.datetime64('2024-01-02')", `"2024-01-02"`},
	{"datetime64 of nanoseconds", "np.datetime64('2024-01-02T03:04:05.000000006')", `"2024-01-02T03:04:05.000000006"`},
	{"datetime64 NaT", "np.datetime64('NaT')", "null"},
	{"array of two dimensions", "np.arange(4).reshape(2, 2)", "[[0, 1], [2, 3]]"},
	{"transposed array", "np.arange(6).reshape(2, 3).T", "[[0, 3], [1, 4], [2, 5]]"},
	{"array with steps", "np.arange(6)[::-2]", "[5, 3, 1]"},
	{"array without dimensions", "np.array(3.5)", "3.5"},
	{"empty array", "np.array([])", "[]"},
	{"array with empty rows", "np.zeros((2, 0))", "[[], []]"},
	{"array of float32", "np.array([0.1, np.nan, np.inf], np.float32)", "[0.10000000149011612, null, null]"},
	{"array of float64", "np.array([0.1, 1e300, -0.0, 1e16, 1e-7])", "[0.1, 1e+300, -0.0, 1e+16, 1e-07]"},
	{"array of bool", "np.array([True, False])", "[true, false]"},
	{"array of int8", "np.array([-128, 127], np.int8)", "[-128, 127]"},
	{"array of uint64", "np.array([2**64 - 1], np.uint64)", "[18446744073709551615]"},
	{"array of int64", "np.array([-2**63, 2**63 - 1])", "[-9223372036854775808, 9223372036854775807]"},
	{"array of the other byte order", "np.array([1, 256], '>i4')", "[1, 256]"},
	{"array of objects", "np.array([1, None, 'a'], object)", `[1, null, "a"]`},
	{"array of strings", "np.array(['a', 'é'])", `["a", "\u00e9"]`},
	{"array of days", "np.array(['2024-01-02', 'NaT'], 'datetime64[D]')", `["2024-01-02", null]`},
	{"array of records", "np.array([(1, 2.5)], dtype=[('a', int), ('b', float)])", "[[1, 2.5]]"},
	{"masked array", "np.ma.masked_array([1, 2, 3], [0, 1, 0])", "[1, null, 3]"},
	{"masked value", "np.ma.masked", "null"},
	{"matrix", "np.matrix([[1, 2]])", "[[1, 2]]"},
	{"Series", "pd.Series([1, 2])", "[1, 2]"},
	{"Series with a missing value", "pd.Series([1.5, None])", "[1.5, null]"},
	{"Series of strings", "pd.Series(['a', None])", `["a", null]`},
	{"Series of mixed values", "pd.Series([1, 'a', None, [2]])", `[1, "a", null, [2]]`},
	{"Series of times", "pd.Series(pd.to_datetime(['2024-01-02', None]))", `["2024-01-02T00:00:00", null]`},
	{"Series of times in a zone", "pd.Series(pd.to_datetime(['2024-07-02'])).dt.tz_localize('Europe/Berlin')", `["2024-07-02T00:00:00+02:00"]`},
	{"Int64", "pd.Series([1, None], dtype='Int64')", "[1, null]"},
	{"boolean", "pd.Series([True, None], dtype='boolean')", "[true, null]"},
	{"Float64", "pd.array([1.5, None], dtype='Float64')", "[1.5, null]"},
	{"string", "pd.Series(['a', None], dtype='string')", `["a", null]`},
	{"category", "pd.Series(['a', 'b', None], dtype='category')", `["a", "b", null]`},
	{"Categorical", "pd.Categorical([1, 2, 1])", "[1, 2, 1]"},
	{"sparse", "pd.arrays.SparseArray([0, 1])", "[0, 1]"},
	{"Index", "pd.Index(['a', 'b'])", `["a", "b"]`},
	{"RangeIndex", "pd.RangeIndex(3)", "[0, 1, 2]"},
	{"DatetimeIndex", "pd.date_range('2024-01-01', periods=2)", `["2024-01-01T00:00:00", "2024-01-02T00:00:00"]`},
	{"MultiIndex", "pd.MultiIndex.from_tuples([('a', 1)])", `[["a", 1]]`},
	{"Timestamp", "pd.Timestamp('2024-01-02 03:04')", `"2024-01-02T03:04:00"`},
	{"Timestamp in a zone", "pd.Timestamp('2024-01-02', tz='Asia/Tokyo')", `"2024-01-02T00:00:00+09:00"`},
	{"NaT", "pd.NaT", "null"},
	{"NA", "pd.NA", "null"},
	{"DataFrame", "pd.DataFrame({'a': [1, 2], 's': ['x', None], 'c': pd.Categorical(['u', 'v']), 'n': pd.array([1, None]), 't': pd.to_datetime(['2024-01-02', None])})",
		`{"a": [1, 2], "s": ["x", null], "c": ["u", "v"], "n": [1, null], "t": ["2024-01-02T00:00:00", null]}`},
	{"DataFrame with a number as a column name", "pd.DataFrame({1: [1.5]})", `{"1": [1.5]}`},
	{"DataFrame without rows", "pd.DataFrame({'a': []})", `{"a": []}`},
	{"column of a frame", "pd.DataFrame({'a': [1, 2], 'b': [3.5, 4]})['b']", "[3.5, 4.0]"},
	{"row of a frame", "pd.DataFrame({'a': [1, 2], 'b': [3, 4]}).loc[1]", "[2, 4]"},
	{"group sums", "pd.DataFrame({'k': ['a', 'b', 'a'], 'v': [1, 2, 3]}).groupby('k')['v'].sum()", "[4, 2]"},
	{"numpy and pandas keys", "{np.int64(1): 2, np.float64(1.5): 3, pd.Timestamp('2024-01-01'): 4}", `{"1": 2, "1.5": 3, "2024-01-01T00:00:00": 4}`},
	{"nested values", "{'a': [np.float64(1.5), {'b': pd.Series([1])}, (np.bool_(False),)]}", `{"a": [1.5, {"b": [1]}, [false]]}`},
}

func TestConversions(t *testing.T) {
	s := harness.StartPatient(t)
	for _, c := range conversions {
		t.Run(c.name, func(t *testing.T) {
			status, response := s.Evaluate("import numpy as np, pandas as pd\nreturn " + c.value)
			if status != 200 || response != c.response {
				t.Errorf("%d %s\nwant %s", status, response, c.response)
			}
		})
	}
}

// TestArgumentTypes checks that scripts get lists, dictionaries and plain values as arguments, as
// in TabPy, and not arrays.
func TestArgumentTypes(t *testing.T) {
	s := harness.StartPatient(t)
	const script = "import pandas as pd\nf = pd.DataFrame(_arg1)\nreturn [type(_arg1).__name__, type(_arg2).__name__, type(_arg2[0]).__name__, _arg3, str(f['a'].dtype), str(f['b'].dtype)]"
	status, response := s.Post(string(harness.ScriptRequest(script, `{"_arg1": {"a": [1, 2], "b": [0.5, null]}, "_arg2": [3000000000], "_arg3": "x"}`)))
	if want := `["dict", "list", "int", "x", "int64", "float64"]`; status != 200 || response != want {
		t.Errorf("%d %s\nwant %s", status, response, want)
	}
}
