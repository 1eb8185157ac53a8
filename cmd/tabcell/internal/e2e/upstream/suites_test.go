//go:build upstream

package upstream

// suite is a set of test folders of one library.
type suite struct {
	source, ini string   // folder below TABCELL_UPSTREAM, and the file of pytest's settings in it
	guest       string   // "core" or "full"
	extra       []string // other files and folders that the tests need
	folders     []string
}

var suites = []suite{
	{"numpy", "pytest.ini", "core", []string{"numpy/conftest.py", "numpy/testing/overrides.py"},
		[]string{"numpy/_core/tests", "numpy/linalg/tests", "numpy/random/tests"}},
	{"pandas", "pyproject.toml", "core", []string{"pandas/conftest.py", "pandas/tests/__init__.py", "pandas/tests/extension"},
		[]string{"pandas/tests/groupby", "pandas/tests/reshape", "pandas/tests/window", "pandas/tests/indexing", "pandas/tests/tslibs"}},
	{"scipy", "pytest.ini", "full", []string{"scipy/conftest.py", "scipy/fft/tests", "scipy/sparse/csgraph/tests"},
		[]string{"scipy/stats/tests", "scipy/linalg/tests", "scipy/optimize/tests", "scipy/interpolate/tests", "scipy/signal/tests"}},
	{"scikit-learn", "pyproject.toml", "full",
		[]string{"sklearn/conftest.py", "sklearn/callback/tests", "sklearn/metrics/tests", "sklearn/tests", "sklearn/datasets/descr"},
		[]string{"sklearn/cluster/tests", "sklearn/linear_model/tests", "sklearn/tree/tests", "sklearn/ensemble/tests", "sklearn/decomposition/tests",
			"sklearn/preprocessing/tests"}},
}
