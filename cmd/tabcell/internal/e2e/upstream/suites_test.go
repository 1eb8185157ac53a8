//go:build upstream

package upstream

// upstreamSuite are test folders of one library.
type upstreamSuite struct {
	source, ini string   // folder below TABCELL_UPSTREAM, and the settings of pytest in it
	guest       string   // "core" or "full"
	extra       []string // other files and folders that tests need
	folders     []string
}

var upstreamSuites = []upstreamSuite{
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
