//go:build upstream

package upstream

// suite is the tests of one library: the files in folders named tests, and each conftest.py.
type suite struct {
	source string // folder below TABCELL_UPSTREAM
	ini    string // the file of pytest's settings in source
	root   string // the folder in source that has the tests
	at     string // the folder of the guest for root's parent, below /lib
	guest  string
	extra  []string // other files and folders of source that the tests need
}

var suites = []suite{
	{"numpy", "pytest.ini", "numpy", "", "core", []string{"numpy/testing/overrides.py"}},
	{"pandas", "pyproject.toml", "pandas", "", "core", nil},
	{"scipy", "pytest.ini", "scipy", "", "full", nil},
	{"scikit-learn", "pyproject.toml", "sklearn", "", "full", []string{"sklearn/datasets/descr"}},
	{"regex", "pyproject.toml", "regex", "", "full", nil},
	{"statsmodels", "pyproject.toml", "statsmodels", "", "full", nil},
	{"networkx", "pyproject.toml", "networkx", "", "full", nil},
	{"textblob", "pyproject.toml", "tests", "textblob", "full", nil},
	{"rapidfuzz", "pyproject.toml", "tests", "", "full", nil},
	{"lxml/src", "../pyproject.toml", "lxml", "", "full", nil},
	{"pydantic", "pyproject.toml", "tests", "pydantic", "full", nil},
}
