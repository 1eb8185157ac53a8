package runtime

import (
	"slices"
	"strings"
	"testing"

	"tabcell/runtime/internal/vfs"
)

// adviser returns an engine that can advise, and a call that has searched for scipy. The library
// has pandas, sklearn with two modules, and a package in a part.
func adviser() (*Engine, *call) {
	library := func() (map[string][]byte, error) {
		names := map[string][]byte{}
		for _, name := range []string{"pandas", "pandas.core", "sklearn", "sklearn.model_selection", "sklearn.metrics", "textwrap", "tarfile", "_pydatetime"} {
			names["m:"+name] = []byte("P")
		}
		return names, nil
	}
	parts := map[string]vfs.Loader{"requests/": func() (map[string][]byte, error) {
		return map[string][]byte{"m:requests": []byte("P"), "m:requests.sessions": []byte("M")}, nil
	}, "requests-1.dist-info/": nil}
	e := &Engine{
		library: vfs.New(library, parts, nil, func(error) {}),
		missing: map[string]string{"bad": "bad-1-py3-none-any.whl is not used: it has no RECORD"},
	}
	return e, &call{limits: Limits{Memory: 512 << 20}, searched: "scipy", watched: []string{"nltk", "scikit-learn", "scipy"}}
}

func TestAdvise(t *testing.T) {
	const databases = "; a cell cannot reach databases; let Tableau connect to the data and pass the fields as arguments, or compute a table in Tableau Prep"
	const general = "it is not part of tabcell; an administrator can add pure-Python wheels with TABCELL_PACKAGES"
	for _, c := range []struct{ class, text, advice string }{
		{"OverflowError", "math range error", ""},
		{"ValueError", "x", ""},
		{"KeyError", "No module named 'prophet'", ""},
		{"ImportError", "cannot import name 'x' from 'y'", ""},
		{"ImportError", "attempted relative import with no known parent package", "; a script is not part of a package, so name the module in full"},
		{"ModuleNotFoundError", "No module named 'tkinter': a cell has no display", ""},
		{"ModuleNotFoundError", "No module named 'pandas.core.x'; 'pandas.core' is not a package", ""},
		// the large guest has it
		{"ModuleNotFoundError", "No module named 'scipy.stats'", ""},
		// known modules
		{"ModuleNotFoundError", "No module named 'pyodbc'", databases},
		{"ModuleNotFoundError", "No module named 'snowflake.connector'", databases},
		{"ModuleNotFoundError", "No module named 'distutils.version'", "; it was removed in Python 3.12; packaging.version compares versions, and shutil copies files"},
		{"ModuleNotFoundError", "No module named 'sklearn.cross_validation'", "; it is now sklearn.model_selection"},
		// libraries that pandas needs
		{"ImportError", "`Import numba` failed.  Use pip or conda to install numba.", "\n" + ModuleAdvice("numba")},
		{"ImportError", "`Import xarray` failed.  Use pip", "\nnothing can be installed in a cell; TABCELL_PACKAGES adds pure-Python wheels"},
		{"ImportError", "`Import bad` failed.  Use pip", "\nbad-1-py3-none-any.whl is not used: it has no RECORD"},
		{"ImportError", "pyarrow>=16.0.0 is required for ArrowDtype", "\n" + ModuleAdvice("pyarrow")},
		// wheels that are not used
		{"ModuleNotFoundError", "No module named 'bad.part'", "; bad-1-py3-none-any.whl is not used: it has no RECORD"},
		// other names
		{"ModuleNotFoundError", "No module named 'some_package'", "; " + general},
		{"ModuleNotFoundError", "No module named 'Pandas'", "; did you mean 'pandas'? If not, " + general},
		{"ModuleNotFoundError", "No module named 'pnadas'", "; did you mean 'pandas'? If not, " + general},
		{"ModuleNotFoundError", "No module named 'requestes.auth'", "; did you mean 'requests'? If not, " + general},
		{"ModuleNotFoundError", "No module named 'NLTK'", "; did you mean 'nltk'? If not, " + general},
		{"ModuleNotFoundError", "No module named 'maths'", "; did you mean 'math'? If not, " + general},
		{"ModuleNotFoundError", "No module named 'pydatetime'", "; " + general},
		// parts of packages
		{"ModuleNotFoundError", "No module named 'pandas.corr'", "; pandas exists, but has no module 'corr'; did you mean 'pandas.core'?"},
		{"ModuleNotFoundError", "No module named 'pandas.core.x.y'", "; pandas.core exists, but has no module 'x'"},
		{"ModuleNotFoundError", "No module named 'sklearn.metric'", "; sklearn exists, but has no module 'metric'; did you mean 'sklearn.metrics'?"},
		{"ModuleNotFoundError", "No module named 'requests.session'", "; requests exists, but has no module 'session'; did you mean 'requests.sessions'?"},
	} {
		e, call := adviser()
		if got := e.advise(call, c.class, c.text); got != c.text+c.advice {
			t.Errorf("%s %q:\n%q, want\n%q", c.class, c.text, got, c.text+c.advice)
		}
	}
}

// TestKnownModules checks that the modules that published scripts import most, and that tabcell
// cannot have, are listed, that no module is listed twice, and that each reason is a sentence
// part.
func TestKnownModules(t *testing.T) {
	expected := `prophet pymc pystan cmdstanpy tensorflow keras torch transformers pyodbc sqlalchemy psycopg2 pymysql cx_Oracle oracledb snowflake xgboost
		catboost pyspark polars pyarrow numba cv2 spacy gensim shapely pyproj geopandas rpy2 tabula selenium ortools openai yfinance`
	for module := range strings.FieldsSeq(expected) {
		if ModuleAdvice(module) == "" {
			t.Errorf("no advice for %s", module)
		}
	}
	var all []string
	for _, row := range moduleReasons {
		all = append(all, strings.Fields(row.modules)...)
		if row.reason == "" || strings.HasSuffix(row.reason, ".") {
			t.Errorf("%s: %q", row.modules, row.reason)
		}
	}
	slices.Sort(all)
	if unique := slices.Compact(slices.Clone(all)); len(unique) != len(all) {
		t.Error("a module is listed twice")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"numpy", "pandas", "re", "sklearn", "statsmodels", "_private", "json"}
	for name, want := range map[string]string{
		"Numpy": "numpy", "nupmy": "numpy", "numpi": "numpy", "nump": "numpy", "npy": "", "RE": "re", "ra": "", "sklaern": "sklearn", "skitlearn": "sklearn",
		"statsmodel": "statsmodels", "jsn": "", "jsom": "json", "private": "", "numpy": "", "": "", "ümpy": "",
	} {
		if got := nearest(name, names); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
