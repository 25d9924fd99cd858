"""E[f(s)], E[f(s) w_i^2] and E[f(s) w_i^2 w_j^2] for w ~ N(0, diag(gamma)) and s = |w|^2, f arbitrary.

The Laplace transform of these laws in s is closed: with A_i(u) = gamma_i / (1 + 2 u gamma_i) and
M(u) = prod_k (1 + 2 u gamma_k)^(-1/2),

    E[exp(-u s)] = M,   E[w_i^2 exp(-u s)] = A_i M,   E[w_i^2 w_j^2 exp(-u s)] = (1 + 2 delta_ij) A_i A_j M.

Bromwich inversion and an exchange of the two integrals give E[f(s) X] = (1 / 2 pi i) int F(u) E[X exp(-u s)] du with
F(u) = int f(s) exp(u s) ds. The contour is the parabola u = h (z^2 - 1), z = 1 + i y, h = 1 / (2 max gamma): it passes
through the saddle u = 0 and winds around the cut u <= -h, where the integrand is analytic, so that the trapezoid rule
in y converges geometrically; for isotropic gamma M is just z^(-d). One set of nodes serves every f, every i and every
j.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory import affordable

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Both tails of s and the tail of the contour are cut where they weigh exp(-_LOG) = 9e-14 of the whole.
_LOG = 30.0
_NODES = 96


@dataclass(frozen=True, eq=False)
class GaussianRatioMoments:
    """Moments of w given functions of s = |w|^2.

    s: quadrature nodes, shape (n,); functions f are handed over as their values there. gamma: variances, shape (d,).
    """

    gamma: Array
    s: Array
    _transform: Complex  # (contour, n): exp(u s) ds du / (pi i) M(u)
    _ratio: Complex  # (contour, d): A_i(u)

    def scalar(self, f: Array) -> float:
        """E[f(s)]."""
        return float((self._transform @ f).real.sum())

    def first(self, f: Array) -> Array:
        """E[f(s) w_i^2], shape (d,)."""
        return np.asarray(((self._transform @ f) @ self._ratio).real)

    def second(self, f: Array) -> Array:
        """E[f(s) w_i^2 w_j^2], shape (d, d)."""
        products = ((self._ratio.T * (self._transform @ f)) @ self._ratio).real
        products[np.diag_indices_from(products)] *= 3
        return np.asarray(products)


def radial_window(gamma: Array) -> tuple[float, float]:
    """An interval that s leaves with probability below 2 exp(-30), by Chernoff: P(s <= x) <= exp(u x) M(u)."""
    h = 1 / (2 * gamma.max())
    below, above = h * np.geomspace(1e-2, 1e6, 200), h * np.linspace(0.01, 0.99, 99)
    lower = (-_LOG + np.log1p(2 * np.multiply.outer(below, gamma)).sum(axis=1) / 2) / below
    upper = (_LOG - np.log1p(-2 * np.multiply.outer(above, gamma)).sum(axis=1) / 2) / above
    return float(lower.max()), float(upper.min())


def gaussian_ratio_moments(gamma: Array) -> GaussianRatioMoments:
    """The moments of w ~ N(0, diag(gamma)); gamma >= 0, not all zero, shape (d,). For d >= 16, f <= s^-2: 1e-11."""
    # What is made of them, the law of the features, factors matrices of size d.
    affordable(5.0 * len(gamma) ** 3, f"weights of {len(gamma)} unequal variances are too many")
    return _cached(np.ascontiguousarray(gamma, dtype=np.float64).tobytes())


@lru_cache(maxsize=64)
def _cached(key: bytes) -> GaussianRatioMoments:
    gamma = np.frombuffer(key)
    low, high = radial_window(gamma)
    s, ds = _radial_nodes(low, high)
    h = 1 / (2 * gamma.max())
    y, step = _contour(gamma / gamma.max(), h * low, h * high)
    z = 1 + 1j * y
    dilation = 1 + np.multiply.outer(z**2 - 1, gamma / gamma.max())
    log_moment = -np.log(dilation).sum(axis=1) / 2
    # du = 2 i h z dy, and y < 0 is the complex conjugate of y > 0: the real part is taken once, twice the half-line.
    du = 2 * h * z * step / np.pi * np.where(y == 0, 0.5, 1.0)
    transform = np.exp(h * np.multiply.outer(z**2 - 1, s) + log_moment[:, None]) * du[:, None] * ds
    return GaussianRatioMoments(gamma, s, transform, gamma / dilation)


def _radial_nodes(low: float, high: float) -> tuple[Array, Array]:
    """Nodes s in [low, high] and weights ds: Gauss-Legendre in |w| = sqrt(s).

    In |w| the density, |w|^(d-1) near 0, and f are smooth at every d, where s has s^(d/2-1) and square roots.
    """
    x, weights = np.polynomial.legendre.leggauss(_NODES)
    # In a few dimensions Chernoff's lower end is below 0: there is none.
    inner, outer = sqrt(max(low, 0.0)), sqrt(high)
    r = (inner + outer) / 2 + (outer - inner) / 2 * x
    return r**2, (outer - inner) * r * weights


def _contour(ratios: Array, decay: float, growth: float) -> tuple[Array, float]:
    """Trapezoid nodes y >= 0 and their step, for |integrand| = exp(h s Re(z^2 - 1)) prod |1 + ratio (z^2 - 1)|^(-1/2).

    Moving the line Re z = 1 to 1 + a or 1 - a bounds the trapezoid error by exp(-2 pi a / step) times the integrand
    there, which is largest on the real axis and at the largest, or smallest, s. decay, growth: h s at the ends of the
    window.
    """
    a = np.linspace(0.02, 0.98, 49)
    step = min(
        float((2 * np.pi * a / (_LOG + np.maximum(0.0, _log_size((1 + side * a) ** 2 - 1, ratios, hs)))).max())
        for side, hs in ((1, growth), (-1, decay))
    )
    y: Array = step * np.arange(4000, dtype=np.float64)
    z: Complex = (1 + 1j * y).astype(np.complex128)
    negligible = _log_size(z**2 - 1, ratios, decay) < -_LOG
    return y[: 1 + int(np.argmax(negligible)) if negligible.any() else None], step


def _log_size(shift: Complex | Array, ratios: Array, hs: float) -> Array:
    """log |exp(h s shift) prod (1 + ratio shift)^(-1/2)|, shape of shift."""
    return np.asarray(hs * shift.real - np.log(np.abs(1 + np.multiply.outer(shift, ratios))).sum(axis=1) / 2)


def isotropic_radius(d: int) -> tuple[Array, Array]:
    """Nodes and probability weights for s = |w|^2, w ~ N(0, I/d): s is chi-squared over d. Cost independent of d."""
    s, weights = _radial_nodes(*_isotropic_window(d))
    # log of the density at s over its value at 1, written so that nothing cancels for d ~ 1e6.
    mass = weights * np.exp((d / 2) * (np.log1p(s - 1) - (s - 1)) - np.log(s))
    return s, mass / mass.sum()


def _isotropic_window(d: int) -> tuple[float, float]:
    """`radial_window` in closed form up to the search of u: M(u) = (1 + 2 u / d)^(-d/2)."""
    below, above = np.geomspace(1e-2, 1e6, 200) / sqrt(d), np.linspace(0.01, 0.99, 99)
    lower = (-_LOG + (d / 2) * np.log1p(below)) / (d / 2 * below)
    upper = (_LOG - (d / 2) * np.log1p(-above)) / (d / 2 * above)
    return float(lower.max()), float(upper.min())
