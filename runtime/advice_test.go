package runtime

import "testing"

func TestAdvise(t *testing.T) {
	call := &call{limits: Limits{Memory: 512 << 20}, searched: "scipy"}
	const sizes = " (sizes in a cell are below 2 GB, and its memory is limited to 512 MB by TABCELL_MEMORY_LIMIT_MB)"
	const wheels = "; TABCELL_GUEST selects the libraries of scripts, and TABCELL_PACKAGES adds pure-Python wheels"
	for _, c := range []struct{ class, text, want string }{
		{"MemoryError", "", "the script exceeded its memory limit of 512 MB (TABCELL_MEMORY_LIMIT_MB)"},
		{"MemoryError", "own text", "own text"},
		{"OverflowError", "cannot fit 'int' into an index-sized integer", "cannot fit 'int' into an index-sized integer" + sizes},
		{"OverflowError", "repeated string is too long", "repeated string is too long" + sizes},
		{"OverflowError", "math range error", "math range error"},
		{"ValueError", "array is too big; `arr.size` is too large", "array is too big; `arr.size` is too large" + sizes},
		{"ValueError", "x", "x"},
		{"ModuleNotFoundError", "No module named 'requests'", "No module named 'requests'; a cell has no network access"},
		{"ModuleNotFoundError", "No module named 'requests.auth'", "No module named 'requests.auth'; a cell has no network access"},
		{"ModuleNotFoundError", "No module named 'prophet'", "No module named 'prophet'" + wheels},
		{"ModuleNotFoundError", "No module named 'tkinter': a cell has no display", "No module named 'tkinter': a cell has no display"},
		{"ModuleNotFoundError", "No module named 'scipy.stats'", "No module named 'scipy.stats'"},
		{"ImportError", "pyarrow>=16.0.0 is required for ArrowDtype", "pyarrow>=16.0.0 is required for ArrowDtype\n" + withoutArrow},
		{"ImportError", "`Import xarray` failed.  Use pip", "`Import xarray` failed.  Use pip\nnothing can be installed in a cell; TABCELL_PACKAGES adds pure-Python wheels"},
		{"ImportError", "cannot import name 'x' from 'math'", "cannot import name 'x' from 'math'"},
		{"KeyError", "No module named 'prophet'", "No module named 'prophet'"},
	} {
		if got := call.advise(c.class, c.text); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.class, c.text, got, c.want)
		}
	}
}
