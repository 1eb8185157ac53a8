package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tabcell/runtime"
)

const checksSetup = `import warnings
warnings.simplefilter("ignore")
import numpy as np
from scipy import optimize, stats
from scipy.interpolate import BSpline, splder
from scipy.optimize import shgo
from scipy.signal import peak_prominences, peak_widths
from scipy.spatial import ConvexHull, Delaunay, Voronoi
from scipy.stats import ks_2samp, qmc, skewnorm
from sklearn.isotonic import isotonic_regression
g = np.array([(i, j) for i in range(10) for j in range(10)], float)
r = np.random.default_rng(0)
knots = np.array([0, 0, 0, 0, .5, .5, .5, 1, 1, 1, 1.])
c = np.array([0, 1, 2, 0, 1, 3, 1, 0, 0, 0, 0.])
`

// Where scipy's native code would throw or longjmp, which a cell has not, or would learn of an overflow by the processor's flags: the answers are
// those of scipy 1.18.1 natively, and so are the errors; a grid that is joggled may be cut in other ways than Qhull's.
var checks = []struct{ expression, answer string }{
	{"peak_prominences([0, 1, 0, 3, 0, 2, 0, 5, 0], [3, 7])[0].tolist()", "[3.0, 5.0]"},
	{"peak_widths([0, 1, 0, 3, 0, 2, 0, 5, 0], np.array([3, 7], np.int64))[0].tolist()", "[1.0, 1.0]"},
	{"peak_prominences([0, 1, 0], [2**32 + 1])", "ValueError: peak 4294967297 is not a valid index for `x`"},
	{"peak_prominences([0, 1, 0], [1.])", "TypeError: cannot safely cast `peaks` to dtype('intp')"},
	{"round(ks_2samp(r.normal(size=1100), r.normal(size=1099), alternative='less').pvalue, 9)", "0.601539228"},
	{"optimize.isotonic_regression([[1., 2.], [0, 1]])", "ValueError: array has incorrect number of dimensions: 2; expected 1"},
	{"isotonic_regression([[1., 2.], [0, 1]])", "ValueError: array has incorrect number of dimensions: 2; expected 1"},
	{"optimize.isotonic_regression([3, 1, 2]).x.tolist()", "[2.0, 2.0, 2.0]"},
	{"np.unique(Delaunay(g, qhull_options='QJ').simplices).size", "100"},
	{"np.unique(Delaunay(np.r_[g, g], qhull_options='QJ').simplices).size", "200"},
	{"Delaunay(g, qhull_options='QJ').points.tolist() == g.tolist()", "true"},
	{"round(ConvexHull(g, qhull_options='QJ').volume, 6)", "81.0"},
	{"len(Voronoi(g, qhull_options='Qbb Qc Qz QJ').regions)", "101"},
	{"Delaunay(np.ones((6, 2)), qhull_options='QJ')", "QhullError: QH6229"},
	{"Delaunay(g, qhull_options='QJ.5.1')", "QhullError: QH6035"},
	{"stats._qmc._lloyd_centroidal_voronoi_tessellation(g / 9).shape", "[100, 2]"},
	{"round(qmc.Sobol(2, optimization='lloyd', rng=1).random(16).sum(), 4)", "15.9883"},
	{"bool(shgo(lambda x: sum((v - 1)**2 for v in x), [(None, None)] * 2, sampling_method='sobol').fun < 1e-12)", "true"},
	{"splder((knots, c, 3), 3)", "ValueError: The spline has internal repeated knots and is not differentiable 3 times"},
	{"BSpline(knots, c[:7], 3).derivative(3)", "ValueError: The spline has internal repeated knots and is not differentiable 3 times"},
	{"splder((knots, c, 3), 1)[1].tolist()", "[6.0, 6.0, -12.0, 6.0, 12.0, -12.0, 0.0, 0.0, 0.0]"},
	{"skewnorm.cdf(25, 2.5)", "1.0"},
	{"float('%.9g' % skewnorm.sf(9.4, 4))", "5.45630714e-21"},
	{"round(skewnorm.ppf(.999, 4), 9)", "3.290526731"},
}

func TestWhatNativeCodeCannotSay(t *testing.T) {
	e, err := engineWith("scipy")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		quoted, _ := json.Marshal(c.expression)
		script := fmt.Sprintf("%stry:\n    return eval(%s)\nexcept Exception as e:\n    return type(e).__name__ + ': ' + str(e)", checksSetup, quoted)
		answer, err := e.Evaluate(t.Context(), runtime.Call{Body: requestBody(script, "{}")})
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if got := strings.Trim(string(answer.Body), `"`); got != c.answer && !(strings.Contains(c.answer, "Error") && strings.HasPrefix(got, c.answer)) {
			t.Errorf("%s\n got %.200s\nwant %s", c.expression, got, c.answer)
		}
	}
}
