package guest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// TestArchivesOfOtherVersions loads archives made by other versions of Python, whose bytecode the
// functions in them contain. The archives in testdata hold
//
//	def f(x): return [str(v * k) for v in x]
//
// with k = 2 in its module, as TabPy's client stores it with cloudpickle 2.2 (Python 3.7) or 3.1.
func TestArchivesOfOtherVersions(t *testing.T) {
	e := harness.Core(t)
	for file, version := range map[string]string{
		"python37": "Python 3.7 or an older one", "python39": "Python 3.8 or 3.9", "python310": "Python 3.10",
		"python311": "Python 3.11", "python312": "Python 3.12", "python313": "",
	} {
		archive, err := os.ReadFile(filepath.Join("testdata", "archives", file+".pickle_archive"))
		if err != nil {
			t.Fatal(err)
		}
		m := modelOfArchive(file, archive)
		if version == "" {
			if got := query(t, e, m, `{"data": [[1, 2]]}`); got != `["2", "4"]` {
				t.Errorf("%s returned %s", file, got)
			}
			continue
		}
		var modelErr *runtime.ModelError
		_, err = e.LoadModel(t.Context(), m)
		want := "this archive was made by " + version + ", and Python 3.13."
		if !errors.As(err, &modelErr) || !strings.HasPrefix(modelErr.Text, want) || !strings.Contains(modelErr.Text, "Deploy the function's source text instead") {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}

// TestModelsThatNeedTheFullGuest queries models that import scikit-learn. The router notices it
// when the model is loaded, when it reads the source before the query, or only during the query.
func TestModelsThatNeedTheFullGuest(t *testing.T) {
	harness.Full(t)
	shared, err := harness.Router()
	if err != nil {
		t.Fatal(err)
	}
	router := shared.(*runtime.Router)
	for _, source := range []string{
		"from sklearn.linear_model import LinearRegression\ndef f(x):\n    return LinearRegression().fit([[1.0], [2.0]], [2.0, 4.0]).predict([[x]]).tolist()",
		"def f(x):\n    from sklearn.linear_model import LinearRegression\n    return LinearRegression().fit([[1.0], [2.0]], [2.0, 4.0]).predict([[x]])",
		"def f(x):\n    m = __import__('importlib').import_module('sklearn.linear_model')\n    return m.LinearRegression().fit([[1.0], [2.0]], [2.0, 4.0]).predict([[x]])",
	} {
		m := modelOfSource("f", source)
		if _, err := router.LoadModel(t.Context(), m); err != nil {
			t.Error(err)
		}
		for range 2 {
			if got := query(t, router, m, `{"data": [3]}`); !strings.HasPrefix(got, "[6.0") && !strings.HasPrefix(got, "[5.99999") {
				t.Errorf("%s\nreturned %s", source, got)
			}
		}
	}
}
