"""The output of a kernel machine on a two-layer network's tangent features, right or refused.

    f(Z) = Σ_z [f_0(z) + k(z, X) F(K) g],   k = a k^u + b k^θ,  K = k(X, X),  g = y − f_0(X),

F a function of `_kernel_functions`. In double precision where the error, computed to first order from the eigenvalues
of K, is below `ACCURACY` of the output's scale; else in ball arithmetic (python-flint) on the exact inputs, with more
digits until the ball is that small; else an InvalidParameterError. So two points 10⁻⁸ apart, whose K has a condition
number of 10¹⁶, get their answer, and a K that no number of digits tells from a singular one gets none.

Points that coincide make K singular. Training to the end is the limit t → ∞ of the flow, whose f(K) tends to the
pseudo-inverse: each of them once, with the mean of its labels (`merged`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics.kernel_functions import Inverse, KernelFunction
from lazy_assay.theory._mathematics.tangent_training import Start

EPSILON = float(np.finfo(float).eps)
# Relative to the output's scale: nine digits are what a reader is told, and more than any simulation resolves.
ACCURACY = 1e-9
# Bits of the balls, doubled until they do; and the largest number of points, for time grows as its cube.
FIRST_PRECISION, LAST_PRECISION, MOST_POINTS = 128, 2048, 128
KINKED = ("relu", "abs")


def readout(start: Start, function: KernelFunction, a: float = 1.0, b: float = 1.0, offset: float = 1.0) -> float:
    """Σ_z [offset·f_0(z) + k(z, X) F(K) g], with k = a k^u + b k^θ and g = y − offset·f_0(X)."""
    if isinstance(function, Inverse) and function.shift == 0:
        start = merged(start, offset)
    value, error, scale = _rounded(start, function, a, b, offset)
    if error <= ACCURACY * scale:
        return value
    return _enclosed(start, function, (a, b, offset), scale)


def merged(start: Start, offset: float = 1.0) -> Start:
    """Every different point once, with the mean of its labels."""
    points, back, counts = np.unique(start.points, axis=0, return_inverse=True, return_counts=True)
    if len(points) == len(start.points):
        return start
    labels = np.bincount(back.ravel(), weights=start.labels) / counts
    return Start(start.theta, start.u, start.alpha, points, labels, start.centres, start.activation)


def _rounded(start: Start, function: KernelFunction, a: float, b: float, offset: float) -> tuple[float, float, float]:
    """Value, error and scale in double precision; an infinite error where there is none."""
    X, Z = start.points, start.centres
    K = a * start.kernel_u(X) + b * start.kernel_theta(X)
    k = (a * start.kernel_u(Z) + b * start.kernel_theta(Z)).sum(axis=0)
    first, last = start.offset(X), start.offset(Z)
    g, base = start.labels - offset * first, offset * float(last.sum())
    scale = float(np.abs(start.labels).max() + np.abs(first).max() + np.abs(last).max()) * len(Z)
    # Only slopes jump there, and they enter with k^θ.
    if b and start.activation in KINKED and _near_a_kink(start):
        return base, np.inf, scale
    values, vectors = np.linalg.eigh(K)
    k, g = vectors.T @ k, vectors.T @ g
    with np.errstate(all="ignore"):
        # A kernel matrix has no negative eigenvalue: below 0 is rounding, and the error says how much it matters.
        f = function.of(np.maximum(values, 0.0))
        steep = function.steepness(np.maximum(values, 0.0))
        value = base + float((k * f) @ g)
        terms = sum(start.theta.shape) + len(X)
        error = terms * EPSILON * float(
            values[-1] * (np.abs(k) @ steep @ np.abs(g)) + 2 * np.linalg.norm(k * f) * np.linalg.norm(g)
            + 2 * np.linalg.norm(k) * np.linalg.norm(f * g)
        )  # fmt: skip
    return (value, error, scale + abs(value)) if np.isfinite(error + value) else (value, np.inf, scale)


def _near_a_kink(start: Start) -> bool:
    """Whether some <θ_j, x> is zero within its rounding, so that its sign, and a slope, is not known."""
    for x in (start.points, start.centres):
        size = np.linalg.norm(x, axis=1)[:, None] * np.linalg.norm(start.theta, axis=1)
        if (np.abs(x @ start.theta.T) <= 4 * x.shape[1] * EPSILON * size).any():
            return True
    return False


# -- in balls --------------------------------------------------------------------------------------------------------


def _sign(u: Any) -> int:
    """The sign of a ball. Raises ZeroDivisionError where the precision does not tell it."""
    if u > 0 or u < 0:
        return 1 if u > 0 else -1
    if u == 0:
        return 0
    raise ZeroDivisionError


def _sigmoid(u: Any) -> Any:
    return 1 / (1 + (-u).exp())


# σ and its slope on balls.
BALLS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "relu": (lambda u: u if _sign(u) > 0 else 0 * u, lambda u: 0 * u + (_sign(u) > 0)),
    "abs": (lambda u: u * _sign(u), lambda u: 0 * u + _sign(u)),
    "erf": (lambda u: u.erf(), lambda u: 2 / u.pi().sqrt() * (-u * u).exp()),
    "sin": (lambda u: u.sin(), lambda u: u.cos()),
    "tanh": (lambda u: u.tanh(), lambda u: 1 - u.tanh() ** 2),
    "softplus": (lambda u: u.exp().log1p(), _sigmoid),
    "sigmoid": (_sigmoid, lambda u: _sigmoid(u) * _sigmoid(-u)),
}


def _enclosed(start: Start, function: KernelFunction, factors: tuple[float, float, float], scale: float) -> float:
    """The value from balls. Raises InvalidParameterError where no precision tried does."""
    from flint import ctx

    if len(start.points) > MOST_POINTS:
        raise InvalidParameterError(
            f"points make an ill-conditioned kernel matrix; that is solved for at most {MOST_POINTS} of them"
        )
    before, precision = ctx.prec, FIRST_PRECISION
    try:
        while precision <= LAST_PRECISION:
            ctx.prec = precision
            try:
                ball = _ball(start, function, *factors)
                if ball.is_finite() and float(ball.rad()) <= ACCURACY * max(scale, abs(float(ball.mid()))):
                    return float(ball.mid())
            except ZeroDivisionError:
                pass
            precision *= 2
    finally:
        ctx.prec = before
    raise InvalidParameterError(
        f"points make a kernel matrix that {LAST_PRECISION} bits do not tell from a singular one: their features are "
        "dependent; take fewer points or more neurons"
    )


def _ball(start: Start, function: KernelFunction, a: float, b: float, offset: float) -> Any:
    """Σ_z [offset·f_0(z) + k(z, X) F(K) g] as a ball."""
    from flint import arb, arb_mat

    theta, X, Z = (arb_mat(np.asarray(each).tolist()) for each in (start.theta, start.points, start.centres))
    u, m = [arb(x) for x in start.u.tolist()], len(start.u)
    value, slope = BALLS[start.activation]

    def features(x: Any) -> tuple[Any, Any, Any]:
        """h, its slope times u, and f_0."""
        pre = x * theta.transpose()
        rows = [[pre[i, j] for j in range(m)] for i in range(pre.nrows())]
        h = arb_mat([[value(p) for p in row] for row in rows])
        s = arb_mat([[slope(p) * w if b else arb(0) for p, w in zip(row, u, strict=True)] for row in rows])
        return h, s, h * arb_mat([[w * arb(start.alpha) / m] for w in u])

    (hX, sX, fX), (hZ, sZ, fZ) = features(X), features(Z)

    def kernel(h: Any, s: Any, x: Any) -> Any:
        first, second, products = h * hX.transpose(), s * sX.transpose(), x * X.transpose()
        rows, columns = first.nrows(), first.ncols()
        return arb_mat([
            [(arb(a) * first[i, j] + arb(b) * second[i, j] * products[i, j]) / m for j in range(columns)]
            for i in range(rows)
        ])  # fmt: skip

    g = arb_mat([[y] for y in start.labels.tolist()]) - arb(offset) * fX
    moved = kernel(hZ, sZ, Z) * function.enclosed(kernel(hX, sX, X), g)
    return sum((arb(offset) * fZ[i, 0] + moved[i, 0] for i in range(moved.nrows())), arb(0))
