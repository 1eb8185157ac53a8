import numpy as np
r = np.random.default_rng(7)
a = r.normal(size=(40, 40))
b = np.arange(24).reshape(2, 3, 4)
x = np.linspace(0, 10, 500)
with np.errstate(all="ignore"):
    odd = [np.log(np.array([0.0, -1.0])).tolist(), (np.array([1, 0]) / 0).tolist()]
return [np.linalg.det(a), np.linalg.solve(a, np.ones(40))[:4].tolist(), np.linalg.eigvalsh(a @ a.T)[:3].tolist(), np.linalg.svd(a, compute_uv=False)[:3].tolist(), np.fft.rfft(x)[:3].real.tolist(),
        b.sum(axis=1).tolist(), b[:, ::-1, 1:3].tolist(), np.einsum("ijk,ijk->k", b, b).tolist(), str(np.array([1, 2]).dtype), str(np.array([2**40]).dtype), (np.arange(50000) ** 2).sum().item(),
        np.sort(r.integers(0, 10**9, 1000))[:5].tolist(), np.argsort([3, 1, 2]).tolist(), np.percentile(x, [5, 50]).tolist(), np.interp(2.5, [1, 2, 3], [3, 2, 0]), np.cumsum(x)[-1],
        np.convolve([1, 2, 3], [0, 1, 0.5]).tolist(), np.polyfit([0, 1, 2, 3], [0, 1, 4, 9], 2).round(9).tolist(), np.unique([3, 1, 3], return_counts=True)[1].tolist(), np.random.RandomState(1).rand(3).tolist(),
        np.where(x > 9.9, x, 0)[-3:].tolist(), np.array(["a", "bc"]).tolist(), np.datetime64("2024-02-29") + np.timedelta64(1, "D"), np.bool_(True), np.float32(1) / 3, odd, np.char.upper(["a"]).tolist()]
