package guest

import (
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// frame makes columns that leave without a Python object for each value, and others.
const frame = `
import datetime, numpy as np, pandas as pd
frame = pd.DataFrame({
    "int": [1, 2, 3], "float": [0.1, None, 1e300], "bool": [True, False, True], "text": ["a", None, "é\"\\"],
    "time": np.array(["2020-02-29T01:02:03", "NaT", "1999-12-31"], "M8[s]"), "fraction": np.array(["2020-01-01T00:00:00.5", "NaT", "2020-01-01"], "M8[ms]"),
    "early": np.array(["0999-01-01", "NaT", "2020-01-01"], "M8[s]"), "zone": pd.date_range("2020", periods=3, tz="Europe/Berlin"),
    "object": pd.Series([{"k": [1, None]}, pd.Timestamp("2020-01-01"), datetime.date(2020, 1, 1)], dtype=object),
    "masked": pd.array([1, None, 3], "Int64"), "texts": pd.array(["x", None, "z"], "string"), "category": pd.Categorical(["x", None, "y"]),
})
`

// TestFrameAsJSON compares a DataFrame as JSON with the dictionary of its columns' objects.
func TestFrameAsJSON(t *testing.T) {
	want := run(t, "pandas", frame+"return {name: frame[name].tolist() for name in frame}", "{}")
	for _, result := range []string{"frame", "{name: frame[name] for name in frame}", "frame.copy()[::1]"} {
		if got := run(t, "pandas", frame+"return "+result, "{}"); got != want {
			t.Errorf("%s is %s\nas objects it is %s", result, got, want)
		}
	}
	every := run(t, "pandas", frame+"return {name: frame[name].tolist()[::-2] for name in frame}", "{}")
	if got := run(t, "pandas", frame+"return frame[::-2]", "{}"); got != every {
		t.Errorf("every second row backwards is %s\nas objects it is %s", got, every)
	}
}

// TestObjectArraysAsJSON returns arrays of objects that contain themselves or have no JSON form.
func TestObjectArraysAsJSON(t *testing.T) {
	e := harness.Core(t)
	for script, want := range map[string]string{
		"a = np.empty(2, object); return a":                               "[null, null]",
		"a = np.empty(1, object); a[0] = a; return a":                     "ValueError : Circular reference detected",
		"a = np.array([1, object, 'x'], object); return {'k': a}":         "TypeError : Object of type type is not JSON serializable (in the result at ['k'][1])",
		"a = np.array([[1, 'x']], object); return a":                      `[[1, "x"]]`,
		"a = np.array([1.5, None, float('nan')], object)[::-1]; return a": "[null, null, 1.5]",
	} {
		r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest("import numpy as np\n"+script, "{}")})
		got := string(r.Body)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s\nresults in %s\nwant %s", script, got, want)
		}
	}
}
