# Interpolation, optimization, integration, signals, linear algebra, distances, images, sparse matrices.
import numpy as np
from scipy import cluster, fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, spatial, special

rng = np.random.default_rng(23)
x = np.linspace(0, 10, 11)
y = np.sin(x) + 0.1 * x
t = np.arange(200) / 100
wave = np.sin(2 * np.pi * 5 * t) + 0.5 * np.sin(2 * np.pi * 12 * t) + 0.1 * rng.normal(size=200)
m = rng.normal(size=(5, 5))
s = m @ m.T + 5 * np.eye(5)
points = rng.normal(size=(20, 2))
S = sparse.csr_array(np.where(np.abs(s) > 1, s, 0))
cost = np.array([[4.0, 1, 3], [2, 0, 5], [3, 2, 2]])
draw = np.random.default_rng(29)
plan = {"c": draw.random(12), "A_ub": draw.normal(size=(8, 12)), "b_ub": draw.random(8) + 1, "A_eq": draw.random((2, 12)), "b_eq": [4, 5], "bounds": (0, 3)}
worth, weight = draw.integers(10, 100, 25), draw.integers(5, 60, (3, 25))
chosen = optimize.LinearConstraint(weight, -np.inf, weight.sum(1) // 3)


def rosen(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def saturation(v, top, rate):
    return top * (1 - np.exp(-rate * v))


cases = {
    "cubic spline": lambda: interpolate.CubicSpline(x, y)([0.5, 3.3, 9.9]),
    "spline derivative and integral": lambda: (lambda f: [float(f(2.5, 1)), float(f.integrate(0, 10))])(interpolate.CubicSpline(x, y)),
    "pchip and Akima": lambda: [interpolate.PchipInterpolator(x, y)([1.5, 7.2]), interpolate.Akima1DInterpolator(x, y)([1.5, 7.2])],
    "interp1d": lambda: [interpolate.interp1d(x, y, kind=k)(4.4) for k in ("linear", "nearest", "quadratic", "cubic", "previous")],
    "smoothing spline": lambda: interpolate.make_smoothing_spline(x, y, lam=0.5)([2.2, 5.5]),
    "B-spline": lambda: interpolate.make_interp_spline(x, y, k=3)([0.1, 8.8]),
    "splrep": lambda: interpolate.splev([2.5, 6.1], interpolate.splrep(x, y, s=0.1)),
    "griddata": lambda: interpolate.griddata(points, points[:, 0] * 2, [[0.1, 0.2], [-0.3, 0.1]], method="linear"),
    "regular grid": lambda: interpolate.RegularGridInterpolator((x, x), np.outer(y, y))([[1.2, 3.4], [5.6, 7.8]]),
    "radial basis": lambda: interpolate.RBFInterpolator(points, points.sum(1))([[0.1, 0.3]]),
    "brentq": lambda: optimize.brentq(lambda v: v**3 - 2 * v - 5, 2, 3),
    "newton": lambda: optimize.newton(lambda v: v * np.exp(v) - 1, 0.5, fprime=lambda v: (1 + v) * np.exp(v)),
    "internal rate of return": lambda: optimize.brentq(lambda r: sum(c / (1 + r) ** i for i, c in enumerate([-1000, 300, 420, 680])), 0, 1),
    "fsolve": lambda: optimize.fsolve(lambda v: [v[0] + v[1] - 3, v[0] ** 2 + v[1] ** 2 - 5], [0.5, 1.5]),
    "root": lambda: optimize.root(lambda v: [v[0] ** 3 - v[1], v[1] - 8], [1.0, 1.0], method="hybr").x,
    "minimize BFGS": lambda: optimize.minimize(optimize.rosen, [-1.2, 1], jac=optimize.rosen_der, options={"gtol": 1e-12}).x,
    "minimize Nelder-Mead": lambda: optimize.minimize(rosen, [-1.2, 1], method="Nelder-Mead").x,
    "minimize with bounds": lambda: optimize.minimize(rosen, [0.5, 0.5], method="L-BFGS-B", bounds=[(0, 0.8), (0, 2)]).x,
    "minimize SLSQP": lambda: optimize.minimize(lambda v: (v**2).sum(), [1.0, 2.0], method="SLSQP", jac=lambda v: 2 * v, constraints={"type": "eq", "fun": lambda v: v.sum() - 1}).x,
    "minimize trust region": lambda: optimize.minimize(rosen, [0.5, 0.5], method="trust-constr").fun < 1e-8,
    "minimize COBYLA": lambda: bool(abs(optimize.minimize(lambda v: (v[0] - 1) ** 2, [5.0], method="COBYLA").x[0] - 1) < 1e-3),
    "minimize_scalar": lambda: optimize.minimize_scalar(lambda v: (v - 2) ** 2 + 1).x,
    "curve_fit": lambda: optimize.curve_fit(saturation, x, saturation(x, 3, 0.4) + 0.01 * np.cos(x), p0=[1, 1])[0],
    "curve_fit with bounds": lambda: optimize.curve_fit(saturation, x, saturation(x, 3, 0.4) + 0.01 * np.cos(x), p0=[1, 1], bounds=(0, 10))[0],
    "least_squares": lambda: optimize.least_squares(lambda p: p[0] + p[1] * x - y, [0, 0], loss="soft_l1").x,
    "lsq_linear and nnls": lambda: [optimize.lsq_linear(s, np.arange(5.0), bounds=(0, 1)).x, optimize.nnls(s, np.arange(5.0))[0]],
    "assignment": lambda: [cost[optimize.linear_sum_assignment(cost)].sum(), list(optimize.linear_sum_assignment(cost))],
    "linprog simplex": lambda: optimize.linprog([-1, -2], A_ub=[[1, 1], [1, 3]], b_ub=[4, 6], method="highs").x,
    "linprog plan": lambda: optimize.linprog(**plan),
    "linprog by each solver": lambda: [optimize.linprog(**plan, method=k).x for k in ("highs-ds", "highs-ipm", "revised simplex")],
    "linprog without presolve": lambda: optimize.linprog(**plan, options={"presolve": False, "dual_feasibility_tolerance": 1e-9}).ineqlin,
    "linprog of sparse": lambda: (lambda r: [r.fun, r.eqlin.marginals])(optimize.linprog(np.arange(1.0, 10), A_eq=sparse.kron(sparse.eye_array(3), np.ones((1, 3))), b_eq=[5, 2.5, 1])),
    "linprog without answer": lambda: [(r.status, r.message, r.x) for r in (optimize.linprog([1, 2], [[1, 1]], [-4]), optimize.linprog([-1, -2], [[-1, -1]], [4]))],
    "linprog of whole numbers": lambda: [optimize.linprog([-3, -2], [[2, 1.5], [1, 3]], [7, 8], integrality=k).x for k in (0, 1, [1, 0])],
    "knapsack": lambda: (lambda r: [r.x.round(6), r.fun, r.mip_gap, r.message])(optimize.milp(-worth, integrality=np.ones(25), bounds=(0, 1), constraints=chosen)),
    "assignment by milp": lambda: optimize.milp(cost.ravel(), integrality=1, constraints=optimize.LinearConstraint(np.r_[np.kron(np.eye(3), np.ones(3)), np.kron(np.ones(3), np.eye(3))].reshape(6, 9), 1, 1)).fun,
    "milp of kinds": lambda: optimize.milp([-3, -2.1, 1, 1], integrality=[0, 1, 2, 3], bounds=optimize.Bounds([0, 0, 1.5, 2.5], [4, 4, 3, 4]), constraints=optimize.LinearConstraint([[2, 1.5, 0, 0], [0, 0, 1, 1]], [-np.inf, 4.2], [7.7, np.inf])).x,
    "milp in no time": lambda: [(r.status, r.x) for r in (optimize.milp(-worth, integrality=1, bounds=(0, 1), constraints=chosen, options={"time_limit": 0, "presolve": False}), optimize.milp([1, 1], integrality=1, constraints=optimize.LinearConstraint([2, 2], 1, 1)))],
    "differential evolution": lambda: bool(optimize.differential_evolution(rosen, [(-2, 2), (-2, 2)], rng=1, tol=1e-8).fun < 1e-8),
    "basin hopping": lambda: bool(abs(optimize.basinhopping(lambda v: np.cos(14.5 * v[0] - 0.3) + (v[0] + 0.2) * v[0], [1.0], niter=20, rng=2).fun + 1.00088) < 1e-4),
    "quad": lambda: [integrate.quad(np.exp, 0, 1)[0], integrate.quad(lambda v: np.exp(-(v**2)), -np.inf, np.inf)[0]],
    "dblquad": lambda: integrate.dblquad(lambda v, u: u * v**2, 0, 2, 0, 1)[0],
    "simpson": lambda: [integrate.simpson(y, x=x), integrate.cumulative_trapezoid(y, x)[-1], integrate.trapezoid(y)],
    "solve_ivp": lambda: integrate.solve_ivp(lambda _, v: [-0.5 * v[0]], [0, 4], [2.0], t_eval=[1, 4]).y,
    "solve_ivp stiff": lambda: integrate.solve_ivp(lambda _, v: [-50 * (v[0] - 1)], [0, 1], [0.0], method="LSODA", rtol=1e-8, atol=1e-10).y[0, -1],
    "odeint": lambda: integrate.odeint(lambda v, _: [v[1], -v[0]], [1, 0], [0, 1, 2], rtol=1e-10, atol=1e-12)[:, 0],
    "butter": lambda: signal.butter(3, 0.2),
    "filtfilt": lambda: signal.filtfilt(*signal.butter(3, 0.2), wave)[50:55],
    "sosfilt": lambda: signal.sosfilt(signal.cheby1(4, 1, 0.3, output="sos"), wave)[50:54],
    "lfilter": lambda: signal.lfilter([1], [1, -0.9], wave)[-3:],
    "savgol": lambda: signal.savgol_filter(wave, 11, 3)[20:24],
    "find_peaks": lambda: (lambda p: [p[0], p[1]["prominences"]])(signal.find_peaks(wave, height=0.8, distance=5, prominence=0.5)),
    "argrelextrema": lambda: signal.argrelextrema(wave[:60], np.greater, order=4)[0],
    "periodogram": lambda: (lambda f, p: [f[np.argsort(p)[::-1][:2]], np.sort(p)[::-1][:2]])(*signal.periodogram(wave, 100)),
    "welch": lambda: signal.welch(wave, 100, nperseg=64)[1][:6],
    "spectrogram": lambda: signal.spectrogram(wave, 100, nperseg=64)[2][3],
    "convolve and correlate": lambda: [signal.fftconvolve(wave[:20], wave[:5], "valid")[:3], signal.correlate(wave[:20], wave[5:10], "valid")[:3]],
    "detrend resample decimate": lambda: [signal.detrend(wave)[:2], signal.resample(wave, 50)[:3], signal.decimate(wave, 4)[5:8], signal.resample_poly(wave, 1, 3)[5:8]],
    "medfilt and hilbert": lambda: [signal.medfilt(wave, 5)[10:13], np.abs(signal.hilbert(wave))[10:13]],
    "windows": lambda: [signal.windows.hann(5), signal.windows.tukey(6), signal.windows.gaussian(5, 1.2)],
    "freqz": lambda: np.abs(signal.freqz(*signal.butter(2, 0.3), worN=4)[1]),
    "fft": lambda: [np.abs(fft.rfft(wave)[:4]), fft.next_fast_len(10007), fft.dct(y), fft.dst(y[:4])],
    "fft in two dimensions": lambda: fft.fft2(m[:3, :3]),
    "lu": lambda: (lambda p, l, u: [np.abs(np.diag(u)), p.argmax(1)])(*linalg.lu(m)),
    "linear algebra": lambda: [linalg.det(m), linalg.solve(s, np.arange(5.0), assume_a="pos"), linalg.expm(m * 0.1)[0], linalg.sqrtm(s)[1], linalg.logm(s)[2].real],
    "eigenvalues": lambda: [linalg.eigvalsh(s), np.sort_complex(linalg.eigvals(m)), linalg.svdvals(m), np.abs(linalg.schur(s)[0].diagonal()).sum()],
    "banded and triangular": lambda: [linalg.solve_banded((1, 1), np.array([[0, 1, 1], [4, 4, 4], [1, 1, 0.0]]), [1, 2, 3]), linalg.solve_triangular(np.triu(m) + 3 * np.eye(5), np.ones(5)), linalg.cho_solve(linalg.cho_factor(s), np.ones(5))],
    "toeplitz and block_diag": lambda: [linalg.toeplitz([1, 2, 3]), linalg.block_diag([1], [[2, 3]]), linalg.hilbert(2)],
    "null space and orth": lambda: [linalg.null_space(np.ones((2, 3))).shape, linalg.orth(m).shape, linalg.pinvh(s)[0]],
    "gamma and beta": lambda: [special.gamma([0.5, 5.5]), special.gammaln(1000.5), special.betainc(2, 3, 0.4), special.gammainc(2.5, 1.5), special.digamma(3.3)],
    "erf": lambda: [special.erf([0.1, 2]), special.erfinv(0.7), special.erfc(5), special.ndtri(0.9), special.log_ndtr(-20)],
    "Bessel and others": lambda: [special.jv(1.5, 3), special.iv(0, 2), special.kn(2, 1.5), special.zeta(3), special.lambertw(1).real, special.ellipk(0.5), special.expi(1.2), special.hyp2f1(1, 2, 3, 0.4)],
    "expit logit softmax": lambda: [special.expit([-40, 0.3]), special.logit(0.2), special.softmax([1, 2, 3.0]), special.logsumexp([1000, 1000.5]), special.xlogy(0, 0), special.entr(0.3)],
    "combinations": lambda: [special.comb(50, 6, exact=True), special.comb(30, 4), special.factorial(20, exact=True), special.perm(10, 3), special.binom(5.5, 2)],
    "legendre": lambda: [special.eval_legendre(4, 0.3), special.roots_legendre(4)[0], special.eval_hermite(3, 0.5)],
    "distances": lambda: [spatial.distance.pdist(points[:4], d) for d in ("euclidean", "cityblock", "cosine", "chebyshev", "correlation", "braycurtis")],
    "cdist": lambda: [spatial.distance.cdist(points[:2], points[2:5]), spatial.distance.cdist(points[:2], points[2:4], "mahalanobis", VI=np.eye(2)), spatial.distance.jaccard([1, 0, 1], [1, 1, 0])],
    "tree": lambda: (lambda k: [k.query([[0, 0], [1, 1]], k=2), k.query_ball_point([0, 0], 0.7)])(spatial.cKDTree(points)),
    "hull": lambda: [spatial.ConvexHull(points).volume, np.sort(spatial.ConvexHull(points).vertices)],
    "triangulation": lambda: [len(spatial.Delaunay(points).simplices), np.sort(spatial.Voronoi(points).vertices[:, 0])[:3]],
    "rotation": lambda: spatial.transform.Rotation.from_euler("zyx", [90, 45, 30], degrees=True).as_matrix(),
    "linkage": lambda: [cluster.hierarchy.linkage(points[:8], w) for w in ("ward", "average", "single")],
    "fcluster": lambda: cluster.hierarchy.fcluster(cluster.hierarchy.linkage(points, "complete"), 3, "maxclust"),
    "cophenetic": lambda: cluster.hierarchy.cophenet(cluster.hierarchy.linkage(points, "average"), spatial.distance.pdist(points))[0],
    "k-means of scipy": lambda: np.sort(cluster.vq.kmeans2(points, 2, rng=1, minit="++")[0][:, 0]),
    "whiten": lambda: cluster.vq.whiten(points)[:2],
    "gaussian filter": lambda: [ndimage.gaussian_filter1d(wave, 2)[10:13], ndimage.uniform_filter1d(wave, 5)[10:13], ndimage.median_filter(m, 3)[2]],
    "label": lambda: [ndimage.label(m > 0)[1], ndimage.label(m > 0)[0], ndimage.center_of_mass(np.abs(m)), ndimage.zoom(m[:2, :2], 2, order=1)],
    "sparse": lambda: [S.nnz, S.sum(), (S @ np.ones(5)), S.toarray()[0], sparse.kron(sparse.eye_array(2), [[1.0, 2]]).toarray(), S.indices.dtype],
    "sparse solve": lambda: [sparse.linalg.spsolve(S.tocsc(), np.ones(5)), sparse.linalg.cg(sparse.csr_array(s), np.ones(5), rtol=1e-12)[0], sparse.linalg.splu(S.tocsc()).solve(np.ones(5))],
    "sparse eigenvalues": lambda: np.sort(sparse.linalg.eigsh(sparse.csr_array(s), k=2, v0=np.ones(5))[0]),
    "graphs": lambda: [sparse.csgraph.shortest_path(np.array([[0, 2, 0], [0, 0, 3], [1, 0, 0]])), sparse.csgraph.connected_components(np.eye(3))[0], sparse.csgraph.minimum_spanning_tree(cost).sum()],
    "bad interval": lambda: optimize.brentq(lambda v: v**2 + 1, 0, 1),
    "singular matrix": lambda: linalg.solve([[1.0, 1], [1, 1]], [1.0, 2]),
    "not positive": lambda: linalg.cholesky(-s),
    "collinear hull": lambda: spatial.ConvexHull([[0, 0], [1, 1], [2, 2]]).volume,
}
