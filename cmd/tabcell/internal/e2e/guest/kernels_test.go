package guest

// kernel is a piece of Python code that BenchmarkGuest measures in the guest and natively.
type kernel struct{ name, library, setup, work string }

// Setups that several kernels share.
const (
	million = "import numpy as np\nx = np.random.default_rng(1).random(1_000_000) + 0.5\ny = x[::-1].copy()"
	matrix  = "import numpy as np\na = np.random.default_rng(1).random((300, 300)) + 300 * np.eye(300)\nb = np.ones(300)"
	table   = "import io\nimport numpy as np, pandas as pd\ng = np.random.default_rng(1)\nn = 100_000\n" +
		"d = pd.DataFrame({'k': g.integers(0, 1000, n), 's': np.array(['north', 'south', 'east', 'west'])[g.integers(0, 4, n)], 'v': g.random(n)})"
	samples = "import numpy as np\ng = np.random.default_rng(1)\nX = g.normal(size=(1000, 10))\ny = (X[:, 0] + g.normal(size=1000) > 0).astype(int)\n"
)

var kernels = []kernel{
	{"loop of floats", "python", "", "t = 0.0\nfor i in range(200_000):\n    t += i * 0.5\n"},
	{"calls", "python", "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)", "f(18)"},
	{"dict counts", "python", "words = [str(i % 997) for i in range(50_000)]", "c = {}\nfor w in words:\n    c[w] = c.get(w, 0) + 1"},
	{"list comprehension and sort", "python", "", "sorted([(i * 7919) % 100_003 for i in range(50_000)])"},
	{"string and regular expression", "python", "import re\nt = 'name=value; ' * 2000", "len(re.findall(r'(\\w+)=(\\w+)', t.upper()))"},
	{"json round trip", "python", "import json\nv = [{'a': i, 'b': i * 0.5, 'c': str(i)} for i in range(2000)]", "json.loads(json.dumps(v))"},

	{"add", "numpy", million, "x + y"},
	{"multiply and sum", "numpy", million, "(x * y).sum()"},
	{"exp", "numpy", million, "np.exp(x)"},
	{"log", "numpy", million, "np.log(x)"},
	{"power", "numpy", million, "x ** 1.7"},
	{"sqrt", "numpy", million, "np.sqrt(x)"},
	{"where", "numpy", million, "np.where(x > 1, x, y)"},
	{"sort", "numpy", million, "np.sort(x)"},
	{"matmul 300", "numpy", matrix, "a @ a"},
	{"solve 300", "numpy", matrix, "np.linalg.solve(a, b)"},
	{"svd 300", "numpy", matrix, "np.linalg.svd(a)"},
	{"fft", "numpy", million, "np.fft.rfft(x[:2**18])"},
	{"normal draws", "numpy", "import numpy as np\ng = np.random.default_rng(1)", "g.normal(size=500_000)"},

	{"groupby sum", "pandas", table, "d.groupby('k')['v'].sum()"},
	{"groupby string, three aggregates", "pandas", table, "d.groupby('s')['v'].agg(['mean', 'std', 'count'])"},
	{"rolling mean", "pandas", table, "d['v'].rolling(30).mean()"},
	{"merge", "pandas", table + "\ne = pd.DataFrame({'k': np.arange(1000), 'w': np.arange(1000.0)})", "d.merge(e, on='k')"},
	{"sort_values", "pandas", table, "d.sort_values(['k', 'v'])"},
	{"upper and contains", "pandas", table + "\ns = d['s'].head(20_000)", "s.str.upper().str.contains('TH').sum()"},
	{"read_csv", "pandas", table + "\nt = d.head(20_000).to_csv(index=False)", "pd.read_csv(io.StringIO(t))"},
	{"pivot_table", "pandas", table, "d.pivot_table(index='k', columns='s', values='v', aggfunc='sum')"},

	{"t-test and Mann-Whitney", "scipy", "from scipy import stats\n" + samples + "a, b = X[:500, 0], X[500:, 1]", "stats.ttest_ind(a, b), stats.mannwhitneyu(a, b)"},
	{"minimize", "scipy", "from scipy import optimize", "optimize.minimize(optimize.rosen, [-1.2, 1, 2], jac=optimize.rosen_der)"},
	{"k-means", "sklearn", "from sklearn import cluster\n" + samples, "cluster.KMeans(4, n_init=1, random_state=0).fit(X)"},
	{"random forest", "sklearn", "from sklearn import ensemble\n" + samples, "ensemble.RandomForestClassifier(10, random_state=0).fit(X, y)"},
	{"logistic regression", "sklearn", "from sklearn import linear_model\n" + samples, "linear_model.LogisticRegression().fit(X, y)"},
}
