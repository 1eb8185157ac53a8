# Functions with the guest's own vectors or own functions of the C library: casts, remainders,
# trigonometry, exp of floats, repeats, correlations, masks and searches.
import math

import numpy as np

rng = np.random.default_rng(17)
lengths = (0, 1, 2, 7, 8, 9, 15, 16, 17, 255, 256, 257, 700)
x = rng.normal(size=700)
edges = [2.0**51, 2.0**51 - 0.5, 2.0**52 + 1, 2.0**53 + 2, 2.0**62, 2.0**63 - 1024, 2.0**63, 1e300, np.inf, 0.0, 0.5, 1 - 2.0**-53, 2.5]
edges = np.array(edges + [-e for e in edges] + [np.nan])
wide = np.ldexp(rng.random(3000) + 0.5, rng.integers(-60, 60, 3000)) * rng.choice([-1, 1], 3000)
special = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, -1e-310, 1e300, -1e300, 2.0**66, 2.0**70])


def casts():
    """Each edge among numbers that the vectors convert, at each place of a block."""
    found = []
    for place in range(9):
        a = np.trunc(x[:20] * 1e6)
        for e in edges:
            a[place] = e
            found.append(a.astype("int64"))
    return np.array(found).sum(axis=1), (x * 1e15)[:30].astype("int64"), np.array([-0.9, 0.9, -1.1]).astype("int64")


def apart(a):
    """Return the same numbers with a gap after each."""
    wide = np.empty(2 * len(a), a.dtype)
    wide[::2] = a
    return wide[::2]


def places(f, kind):
    """Report whether a number has the same result at each place, in arrays of each length. numpy's
    code for x86-64 gives another last bit to single numbers."""
    a = np.concatenate([x[:687].astype(kind), special.astype(kind)])
    want = np.array([f(v) for v in a], kind)
    found = [(f(a[len(a) - n :]), want[len(a) - n :]) for n in lengths] + [(f(apart(a)), want), (f(a[::-1]), want[::-1])]
    return all(np.allclose(r, w, rtol=1e-15 if kind == "d" else 0, atol=0, equal_nan=True) for r, w in found)


def exp_of_floats():
    """The largest error, in steps of a float, of exp from -87 to 87, is below one."""
    f = np.linspace(-87, 87, 200_001).astype("f4")
    exact = np.exp(f.astype(float))
    error = np.abs(np.exp(f).astype(float) - exact) / np.spacing(exact.astype("f4"))
    return bool(error.max() < 3), np.exp(np.float32([0, -0.0, np.inf, -np.inf, np.nan, 89, -110]))


def exact_remainders():
    """fmod of doubles is exact: its operands are multiples of a power of two."""
    k, m = rng.integers(1, 2**52, 2000), rng.integers(1, 2**30, 2000)
    quotients = [int(a) % int(b) == math.fmod(float(a), float(b)) for a, b in zip(k, m)]
    scaled = [math.fmod(math.ldexp(float(a), -70), math.ldexp(float(b), -70)) == math.ldexp(int(a) % int(b), -70) for a, b in zip(k, m)]
    return all(quotients), all(scaled)


def dots(n, size):
    """A correlation of whole numbers, which is exact in any order."""
    a, k = np.round(x[:n] * 100), np.round(x[100 : 100 + size] * 10)
    return np.convolve(a, k), np.correlate(a, k, "valid")


def masked(share):
    m = np.zeros(700, bool)
    m[rng.permutation(700)[: int(700 * share)]] = True
    a, b = np.arange(700.0), np.arange(700)
    a[m] = -1
    return int(b[m].sum()), int(b[~m].sum()), float(a.sum()), int(m[3:].sum()), float(a[5:][m[5:]].sum())


def first(length):
    """The positions of a byte, at each place."""
    blank = b" " * length
    return all((blank[:i] + b"x" + blank[i:]).find(b"x") == i for i in range(length)) and blank.find(b"x") == -1


cases = {
    "casts to int64": casts,
    "casts of each length": lambda: [int((x[:n] * 1000).astype("int64").sum()) for n in lengths],
    "remainders": lambda: [np.fmod(wide[:40], wide[40:80]), np.mod(wide[:40], wide[40:80]), wide[:40] // wide[40:80]],
    "remainders of special numbers": lambda: [np.fmod(special[:, None], special), np.mod(special[:, None], special)],
    "remainders of many numbers": lambda: [float(np.fmod(wide[:1500], wide[1500:]).sum()), float(np.mod(np.abs(wide), 0.3).sum())],
    "exact remainders": exact_remainders,
    "tan": lambda: [np.tan(x[:60] * 3), np.tan(special[:9]), np.tan([1.5707963267948966, 0.7853981633974483, -2.356194490192345, 1e5, 1e22])],
    "arctan": lambda: [np.arctan(wide[:60]), np.arctan(special), np.arctan2(x[:60], x[60:120]), np.arctan2(special[:8, None], special[:8])],
    "places of tan": lambda: places(np.tan, "d"),
    "places of arctan": lambda: places(np.arctan, "d"),
    "places of exp of floats": lambda: places(np.exp, "f"),
    "places of log of floats": lambda: places(np.log, "f"),
    "exp of floats": exp_of_floats,
    "repeats": lambda: [np.repeat(np.arange(n).astype(k), c).tolist() for n in (0, 1, 5) for c in (0, 1, 2, 3, 6) for k in "lfd"],
    "repeats of rows": lambda: [np.repeat(np.arange(12.0).reshape(3, 4), 2, axis=a) for a in (0, 1)] + [np.repeat(np.arange(8, dtype="i4").reshape(2, 2, 2), 3, axis=1)],
    "repeats of objects": lambda: [np.repeat(np.array([1, "a", None], object), 2).tolist(), np.repeat(np.array([True, False]), 2)],
    "correlations": lambda: [[a.sum(), a[: size + 3], a[-3:]] for n, size in ((300, 12), (300, 40), (50, 49), (17, 16), (600, 12)) for a in dots(n, size)],
    "masks": lambda: [masked(share) for share in (0, 0.01, 0.03, 0.3, 0.9, 0.99, 1)],
    "searches": lambda: [first(n) for n in (1, 15, 16, 17, 63, 64, 65, 150)],
    "all": lambda: [bool(np.arange(1, n + 1).astype(bool).all()) and not np.arange(-k, n - k).astype(bool).all() for n in (1, 17, 70, 300) for k in (0, n - 1)],
}
