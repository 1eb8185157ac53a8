package guest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

const checksSetup = `import warnings
warnings.simplefilter("ignore")
import numpy as np
from scipy import optimize, special, stats
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
def solved(**options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return optimize.milp([1, 2], constraints=([[1, 1]], 2.5, 9), options=options).message, [str(w.message) for w in caught if w.category is optimize.OptimizeWarning]
`

// nativeErrorCases are cases in which scipy's native code would throw or call longjmp, neither of
// which a cell has, or would detect an overflow by the flags of the processor. The results and the
// errors are those of a native scipy 1.18.1, except that Qhull may cut a joggled grid in another
// way.
var nativeErrorCases = []struct{ expression, want string }{
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
	{"[str(v) for v in (stats.binom.cdf(3e16, 1e17, .3), stats.binom.sf(3e16, 1e17, .3), stats.binom.ppf(.5, 1e17, .3), stats.binom.isf(.5, 1e17, .3))]", `["nan", "nan", "nan", "nan"]`},
	{"[str(v) for v in (stats.binom.ppf(.5, 1e16, .5), stats.binom.ppf(.999, 1e16, .5), stats.binom.ppf(.5, 1e18, .01), stats.nbinom.ppf(.5, 1e16, .5))]", `["nan", "nan", "nan", "nan"]`},
	{"[stats.binom.ppf(.5, 1e15, .5), stats.binom.ppf(.5, 3e16, .1), stats.binom.cdf(3e15, 1e16, .3) > .5, stats.nbinom.cdf(1e16, 1e16, .5)]", "[500000000000000.0, 3000000000000000.0, true, 0.5]"},
	{"[str(v) for v in (special.betainc(3e16, 7e16, .3), special.betaincc(3e16, 7e16, .3))]", `["nan", "nan"]`},
	{"solved(time_limit='soon')", "TypeError: check_double_option(): incompatible function arguments."},
	{"solved(node_limit=1.5)", "TypeError: check_int_option(): incompatible function arguments."},
	{"solved(node_limit=2**40)", "TypeError: check_int_option(): incompatible function arguments."},
	{"solved(mip_rel_gap=-1)", `["Optimization terminated successfully. (HiGHS Status 7: Optimal)", ["Invalid option value."]]`},
	{"'only True or False is allowed' in solved(presolve='x')[1][0]", "true"},
	{"solved(speed=1)[1]", `["Unrecognized options detected: {'speed': 1}"]`},
	{"solved(solver='hipo')[1]", `["Invalid option value."]`},
	{"solved(log_file='/tmp/log')", `["Optimization terminated successfully. (HiGHS Status 7: Optimal)", []]`},
	{"solved(write_model_to_file=True, write_model_file='/tmp/m.lp')[0]", "(HiGHS Status 0: model_status is Not Set; primal_status is None)"},
	{"solved(write_model_to_file=True, write_model_file='/tmp/m.ems')[0]", "(HiGHS Status 0: Not Set)"},
	{"solved(read_solution_file='/tmp/s')[0]", "(HiGHS Status 0: Not Set)"},
	{"solved(threads=4, parallel=True)", `["Optimization terminated successfully. (HiGHS Status 7: Optimal)", []]`}, // natively, an earlier call decides whether this is an error
	{"optimize.milp([1, np.nan])", "ValueError: `c` must be a one-dimensional array of finite numbers"},
	{"optimize.milp([1, 1], integrality=4)", "ValueError: `integrality` must contain integers 0-3"},
	{"optimize.milp([1, 1], bounds=(np.nan, 1)).message", "(HiGHS Status 2: Model error)"},
	{"optimize.milp([1, 1], constraints=([[np.inf, 1]], 0, 1)).message", "(HiGHS Status 2: Model error)"},
	{"optimize.linprog([1, 2], [[np.nan, 1]], [1])", "ValueError: Invalid input for linprog: A_ub must not contain values inf, nan, or None"},
}

func TestNativeErrors(t *testing.T) {
	e, err := harness.EngineWith("scipy")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range nativeErrorCases {
		quoted, _ := json.Marshal(c.expression)
		script := fmt.Sprintf("%stry:\n    return eval(%s)\nexcept Exception as e:\n    return type(e).__name__ + ': ' + str(e)", checksSetup, quoted)
		result, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		got := strings.Trim(string(result.Body), `"`)
		if got != c.want && !(strings.Contains(c.want, "Error") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s\n got %.200s\nwant %s", c.expression, got, c.want)
		}
	}
}

// TestSolverWithinLimits checks that a solver which would search for hours ends at the time limit
// and at the memory limit like any script, and that its output is part of the script's output.
func TestSolverWithinLimits(t *testing.T) {
	e, err := harness.EngineWith("scipy")
	if err != nil {
		t.Fatal(err)
	}
	const split = `import numpy as np
from scipy import optimize
r = np.random.default_rng(1)
m, n = 5, 40
A = r.integers(0, 100, (m, n))
slack = np.hstack([np.eye(m), -np.eye(m)])
result = optimize.milp(np.r_[np.zeros(n), np.ones(2 * m)], integrality=np.r_[np.ones(n), np.zeros(2 * m)], bounds=(0, np.r_[np.ones(n), np.full(2 * m, 99)]),
                       constraints=(np.hstack([A, slack]), A.sum(1) // 2, A.sum(1) // 2), options=%s)
return result.status, result.x is not None
`
	begin := time.Now()
	timeout := runtime.Limits{Timeout: 2 * time.Second}
	_, err = e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(fmt.Sprintf(split, "None"), "{}"), Limits: timeout})
	if took := time.Since(begin); !errors.Is(err, runtime.ErrTimeout) || took > testenv.Scaled(20*time.Second) {
		t.Errorf("after %v: %v, want %v", took, err, runtime.ErrTimeout)
	}
	options := fmt.Sprintf("{'time_limit': %.3f, 'disp': True}", testenv.Scaled(500*time.Millisecond).Seconds())
	result, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(fmt.Sprintf(split, options), "{}")})
	if err != nil || string(result.Body) != "[1, true]" || !strings.Contains(string(result.Output), "Time limit reached") {
		t.Errorf("%s %v\n%.2000s", result.Body, err, result.Output)
	}
	large := `import numpy as np
from scipy import optimize, sparse
r = np.random.default_rng(1)
A = sparse.csc_array((r.random(800000), r.integers(0, 20000, 800000), np.arange(0, 800001, 40)), shape=(20000, 20000))
return optimize.linprog(-np.ones(20000), A, A @ np.ones(20000), bounds=(0, 2), method="highs-ipm").status
`
	_, err = e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(large, "{}"), Limits: runtime.Limits{Memory: 180 << 20}})
	if !errors.Is(err, runtime.ErrMemory) {
		t.Errorf("%v, want %v", err, runtime.ErrMemory)
	}
}
