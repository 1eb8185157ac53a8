"""Operations that the guest computes in blocks of vectors, or draws in blocks: results at the edges of
blocks, and at each place of a block."""

import numpy as np
import pandas as pd

lengths = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130]
kinds = "d f q Q i I h B".split()
PAIRS = {k: [(1, 100), (0, 101)] for k in kinds}  # a smaller and a larger number
PAIRS["q"] = PAIRS["Q"] = PAIRS["d"] = [(1, 100), (5, 2**40), (2**40, 2**50), (2**31 - 1, 2**32)]
PAIRS["i"], PAIRS["I"] = [(1, 2**31 - 1)], [(2**31 - 1, 2**31)]


def drawn(n, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def nans_found(kind):
    """A NaN at each place of arrays of each length is the largest, smallest and first of all numbers."""
    for n in lengths:
        for skipped in (0, 1):
            for k in range(n):
                a = np.ones(n + skipped, kind)[skipped:]
                a[k] = np.nan
                if not (np.isnan(a.max()) and np.isnan(a.min()) and a.argmax() == a.argmin() == k):
                    return n, skipped, k
                if n > 1 and not np.fmax.reduce(a) == np.fmin.reduce(a) == 1:
                    return n, skipped, k, "fmax"
    return True


def extremes_found(kind):
    """An extreme at each place is found, below and beyond 32 bits."""
    for n in lengths:
        for least, most in PAIRS[kind]:
            for k in range(n):
                a = np.full(n, least, kind)
                a[k] = most
                b = np.full(n, most, kind)
                b[k] = least
                if (a.max(), a.argmax(), b.min(), b.argmin()) != (np.array(most, kind), k if n > 1 else 0, np.array(least, kind), k):
                    return n, k, least, most
    return True


def negative_extremes():
    a = np.arange(-200, 0)
    return [[int(v) for v in (a[k:].max(), a[k:].min(), a[k:].argmax(), a[k:].argmin())] for k in (0, 1, 100, 190)]


def sorts(kind):
    x = drawn(5000) * 1000
    a = np.abs(x).astype(kind) if kind in "QIB" else x.astype(kind)
    s = np.sort(a)
    return bool((s[1:] >= s[:-1]).all()), s[::500], np.argsort(a, kind="stable")[::500], len(np.unique(a))


def special_sorts():
    x = drawn(4500)
    x[::7], x[1::7], x[2::7], x[3::7] = np.nan, -np.inf, 0.0, -0.0
    close = 1 + np.random.default_rng(3).integers(0, 4096, 5000) * 2.0**-52
    return np.sort(x)[::300], np.signbit(np.sort(x)).sum(), np.sort(close)[::500] - 1, np.sort(np.full(5000, 2.5)).sum(), np.sort(x.astype("f"))[::300]


def partitioned(a, kth):
    p, s = np.partition(a, kth), np.sort(a)
    whole = all(p[k] == s[k] and not (p[:k] > p[k]).any() and not (p[k + 1 :] < p[k]).any() for k in np.atleast_1d(kth))
    return bool(whole and (np.sort(p) == s).all())


def partitions():
    x = drawn(20_000)
    arrays = [x, x.astype("f"), (x * 1e9).astype("q"), (x * 3).round(), np.abs(x * 1000).astype("I"), np.arange(20_000.0), np.zeros(3000), x[:1500]]
    return [[partitioned(a, k) for k in (0, 3, 700, len(a) // 2, len(a) - 1, [5, len(a) // 2, len(a) - 4])] for a in arrays]


def medians():
    x = drawn(9000)
    y = x.copy()
    y[::10] = np.nan
    return np.median(x), np.nanmedian(y), np.median(y), np.percentile(x, [1, 5, 50, 95, 99]), np.nanpercentile(y, [5, 95]), np.median(x.reshape(3, -1), axis=1)


def blocks_of_random(cls):
    g = np.random.Generator(cls(11))
    out = [g.random(3), g.integers(0, 100, 7), g.random(301)[::50], g.integers(0, 3 * 2**30, 700)[::100], g.integers(10, 2**40, 5), g.integers(0, 2**32, 5), g.random()]
    out += [g.integers(0, 10), g.random(0), g.choice(1000, 5), g.integers(-5, 5, 9, dtype=np.int8), g.normal(size=3), g.permutation(6)]
    state = g.bit_generator.state
    return out, state["has_uint32"], state["uinteger"], state["state"]["state"] % 10**12, state["state"]["inc"] % 10**12


def jumps():
    b = np.random.PCG64(9)
    b.advance(12345)
    return b.state["state"]["state"] % 10**12, b.jumped(3).state["state"]["state"] % 10**12, b.random_raw(3)


def floats_of_integers():
    edges = np.array([2**51 - 1, 2**51, -(2**51), -(2**51) - 1, 2**53 + 1, 2**63 - 1, -(2**63), 0, -1, 7, 2**52 + 1, 3])
    return edges.astype(float), edges[1:].astype(float), [float((np.arange(n) - n // 2).astype(float).sum()) for n in lengths], np.arange(20)[::-3].astype(float)


def logic_of_bytes():
    a, b = np.arange(300, dtype="u1").view(bool), (np.arange(300, dtype="u1") % 3).view(bool)
    return [[(a[:n] & b[:n]).view("u1").sum(), (a[:n] | b[:n]).view("u1").sum(), (a[1:n] & b[: n - 1]).view("u1").sum()] for n in (1, 127, 128, 129, 300)]


def factorized(n, kind):
    m = drawn(n * n, n).reshape(n, n).astype(kind) + n * np.eye(n, dtype=kind)
    near = 1e-4 if kind == "f" else 1e-10
    right = [np.abs(np.linalg.solve(m, b) - np.linalg.inv(m) @ b).max() < near for b in (m[0], m[:, :3], np.eye(n, dtype=kind))]
    return all(right) and bool(np.abs(np.linalg.inv(m) @ m - np.eye(n)).max() < near)


def products():
    x, y = drawn(1003), drawn(1003, 1)
    return np.cov(x, y), np.corrcoef(drawn(2000).reshape(4, -1)), np.cov(drawn(2000).reshape(5, -1)), x @ y, drawn(600).reshape(30, 20).T @ drawn(30), np.dot(np.zeros(40), -np.ones(40))


def periods():
    d = pd.Series(pd.date_range("1899-12-31", periods=60, freq="497D"))
    d[3] = pd.NaT
    i = pd.DatetimeIndex(d)
    return [i.to_period(f).asi8 for f in "MQYD"], i[::2].to_period("M").asi8, i.tz_localize("UTC").tz_convert("Europe/Berlin").to_period("M").asi8, i.as_unit("s").to_period("M").asi8


cases = {
    "NaNs at each place": lambda: [nans_found(k) for k in "df"],
    "extremes at each place": lambda: [extremes_found(k) for k in kinds],
    "negative extremes": negative_extremes,
    "extremes of zeros": lambda: [[np.max(np.zeros(n)), np.min(-np.zeros(n)), np.max(-np.arange(n) * 1.0), np.fmax.reduce(np.full(n, np.nan))] for n in (2, 33, 64)],
    "sorts": lambda: [sorts(k) for k in kinds],
    "special sorts": special_sorts,
    "partitions": partitions,
    "medians": medians,
    "blocks of PCG64": lambda: blocks_of_random(np.random.PCG64),
    "blocks of PCG64DXSM": lambda: blocks_of_random(np.random.PCG64DXSM),
    "jumps of PCG64": jumps,
    "floats of integers": floats_of_integers,
    "logic of bytes": logic_of_bytes,
    "factorizations": lambda: [factorized(n, k) for n in (1, 2, 3, 7, 8, 9, 16, 17, 33, 64, 65, 100, 130) for k in "df"],
    "determinants": lambda: [np.linalg.det(drawn(n * n, n).reshape(n, n)) for n in (1, 4, 9, 17, 40, 70)],
    "products": products,
    "periods": periods,
}
