# Functions with the guest's own code: loops over vectors, powers, arrays from lists, positions and
# counts.
import operator

import numpy as np

rng = np.random.default_rng(11)
lengths = (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 127, 128, 129, 300)
whole = "bhilqBHILQ"
binary = (np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.greater, np.less_equal, np.equal, np.not_equal, np.logical_and, np.logical_xor)
bits = (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift)
unary = (np.negative, np.absolute, np.square, np.sign, np.logical_not, np.positive)
of_floats = (np.sqrt, np.floor, np.ceil, np.trunc, np.rint, np.isnan, np.isinf, np.isfinite, np.signbit, np.fmax, np.fmin)
x = rng.random(2000) * 4
huge = np.array([2.0**-1074, 2.0**-1022, 1e-300, 0.5, 1.0, 1 + 2.0**-52, 2.0, 1e300, np.finfo(float).max, np.inf, np.nan, 0.0, -0.0, -2.0, -np.inf])
far = np.array([2**32 + 1, -(2**32)])


def values(kind, n):
    v = rng.integers(0, 6, n) if kind in "BHILQ" else rng.integers(-5, 6, n)
    v = v.astype(kind) if kind in whole else (v / 2).astype(kind)
    if kind in "fd" and n > 3:
        v[1::5] = np.nan
    return v


def apart(a):
    """Return the same numbers with a gap after each, so that loops over contiguous arrays do not apply."""
    wide = np.empty(2 * len(a), a.dtype)
    wide[::2] = a
    return wide[::2]


def same(f, *operands):
    """Report whether loops over contiguous arrays, in place and with a scalar agree with a strided loop."""
    want = f(*map(apart, operands))
    found = [f(*operands)]
    if want.dtype == operands[0].dtype:
        out = operands[0].copy()
        found.append(f(out, *operands[1:], out=out))
    if len(operands) == 2 and len(want) > 1:
        a, b = operands
        found += [np.where(np.arange(len(a)) == 0, f(a[0], b), want), np.where(np.arange(len(a)) == 0, f(a, b[0]), want)]
    return all(np.array_equal(r, want, equal_nan=want.dtype.kind in "fc") for r in found)


def differing(functions, kinds):
    """Return the functions, with kinds and lengths, whose loops disagree."""
    bad = []
    for f in functions:
        for kind in kinds:
            for n in lengths:
                a, b = values(kind, n), values(kind, n)
                if f in (np.left_shift, np.right_shift):
                    b = np.abs(b)
                try:
                    if not same(f, *(a, b)[: f.nin]):
                        bad.append(f"{f.__name__} {kind} {n}")
                except TypeError:
                    pass
    return bad


def dtypes_of_lists():
    lists = [[1, 2], [1, 2**40], [-(2**63), 2**63 - 1], [1, 2**63], [1, 2**70], [1.5, None], [True, 1], [1, 2.5], [2.5, 1], [1.5, 2.5], [True, False], ["a", 1], [1j, 1.0], [np.float32(1), 1.0]]
    return [(str(np.array(v).dtype), np.array(v).tolist()) for v in lists[:12]] + [str(np.array(v).dtype) for v in lists]


def as_float():
    return [np.array([2**53 + 1, 2], float), np.asarray([1.5, 2], dtype="f8"), np.array([2**63, 1], float), np.array([1.5, 2.5], "f4"), np.array([2**100, 1], float)]


def of_depth():
    return [np.array([1.0, 2.0], ndmin=2), np.array([[1.0], [2.0]]), np.array([1, 2], copy=True), np.array([3, 4], order="F"), np.array([[1, 2], [3, 4.5]])]


class Named(np.ndarray):
    pass


def refused(f):
    try:
        return f()
    except Exception as e:
        return type(e).__name__


