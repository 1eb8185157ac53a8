# Generators with a seed produce the same numbers on all platforms.
import random

import numpy as np


def new():
    return np.random.default_rng(20240229)


def old():
    return np.random.RandomState(1234)


p = [0.5, 0.3, 0.2]

cases = {
    "random": lambda: new().random(4),
    "normal": lambda: new().normal(10, 3, 6),
    "standard_normal float32": lambda: new().standard_normal(3, dtype=np.float32),
    "integers": lambda: new().integers(0, 1000, 8),
    "one integer": lambda: new().integers(10),
    "integers beyond 2**31": lambda: new().integers(0, 10**12, 4),
    "choice": lambda: new().choice(["a", "b", "c"], 6, p=p),
    "choice without replacement": lambda: new().choice(50, 5, replace=False),
    "permutation": lambda: new().permutation(8),
    "shuffle": lambda: (lambda g, x: (g.shuffle(x), x)[1])(new(), np.arange(6)),
    "poisson": lambda: new().poisson(4.5, 6),
    "poisson of large mean": lambda: new().poisson(1e6, 3),
    "binomial": lambda: new().binomial(100, 0.3, 6),
    "negative_binomial": lambda: new().negative_binomial(3, 0.4, 5),
    "geometric": lambda: new().geometric(0.2, 5),
    "hypergeometric": lambda: new().hypergeometric(20, 30, 10, 5),
    "multinomial": lambda: new().multinomial(100, p, 2),
    "zipf": lambda: new().zipf(2.0, 6),
    "logseries": lambda: new().logseries(0.7, 5),
    "exponential": lambda: new().exponential(2.0, 5),
    "gamma and beta": lambda: (lambda g: [g.gamma(2.5, 1.5, 4), g.beta(2, 5, 4)])(new()),
    "student and chi-square": lambda: (lambda g: [g.standard_t(5, 3), g.chisquare(3, 3), g.f(3, 7, 3)])(new()),
    "lognormal and weibull": lambda: (lambda g: [g.lognormal(0, 1, 3), g.weibull(1.5, 3), g.pareto(3, 3)])(new()),
    "gumbel to vonmises": lambda: (lambda g: [g.gumbel(0, 1, 2), g.laplace(0, 1, 2), g.logistic(0, 1, 2), g.rayleigh(1, 2), g.vonmises(0, 4, 2), g.wald(1, 2, 2)])(new()),
    "triangular and uniform": lambda: (lambda g: [g.triangular(0, 1, 4, 3), g.uniform(-1, 1, 3)])(new()),
    "dirichlet": lambda: new().dirichlet([1, 2, 3], 2),
    "multivariate_normal": lambda: new().multivariate_normal([0, 1], [[2, 0.5], [0.5, 1]], 3, method="cholesky"),
    "bytes": lambda: new().bytes(6).hex(),
    "spawned": lambda: [g.random() for g in new().spawn(3)],
    "Philox and SFC64": lambda: [np.random.Generator(b(7)).random(2) for b in (np.random.Philox, np.random.SFC64, np.random.MT19937, np.random.PCG64DXSM)],
    "SeedSequence": lambda: np.random.SeedSequence(42).generate_state(4),
    "rand": lambda: old().rand(4),
    "randn": lambda: old().randn(5),
    "randint": lambda: old().randint(0, 100, 8),
    "one randint": lambda: old().randint(100),
    "randint beyond 2**31": lambda: old().randint(0, 10**12, 4),
    "randint of two bounds": lambda: old().randint([0, 10], [5, 10**6]),
    "randint times an amount": lambda: old().randint(0, 100, 4) * 100_000_000,
    "random_integers by choice": lambda: old().choice(1000, 5),
    "legacy choice of names": lambda: old().choice(["x", "y", "z"], 5, p=p),
    "legacy permutation": lambda: old().permutation(7),
    "legacy poisson": lambda: old().poisson(3.3, 6),
    "legacy poisson times an amount": lambda: old().poisson(50, 3) * 100_000_000,
    "legacy binomial": lambda: old().binomial(40, 0.25, 6),
    "legacy negative_binomial": lambda: old().negative_binomial(3, 0.4, 4),
    "legacy geometric": lambda: old().geometric(0.1, 5),
    "legacy hypergeometric": lambda: old().hypergeometric(20, 30, 10, 4),
    "legacy multinomial": lambda: old().multinomial(20, p),
    "legacy zipf": lambda: old().zipf(3.0, 4),
    "legacy normal and gamma": lambda: (lambda r: [r.normal(0, 1, 3), r.gamma(2, 1, 3), r.beta(1, 2, 3)])(old()),
    "legacy multivariate_normal": lambda: np.abs(old().multivariate_normal([0, 0], [[2, 0], [0, 1]], 3)),
    "legacy tomaxint": lambda: old().tomaxint(3),
    "global seed": lambda: (np.random.seed(5), np.random.random_sample(3), np.random.randint(10, size=3))[1:],
    "state of the generator": lambda: new().bit_generator.state["state"]["state"] % 10**9,
    "random of Python": lambda: (lambda r: [r.random(), r.randint(1, 10**12), r.gauss(0, 1), r.sample(range(100), 4), r.choices("abc", k=4)])(random.Random(99)),
}
