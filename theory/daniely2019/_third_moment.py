"""E[σ'(u)σ'(v)σ'(w)²] for standard normals with correlations c = corr(u, v), a = corr(u, w), b = corr(v, w).

What the second moment of a random kernel function needs: f̌(ω)·ψ(ω, x) is a sum of σ'(<ω, z_j>)σ'(<ω, x>)<z_j, x>.

    relu   P(u, v, w > 0) = 1/8 + (asin a + asin b + asin c)/(4π)          Sheppard's formula for three normals
    abs    E sign(u)sign(v) = (2/π) asin c                                 since σ'² = 1
    erf    (16/π²) det(I + 2ΣΛ)^(−1/2), Λ = diag(1, 1, 2)                  a Gaussian integral
    sin    E cos u cos v (1 + cos 2w)/2, each product of cosines the mean of exp(−Var(u ± v ± 2w)/2)

Elsewhere (tanh, softplus, sigmoid) the trapezoid rule in three dimensions, whose error is at most the change on halving
the resolution (the rule converges geometrically, so the change is the error of the coarser one).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy as sp

from lazy_assay.theory._mathematics import dual_activations as duals

Array = np.ndarray
a, b, c = sp.symbols("a b c", real=True)
_waves = sp.Add(
    *(sp.exp(-(6 + 2 * s * c + 4 * t * a + 4 * s * t * b) / 2) for s in (1, -1) for t in (1, -1)), evaluate=True
)
# With dyadic constants only, so that the same expressions serve floats and balls.
FORMS = {
    "relu": sp.Rational(1, 8) + (sp.asin(a) + sp.asin(b) + sp.asin(c)) / (4 * sp.pi),
    "abs": 2 * sp.asin(c) / sp.pi,
    "erf": 16 / sp.pi**2 / sp.sqrt(45 - 24 * (a**2 + b**2) - 20 * c**2 + 32 * a * b * c),
    "sin": sp.exp(-1) * sp.cosh(c) / 2 + _waves / 8,
}
FORMS |= {name: duals.named(name).largest_slope ** 4 * FORMS["abs"] for name in duals.SCALED}
STEP, REACH, LINE = 0.2, 6.6, 0.02


def third_moment(activation: str, first: Array, second: Array, between: Array) -> tuple[Array, float]:
    """The moment at arrays a, b, c of one shape, and a bound on its error (0 where the form is closed)."""
    first, second, between = (np.clip(each, -1.0, 1.0) for each in np.broadcast_arrays(first, second, between))
    if activation in FORMS:
        return np.asarray(_lambdified(activation)(first, second, between) + np.zeros(first.shape)), 0.0
    slope = duals.named(activation).slope
    cells = [_trapezoid(slope, *map(float, at)) for at in zip(first.flat, second.flat, between.flat, strict=True)]
    values = np.array([value for value, _ in cells]).reshape(first.shape)
    # Beyond the grid lies a Gaussian tail; slopes are at most one.
    return values, max((error for _, error in cells), default=0.0) + 6 * float(np.exp(-(REACH**2) / 2)) / REACH


@lru_cache(maxsize=8)
def _lambdified(activation: str) -> Callable[..., Array]:
    return sp.lambdify((a, b, c), FORMS[activation], modules="numpy")  # type: ignore[no-any-return]


def _trapezoid(slope: Callable[[Array], Array], first: float, second: float, between: float) -> tuple[float, float]:
    """The sum over the grid, and a bound on its error: its change on halving, and that of the interpolation.

    w = x, u = a x + √(1−a²) y, v = b x + l y + r z. Where |a| is one within rounding, u does not depend on y. The sum
    over z is a function of b x + l y alone: it is made on a fine line, and interpolated.
    """
    rest = np.sqrt(max(0.0, (1 - first) * (1 + first)))
    room = np.sqrt(max(0.0, (1 - second) * (1 + second)))
    lean = float(np.clip((between - first * second) / rest, -room, room)) if rest > 0 else 0.0
    left = np.sqrt(max(0.0, room**2 - lean**2))
    x = np.arange(-round(REACH / STEP), round(REACH / STEP) + 1) * STEP
    weights = np.exp(-x * x / 2) * STEP / np.sqrt(2 * np.pi)
    u = slope(first * x[:, None] + rest * x)
    mean = second * x[:, None] + lean * x

    def total(every: slice, scale: float) -> tuple[float, float]:
        at, points = scale * weights[every], x[every]
        smooth, error = _smoothed(slope, left, points, at, float(np.abs(mean).max()))
        inner = u[every, every] * smooth(mean[every, every])
        return float((at * slope(points) ** 2) @ inner @ at), error

    (fine, error), (coarse, _) = total(slice(None), 1.0), total(slice(None, None, 2), 2.0)
    return fine, abs(fine - coarse) + error


def _smoothed(
    slope: Callable[[Array], Array], width: float, z: Array, weights: Array, reach: float
) -> tuple[Callable[[Array], Array], float]:
    """Σ_z weight·slope(m + width z) as a function of m, |m| ≤ reach, by cubic splines; the error at their midpoints."""
    knots = np.linspace(-reach, reach, 2 * max(8, round(reach / LINE)) + 1) if reach > 0 else np.linspace(-1, 1, 17)
    values = slope(knots[:, None] + width * z) @ weights
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(knots[::2], values[::2])
    return spline, float(np.abs(spline(knots[1::2]) - values[1::2]).max())