cases = {
    "loops of whole numbers": lambda: differing(binary + unary, whole + "?"),
    "loops of bits": lambda: differing(bits + (np.invert,), whole),
    "loops of floats": lambda: differing(binary + unary + of_floats + (np.divide, np.exp, np.log1p, np.tanh), "fd"),
    "clip in turns": lambda: [np.array_equal(np.clip(a, 1, 2), np.clip(apart(a), 1, 2)) for a in (x, x.astype("f4"), x.astype(int), x[:5], x.astype("u1"))],
    "clip with NaN": lambda: [np.clip([1.0, np.nan, 3.0], 1.5, 2.5), np.clip([1.0, 2.0, 3.0], np.nan, 2.5)],
    "sum of each length": lambda: [x[:n].sum() for n in (1, 7, 8, 9, 15, 16, 31, 32, 33, 127, 128, 129, 1000, 2000)],
    "power of floats": lambda: [x[:50] ** 1.7, x[:50] ** -0.3, 2.5 ** x[:50], x[:50] ** x[50:100], x[:3] ** 1.7],
    "power at the ends": lambda: [np.power(huge[:11], y) for y in (0.0, -0.0, 0.7, -0.7, 3.5, 1e10, np.inf, -np.inf, np.nan)],
    "power of negative bases": lambda: [np.power([-2.0, -8.0, -0.0, -np.inf], y) for y in (3.0, 4.0, -3.0, 1 / 3, 1e300)],
    "power near overflow": lambda: [np.power(10.0, [307.9, 308.2, 308.3, -307.5, -308.5, -323.5, -324.5]), np.power(1 + 2.0**-52, [1e17, -1e17, 1e19])],
    "power in place": lambda: [operator.ipow(x[:20].copy(), 1.3), np.power(x[:20], 1.3, out=x[:20].copy()), apart(x[:20]) ** 1.3, x[19::-1] ** 1.3],
    "power accumulated": lambda: [np.power.accumulate([1.1, 2.0, 3.0]), np.power.reduce([1.1, 2.0, 3.0]), np.power.outer(x[:3], x[3:6])],
    "arrays of lists": lambda: dtypes_of_lists(),
    "arrays of lists as floats": lambda: as_float(),
    "arrays of lists of some depth": lambda: of_depth(),
    "arrays of subclasses": lambda: [np.array([np.float64(1), 2.0]), np.array([np.int64(1), 2]), np.array([np.True_, 1.0])],
    "a list without copy": lambda: refused(lambda: np.array([1.0, 2.0], copy=False)),
    "counts squared": lambda: [
        np.bincount(np.repeat([0, 1], [1, 100_000])) ** 2, np.histogram(np.zeros(70_000), bins=2)[0] ** 2, np.count_nonzero(np.ones((1, 70_000)), axis=1) ** 2,
        np.bincount([0, 1, 1], weights=[0.5, 1, 2]), np.bincount([], minlength=2), np.bincount([1], minlength=4)],
    "positions that no array has": lambda: [refused(f) for f in (
        lambda: x[far], lambda: x[far[:1].tolist()], lambda: x.take(far), lambda: np.put(x.copy(), far, 1), lambda: x.copy().__setitem__(far, 1),
        lambda: x.reshape(2, 1000)[[0, 1], far], lambda: np.take_along_axis(x, far, 0), lambda: np.choose(far[:1], [[1], [2]]), lambda: np.delete(x, far))],
    "positions clipped": lambda: x.take(far, mode="clip"),
    "positions of any kind": lambda: [x[np.array([1, 2], k)] for k in whole] + [x[np.array([[1, -1], [2, 0]])], x[np.array([5, 4, 3])[::-1]], x[np.array([[1, 2]], order="F")], x.take(np.array([3, -1]))],
    "kinds of arrays": lambda: [type(f(np.array([1, 0]).view(Named))).__name__ for f in (lambda i: i.choose([[1, 2], [3, 4]]), lambda i: x[i], lambda i: x.take(i), lambda i: i ** 2, lambda i: i[[0]])],
    "rows by positions": lambda: [x[:12].reshape(4, 3)[[2, 0]], x[:12].reshape(4, 3)[[2, 0], [1, -1]], x[:12].reshape(4, 3)[:, np.array([2, 2])], x[:12].reshape(4, 3).take([1], axis=1)],
    "take and repeat of each size": lambda: [np.repeat(np.arange(4).astype(k), [0, 1, 2, 3]).take([0, -1, 2]).tolist() for k in ("?", "h", "i", "q", "f", "d", "D", "U3", "O", "M8[s]")],
}
