# Elementwise mathematics, reductions, transforms, sets, sorting, text.
import numpy as np

rng = np.random.default_rng(5)
x = rng.normal(size=40)
m = rng.normal(size=(5, 8))
holes = np.where(x > 1, np.nan, x)
days = np.datetime64("2024-01-29") + np.arange(5)


def errors_asked_for():
    with np.errstate(divide="raise"):
        return np.array([1.0]) / 0


cases = {
    "exp": lambda: np.exp(x * 20),
    "expm1 and log1p": lambda: [np.expm1(x * 1e-8), np.log1p(np.abs(x) * 1e-8)],
    "log": lambda: [np.log(np.abs(x)), np.log2(np.abs(x)), np.log10(np.abs(x))],
    "sin cos tan": lambda: [np.sin(x * 100), np.cos(x * 100), np.tan(x)],
    "large angles": lambda: [np.sin(1e6 * x), np.cos(1e15)],
    "arc functions": lambda: [np.arcsin(np.tanh(x)), np.arctan2(x, x[::-1]), np.arccosh(1 + np.abs(x))],
    "hyperbolic": lambda: [np.sinh(x), np.cosh(x), np.tanh(x)],
    "power": lambda: [np.abs(x) ** 2.5, np.power(np.abs(x), x), np.float_power(2, x)],
    "cube root and hypot": lambda: [np.cbrt(x), np.hypot(x, 2)],
    "logaddexp": lambda: np.logaddexp(x * 300, x[::-1] * 300),
    "float32": lambda: [np.float32(0.1) * 3, np.sqrt(np.float32(2)), np.exp(np.arange(3, dtype=np.float32)).dtype],
    "float16": lambda: np.array([1 / 3, 70000, 1e-8], np.float16),
    "complex": lambda: [np.exp(1j * x[:4]), np.sqrt(np.array([-1 + 0j])), np.angle(x[:3] + 1j)],
    "special values": lambda: [np.log(np.array([0.0, -1.0])), np.array([0.0, 1.0]) / 0, np.fmax(np.nan, 1), np.nextafter(1, 2)],
    "integer division by zero": lambda: np.array([5, -5]) // 0,
    "pairwise sum": lambda: np.full(10_000, 0.1).sum(),
    "sums along axes": lambda: [m.sum(0), m.mean(1), m.std(axis=0, ddof=1), m.var(), m.min(1), np.ptp(m, axis=0)],
    "nan functions": lambda: [np.nanmean(holes), np.nanstd(holes), np.nanmedian(holes), np.nanpercentile(holes, [5, 95]), np.nansum(holes)],
    "all nan": lambda: np.nanmean([np.nan]),
    "quantile methods": lambda: [np.quantile(x, 0.33, method=w) for w in ("linear", "hazen", "weibull", "median_unbiased", "nearest", "lower")],
    "average": lambda: np.average(x, weights=np.abs(x)),
    "histogram": lambda: np.histogram(x, bins="auto"),
    "histogram density": lambda: np.histogram(x, bins=4, density=True, range=(-2, 2)),
    "histogram edges": lambda: [np.histogram_bin_edges(x, w).size for w in ("fd", "scott", "sturges", "doane", "rice")],
    "gradient and trapezoid": lambda: [np.gradient(x[:6]), np.trapezoid(x, dx=0.5)],
    "interp": lambda: np.interp([0.5, 3.2, 99], np.arange(40), x),
    "convolve": lambda: np.convolve(x, np.ones(5) / 5, mode="valid"),
    "correlate": lambda: np.correlate(x[:8], x[4:8], "full"),
    "fft": lambda: np.fft.fft(x),
    "rfft": lambda: np.fft.rfft(x),
    "fft of a prime length": lambda: np.fft.rfft(x[:37]),
    "ifft back": lambda: np.fft.irfft(np.fft.rfft(x), 40) - x,
    "fft2": lambda: np.fft.fft2(m),
    "fftfreq and shift": lambda: np.fft.fftshift(np.fft.fftfreq(8, 0.1)),
    "windows": lambda: [np.hanning(6), np.hamming(6), np.blackman(6), np.kaiser(6, 8.6), np.bartlett(6)],
    "sort": lambda: np.sort(x),
    "sort with nan": lambda: np.sort(holes)[-8:],
    "partition": lambda: np.partition(x, 10)[10],
    "sort of strings": lambda: np.sort(np.array(["pear", "Apple", "ähre", "zoo", ""])),
    "structured": lambda: np.sort(np.array([("b", 2), ("a", 3), ("a", 1)], dtype=[("k", "U1"), ("v", int)]), order=["k", "v"]),
    "unique rows": lambda: np.unique([[1, 2], [1, 2], [0, 5]], axis=0, return_counts=True),
    "set operations": lambda: [np.union1d([3, 1], [2, 1]), np.setdiff1d([1, 2, 3], [2]), np.isin([1, 5], [5]), np.setxor1d([1, 2], [2, 3])],
    "round": lambda: np.round([2.675, 1.005, -1234.5, 0.125], 2),
    "around negative": lambda: np.around([1234, 5678], -2),
    "isclose": lambda: np.isclose([1, 1 + 1e-9, np.nan], [1, 1, np.nan], equal_nan=True),
    "clip": lambda: np.clip(x, -0.5, 0.5).sum(),
    "meshgrid": lambda: np.meshgrid([1, 2], [3.0, 4.0, 5.0])[1],
    "broadcasting": lambda: (np.arange(3)[:, None] * np.array([1.5, 2.5])),
    "stride windows": lambda: np.lib.stride_tricks.sliding_window_view(x, 10).mean(axis=1),
    "piecewise and select": lambda: [np.piecewise(x[:5], [x[:5] < 0, x[:5] >= 0], [-1, lambda v: v * 2]), np.select([x[:5] > 0.5, x[:5] > 0], [2, 1], -1)],
    "masked": lambda: (lambda k: [k, k.mean(), k.sum(), k.count()])(np.ma.masked_greater(x[:6], 0)),
    "char": lambda: [np.strings.upper(["ab", "ß"]), np.char.add(["a"], ["b"]), np.strings.find(["hello"], "l"), np.strings.str_len(["abc", ""])],
    "text of its own type": lambda: (lambda v: [np.strings.str_len(v), np.strings.find(v, "l"), np.strings.slice(v, 1, 3), np.strings.count(v, "l"), np.strings.upper(v)])(np.array(["hello", "ö"], np.dtypes.StringDType())),
    "text in place": lambda: [np.strings.slice(np.array(["hello"]), 1, 3), np.strings.expandtabs(np.array(["a\tb"])), np.strings.multiply(["ab"], [2]), np.strings.index(["abab"], "b"), np.strings.partition(np.array(["a-b"]), "-")[2]],
    "errors asked for": errors_asked_for,
    "datetime": lambda: [days, days.astype("datetime64[M]"), np.is_busday(days), np.busday_offset(days[0], 3, roll="forward")],
    "timedelta": lambda: [days[-1] - days[0], np.timedelta64(36, "h") / np.timedelta64(1, "D"), np.diff(days)],
    "loadtxt": lambda: np.loadtxt(["1,2.5", "3,4e-3"], delimiter=","),
    "genfromtxt": lambda: np.genfromtxt(["a,b", "1,", "3,4"], delimiter=",", names=True),
    "array text": lambda: [str(x[:3]), repr(m[:2, :2]), np.array2string(x[:4], precision=3), np.format_float_positional(0.1 + 0.2)],
    "set of print options": lambda: (lambda: str(np.array([1e-10, 1e10])))(),
    "base_repr": lambda: [np.base_repr(255, 16), np.binary_repr(-3, 8)],
    "cumulative": lambda: [np.cumsum(m, axis=1)[:, -1], np.cumprod(1 + m * 0.01, axis=1)[:, -1], np.maximum.accumulate(x)[-1]],
    "reduceat and at": lambda: [np.add.reduceat(x, [0, 10, 20]), (lambda t: (np.add.at(t, [0, 0, 1], 1.5), t)[1])(np.zeros(3))],
    "sinc i0 heaviside": lambda: [np.sinc(x[:4]), np.i0(x[:4]), np.heaviside(x[:4], 0.5)],
    "compound interest": lambda: 1000 * (1 + 0.05 / 12) ** np.arange(0, 121, 12),
    "matrix of distances": lambda: np.sqrt(((m[:, None] - m[None]) ** 2).sum(-1)),
    "z-scores": lambda: (x - x.mean()) / x.std(),
    "moving median": lambda: np.median(np.lib.stride_tricks.sliding_window_view(x, 7), axis=1),
}
