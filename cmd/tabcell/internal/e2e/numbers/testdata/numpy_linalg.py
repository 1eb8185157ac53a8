# Linear algebra. Eigenvectors and singular vectors are multiplied out, because their signs are
# arbitrary.
import numpy as np

rng = np.random.default_rng(11)
a = rng.normal(size=(6, 6))
b = rng.normal(size=(6, 2))
s = a @ a.T + 6 * np.eye(6)
tall = rng.normal(size=(12, 4))
z = a + 1j * rng.normal(size=(6, 6))
large = rng.normal(size=(80, 80)) + 80 * np.eye(80)


def rebuilt_qr():
    q, r = np.linalg.qr(tall)
    return q @ r - tall


cases = {
    "solve": lambda: np.linalg.solve(a, b),
    "solve of 80": lambda: np.linalg.solve(large, np.ones(80)).sum(),
    "inv": lambda: np.linalg.inv(s),
    "det": lambda: np.linalg.det(a),
    "slogdet": lambda: list(np.linalg.slogdet(a)),
    "eigvalsh": lambda: np.linalg.eigvalsh(s),
    "eigh projector": lambda: (lambda v: np.outer(v, v))(np.linalg.eigh(s)[1][:, -1]),
    "eigvals": lambda: np.sort_complex(np.linalg.eigvals(a)),
    "eigvals of complex": lambda: np.sort_complex(np.linalg.eigvals(z)),
    "svd values": lambda: np.linalg.svd(tall, compute_uv=False),
    "svd rebuilt": lambda: (lambda u, d, v: (u[:, :2] * d[:2]) @ v[:2])(*np.linalg.svd(tall, full_matrices=False)),
    "pinv": lambda: np.linalg.pinv(tall),
    "cholesky": lambda: np.linalg.cholesky(s),
    "qr of itself": rebuilt_qr,
    "qr diagonal": lambda: np.abs(np.diag(np.linalg.qr(tall)[1])),
    "lstsq": lambda: list(np.linalg.lstsq(tall, np.arange(12.0), rcond=None)),
    "matrix_rank": lambda: np.linalg.matrix_rank(np.outer(np.arange(4), np.arange(4))),
    "cond": lambda: [np.linalg.cond(a), np.linalg.cond(a, 1)],
    "norms": lambda: [np.linalg.norm(a), np.linalg.norm(a, 2), np.linalg.norm(a, "nuc"), np.linalg.norm(b, axis=0), np.linalg.norm(b, np.inf)],
    "matrix_power": lambda: np.linalg.matrix_power(a, 5),
    "inverse power": lambda: np.linalg.matrix_power(s, -2),
    "multi_dot": lambda: np.linalg.multi_dot([b.T, s, a, b]),
    "kron": lambda: np.kron(b[:2], b[2:4]),
    "tensordot": lambda: np.tensordot(a.reshape(2, 3, 6), b, axes=([2], [0])),
    "einsum": lambda: np.einsum("ij,jk,lk->il", a, s, b.T @ s),
    "einsum optimised": lambda: np.einsum("ij,jk,kl->il", b.T, s, b, optimize=True),
    "solve of a stack": lambda: np.linalg.solve(np.stack([a, s]), np.stack([b, b])),
    "float32": lambda: (a.astype(np.float32) @ b.astype(np.float32)).dtype,
    "cross and outer": lambda: [np.cross([1, 2, 3], [4.5, 5, 6]), np.outer([1, 2], [3.5, 4])],
    "singular": lambda: np.linalg.inv(np.ones((2, 2))),
    "not positive": lambda: np.linalg.cholesky(-s),
    "shapes that differ": lambda: a @ np.ones((5, 2)),
    "polyfit": lambda: np.polyfit(np.arange(10.0), np.sin(np.arange(10.0)), 3),
    "polyfit with covariance": lambda: np.polyfit(np.arange(10.0), np.cos(np.arange(10.0)), 1, cov=True)[1],
    "roots": lambda: np.sort_complex(np.roots([1, -6, 11, -6.5])),
    "polynomial class": lambda: np.polynomial.Polynomial.fit(np.arange(8.0), np.arange(8.0) ** 2, 2).convert().coef.round(8),
    "chebyshev": lambda: np.polynomial.chebyshev.chebval([0.3, 0.6], [1, 2, 3]),
    "corrcoef": lambda: np.corrcoef(tall, rowvar=False),
    "cov with weights": lambda: np.cov(tall, rowvar=False, aweights=np.arange(1, 13)),
}
