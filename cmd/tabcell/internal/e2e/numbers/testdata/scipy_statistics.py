# Distributions, descriptive statistics, tests.
import numpy as np
import pandas as pd
from scipy import stats

rng = np.random.default_rng(17)
a = rng.normal(5, 2, 30)
b = rng.normal(6, 2.5, 25)
c = a + rng.normal(0, 1, 30)
groups = [rng.normal(m, 1, 12) for m in (0, 0.4, 1.1)]
table = np.array([[12, 5, 9], [7, 14, 6]])
counts = rng.poisson(3, 40)


def both(result):
    return [float(result.statistic), float(result.pvalue)]


cases = {
    "normal": lambda: [stats.norm.cdf(1.96), stats.norm.ppf([0.025, 0.5, 0.999]), stats.norm.pdf(0.3, 1, 2), stats.norm.sf(8)],
    "student": lambda: [stats.t.ppf(0.975, [3, 10, 100]), stats.t.cdf(-2.1, 7), stats.t.interval(0.95, 9, 5, 0.4)],
    "chi-square and F": lambda: [stats.chi2.sf(11.07, 5), stats.chi2.ppf(0.95, 4), stats.f.sf(4.5, 3, 20), stats.f.ppf(0.99, 2, 9)],
    "gamma and beta": lambda: [stats.gamma.cdf(3, 2.5), stats.beta.ppf([0.1, 0.9], 2, 5), stats.gamma.mean(2, scale=3), stats.beta.entropy(2, 3)],
    "lognormal weibull exponential": lambda: [stats.lognorm.cdf(2, 0.5), stats.weibull_min.ppf(0.3, 1.5), stats.expon.sf(2, scale=3), stats.pareto.pdf(2, 3)],
    "binomial": lambda: [stats.binom.pmf([0, 3, 10], 10, 0.3), stats.binom.cdf(4, 10, 0.3), stats.binom.ppf(0.9, 50, 0.2), stats.binom.interval(0.9, 100, 0.4)],
    "poisson and geometric": lambda: [stats.poisson.pmf(3, 2.5), stats.poisson.sf(9, 4), stats.geom.cdf(4, 0.2), stats.nbinom.pmf(3, 5, 0.4), stats.hypergeom.pmf(2, 50, 10, 8)],
    "moments": lambda: [stats.skewnorm.stats(4, moments="mvsk"), stats.gumbel_r.var(), stats.norm.expect(lambda v: v**2)],
    "draws": lambda: [stats.norm.rvs(size=3, random_state=1), stats.gamma.rvs(2, size=3, random_state=2), stats.poisson.rvs(4, size=4, random_state=3)],
    "draws of others": lambda: [stats.t.rvs(5, size=2, random_state=1), stats.beta.rvs(2, 3, size=2, random_state=np.random.default_rng(4)), stats.multivariate_normal.rvs([0, 1], np.eye(2), size=2, random_state=5)],
    "fit normal": lambda: stats.norm.fit(a),
    "fit exponential": lambda: stats.expon.fit(np.abs(a)),
    "fit lognormal": lambda: stats.lognorm.fit(np.abs(a), floc=0),
    "fit gamma": lambda: stats.gamma.fit(np.abs(a), floc=0),
    "describe": lambda: stats.describe(a),
    "t-test": lambda: both(stats.ttest_ind(a, b)),
    "Welch": lambda: both(stats.ttest_ind(a, b, equal_var=False, alternative="less")),
    "paired t-test": lambda: both(stats.ttest_rel(a, c)),
    "one sample": lambda: both(stats.ttest_1samp(a, 4.5)),
    "t-test of summaries": lambda: both(stats.ttest_ind_from_stats(5, 1.2, 20, 5.6, 1.5, 25)),
    "confidence interval of a t-test": lambda: list(stats.ttest_1samp(a, 5).confidence_interval(0.9)),
    "Mann-Whitney": lambda: both(stats.mannwhitneyu(a, b)),
    "Wilcoxon": lambda: both(stats.wilcoxon(a, c)),
    "Kruskal": lambda: both(stats.kruskal(*groups)),
    "Friedman": lambda: both(stats.friedmanchisquare(*groups)),
    "ANOVA": lambda: both(stats.f_oneway(*groups)),
    "Tukey": lambda: stats.tukey_hsd(*groups).statistic,
    "Tukey p-values": lambda: stats.tukey_hsd(*groups).pvalue,
    "Levene and Bartlett": lambda: [both(stats.levene(a, b)), both(stats.bartlett(a, b)), both(stats.fligner(a, b))],
    "Shapiro": lambda: both(stats.shapiro(a)),
    "normaltest": lambda: [both(stats.normaltest(a)), both(stats.jarque_bera(a)), both(stats.skewtest(a)), both(stats.kurtosistest(a))],
    "Anderson": lambda: float(stats.anderson(a, "norm").statistic),
    "Kolmogorov-Smirnov": lambda: [both(stats.kstest((a - 5) / 2, "norm")), both(stats.ks_2samp(a, b))],
    "Cramer von Mises": lambda: [both(stats.cramervonmises((a - 5) / 2, "norm")), both(stats.epps_singleton_2samp(a, b))],
    "chi-square of a table": lambda: (lambda r: [r.statistic, r.pvalue, r.dof, r.expected_freq])(stats.chi2_contingency(table)),
    "chi-square of counts": lambda: both(stats.chisquare([16, 18, 16, 14, 12, 12])),
    "Fisher": lambda: both(stats.fisher_exact([[8, 2], [1, 5]])),
    "Barnard and Boschloo": lambda: float(stats.barnard_exact([[7, 12], [8, 3]]).statistic),
    "binomial test": lambda: (lambda r: [r.statistic, r.pvalue, list(r.proportion_ci(method="wilson"))])(stats.binomtest(13, 40, 0.5)),
    "Pearson": lambda: (lambda r: [r.statistic, r.pvalue, list(r.confidence_interval())])(stats.pearsonr(a, c)),
    "Spearman and Kendall": lambda: [both(stats.spearmanr(a, c)), both(stats.kendalltau(a, c)), both(stats.weightedtau(a, c))],
    "point biserial": lambda: both(stats.pointbiserialr(a > 5, c)),
    "linregress": lambda: (lambda r: [r.slope, r.intercept, r.rvalue, r.pvalue, r.stderr, r.intercept_stderr])(stats.linregress(a, c)),
    "Theil-Sen": lambda: [float(v) for v in stats.theilslopes(c, a)],
    "z-scores": lambda: [stats.zscore(a)[:3], stats.zmap([5, 6], a), stats.iqr(a), stats.median_abs_deviation(a)],
    "means": lambda: [stats.gmean(np.abs(a)), stats.hmean(np.abs(a)), stats.trim_mean(a, 0.1), stats.sem(a), stats.tmean(a, (3, 7))],
    "shape": lambda: [stats.skew(a, bias=False), stats.kurtosis(a), stats.moment(a, 3), stats.variation(a), stats.entropy([0.2, 0.3, 0.5], base=2)],
    "rankdata and mode": lambda: [stats.rankdata([3, 1, 3, 2]), stats.rankdata([3, 1, 3], "dense"), list(stats.mode(counts)), stats.percentileofscore(a, 5.0)],
    "Box-Cox of a lambda": lambda: stats.boxcox(np.abs(a)[:5], 0.3),
    "Box-Cox": lambda: float(stats.boxcox(np.abs(a))[1]),
    "Yeo-Johnson of a lambda": lambda: stats.yeojohnson(a[:5], 0.5),
    "density": lambda: stats.gaussian_kde(a)([3.0, 5.0, 8.0]),
    "density in two dimensions": lambda: stats.gaussian_kde(np.vstack([a, c]))([[5.0], [5.0]]),
    "binned_statistic": lambda: stats.binned_statistic(a, c, "mean", bins=3).statistic,
    "cumulative frequencies": lambda: [stats.cumfreq(a, 4).cumcount, stats.relfreq(a, 4).frequency],
    "bootstrap": lambda: list(stats.bootstrap((a,), np.mean, n_resamples=200, rng=7, method="percentile").confidence_interval),
    "permutation test": lambda: float(stats.permutation_test((a[:8], b[:8]), lambda x, y: np.mean(x) - np.mean(y), n_resamples=200, rng=3).pvalue),
    "multivariate normal": lambda: [stats.multivariate_normal.pdf([1, 1], [0, 0], [[2, 0.3], [0.3, 1]]), stats.multivariate_normal.logpdf(0.5)],
    "dirichlet multinomial": lambda: [stats.dirichlet.mean([1, 2, 3]), stats.multinomial.pmf([2, 1, 1], 4, [0.5, 0.25, 0.25])],
    "power divergence": lambda: both(stats.power_divergence([10, 20, 30], lambda_="log-likelihood")),
    "Fisher's method": lambda: both(stats.combine_pvalues([0.01, 0.2, 0.3])),
    "false discoveries": lambda: stats.false_discovery_control([0.01, 0.04, 0.03, 0.2]),
    "Wasserstein in two dimensions": lambda: stats.wasserstein_distance_nd(np.c_[a[:8], c[:8]], np.c_[b[:6], b[6:12]], np.arange(1, 9)),
    "energy and Wasserstein": lambda: [stats.wasserstein_distance(a, b), stats.energy_distance(a, b)],
    "winsorize": lambda: np.asarray(stats.mstats.winsorize(a, limits=0.1)).sum(),
    "pandas rank correlation": lambda: [pd.Series(a).corr(pd.Series(c), method="spearman"), pd.DataFrame({"a": a, "c": c}).corr(method="kendall")],
    "quasi-random": lambda: [stats.qmc.Sobol(2, scramble=False).random(4), stats.qmc.Halton(2, scramble=False).random(3)],
    "trimmed and limits": lambda: [stats.trimboth([5, 1, 9, 3, 7], 0.2), stats.sigmaclip([1.0] * 20 + [100.0], 3, 3)[0].size],
    "control of errors": lambda: stats.pearsonr([1], [2]),
}
