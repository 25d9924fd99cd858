"""Activations and softmax in float64 with rigorous radii.

Of the elementary functions exp, log1p and tanh it is assumed that they err by less than 4 units in the last place, of
erfc at t ≥ 0 by less than 8 + t²; tests hold the libraries to that against ball arithmetic.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.enclosures.radii import TINY, Enclosure, U, gamma

Array = np.ndarray
# A relative error of 4 ulp, with room for the few operations around it; of 8 for erfc near 0.
FUNCTION = 10 * U
ERFC = 18 * U
# Bounds of |d/dz z Φ(z)| (at z = √2: 1.1289), of its form by tanh (1.1290) and of |d/dz z/(1 + exp(−z))| (1.0998).
GELU_SLOPE, SILU_SLOPE = 1.14, 1.11


def activated(operation: Any, x: Enclosure) -> Enclosure:
    """An activation's value. Raises NoVerdictError for what is none."""
    match operation:
        case p.Softplus(zeta, None):
            return softplus(x, zeta)
        case p.Softplus(zeta, threshold) if threshold is not None:
            return with_threshold(x, zeta, threshold)
        case p.Relu():
            return Enclosure(np.maximum(x.middle, 0), np.where(x.middle + x.radius <= 0, 0.0, x.radius))
        case p.LeakyRelu(slope):
            middle = np.where(x.middle > 0, x.middle, slope * x.middle)
            return Enclosure(middle, (x.radius * max(1.0, abs(slope)) + U * np.abs(middle)) * (1 + 8 * U) + TINY)
        case p.Tanh():
            return _smooth(x, np.tanh(x.middle), 1.0)
        case p.Sigmoid():
            # exp's argument is exact; where it is large the value is tiny, and so is its slope.
            return _smooth(x, 1 / (1 + np.exp(-x.middle)), 0.25)
        case p.Gelu(by_tanh):
            return gelu_by_tanh(x) if by_tanh else gelu(x)
        case p.Silu():
            return _smooth(x, x.middle / (1 + np.exp(-x.middle)), SILU_SLOPE)
        case p.Softmax(kept):
            return softmax(x, kept)
    raise NoVerdictError(f"no float64 radii for {type(operation).__name__}")


def loosened(operation: Any, x: Enclosure) -> Enclosure:
    """The same with room for torch's kernels: log1p(exp(t))/zeta with t > 0 is off by 2u t/zeta more, and z(1 + erf) by
    roundings of the size of z."""
    found = activated(operation, x)
    match operation:
        case p.Softplus(zeta):
            room = (2 * U * np.abs(zeta * x.middle) + FUNCTION) / zeta
        case p.Gelu() | p.Silu():
            room = ERFC * np.abs(x.middle)
        case _:
            return found
    return Enclosure(found.middle, found.radius + room)


def _smooth(x: Enclosure, middle: Array, lipschitz: float) -> Enclosure:
    """An elementary function's value, and the radius that its slope passes on."""
    room = TINY * (4 + np.abs(x.middle))
    return Enclosure(middle, (x.radius * lipschitz + FUNCTION * np.abs(middle)) * (1 + 8 * U) + room)


def gelu(x: Enclosure) -> Enclosure:
    """x Φ(x), Φ(−t√2) = erfc(t)/2, whose relative slope is at most t + √(t² + 2): t is off by 2u t at most."""
    t = np.abs(x.middle) * math.sqrt(0.5)
    tail = special.erfc(t) / 2
    middle = x.middle * np.where(x.middle > 0, 1 - tail, tail)
    rounding = np.abs(x.middle) * tail * (ERFC + 10 * U * (1 + t * t)) + 4 * U * np.abs(middle)
    room = TINY * (4 + np.abs(x.middle))
    return Enclosure(middle, (x.radius * GELU_SLOPE + rounding) * (1 + 16 * U) + room)


def gelu_by_tanh(x: Enclosure) -> Enclosure:
    """x/(1 + exp(−2u)), u = √(2/π)(x + 0.044715 x³): its terms have one sign, so that u is off by 8 roundings."""
    z = np.abs(x.middle)
    twice = 2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)
    tail = np.exp(-twice) / (1 + np.exp(-twice))
    middle = x.middle * np.where(x.middle > 0, 1 - tail, tail)
    # exp(−t) with t off by 16u t; where t overflows its value is 0, and so is the tail.
    off = np.where(np.isfinite(twice), 16 * U * twice, 0.0)
    rounding = z * tail * (off + 2 * FUNCTION) + 4 * U * np.abs(middle)
    return Enclosure(middle, (x.radius * GELU_SLOPE + rounding) * (1 + 16 * U) + TINY * (4 + z))


def softmax(x: Enclosure, kept: Array | None) -> Enclosure:
    """exp(x_i)/Σ exp(x_j) over the kept entries. With t = max x − x, e = exp(−t), S = Σ e: radii r move a term by
    δ = e(exp(r) − 1) at most, the sum by a factor between 1 − ρ and 1 + ρ, ρ = Σ δ/S, so an entry by
    (δ + eρ)/(S(1 − ρ)).

    With t of rounding u t, terms are off by u t + 4 ulp, relatively, and Σ u t exp(−t) ≤ u k/e.
    """
    middle = x.middle if kept is None else np.where(kept, x.middle, -np.inf)
    radius = x.radius if kept is None else np.where(kept, x.radius, 0.0)
    k = x.middle.shape[-1]
    t = middle.max(axis=-1, keepdims=True) - middle
    terms = np.exp(-t)
    S = terms.sum(axis=-1, keepdims=True)
    found, change = terms / S, _moved(terms, t, radius) / S
    rho = change.sum(axis=-1, keepdims=True) * (1 + 4 * gamma(k + 8))
    # Beyond a half the bound says little, and exact entries, which are at most 1, nothing of a NaN.
    share = np.where(rho < 0.5, (change + found * rho) / (1 - rho), np.inf)
    off = np.where(np.isfinite(t), U * t, 0.0) + 3 * FUNCTION + gamma(2 * k + 8)
    room = 4 * TINY if kept is None else np.where(kept, 4 * TINY, 0.0)
    told = share * (1 + 8 * gamma(k + 16)) + found * off * (1 + 16 * U) + room
    return Enclosure(found, told if kept is None else np.where(kept, told, 0.0))


def _moved(terms: Array, t: Array, radius: Array) -> Array:
    """Bounds of exp(−t)(exp(r) − 1); far below the largest entry, where r is large too, of exp(−t/2) for r ≤ t/2."""
    near = terms * np.expm1(radius) * (1 + 16 * U) + 4 * TINY
    far = np.where(radius <= t / 2, np.exp(-t / 2) * (1 + 1e-9) + TINY, np.inf)
    return np.where(radius == 0, 0.0, np.where(radius <= 1, near, far))


def softplus(x: Enclosure, zeta: float) -> Enclosure:
    """ln(1 + exp(zeta z))/zeta = max(z, 0) + log1p(exp(−|zeta z|))/zeta; its slope at most that at the upper end."""
    t = np.abs(zeta * x.middle)
    small = np.exp(-t)
    fraction = np.log1p(small) / zeta
    middle = np.maximum(x.middle, 0) + fraction
    # exp's argument is off by u t, so exp by a factor e^{u t}; it is below 1 and underflows harmlessly.
    rounding = small / zeta * (2 * U * t + FUNCTION) + FUNCTION * fraction + 2 * U * middle
    top = np.maximum(zeta * (x.middle + x.radius), -700.0)
    # Arguments are off by at most 4u·700 where the exponential matters: below 1e-12, relative.
    slope = np.minimum(1.0, (1 + 1e-12) / (1 + np.exp(-top)))
    return Enclosure(middle, (x.radius * slope + rounding) * (1 + 16 * U) + 4 * TINY / min(zeta, 1.0))


def with_threshold(x: Enclosure, zeta: float, threshold: float) -> Enclosure:
    """torch's Softplus: z itself where zeta z > threshold, as real numbers; both values where that is open."""
    smooth = softplus(x, zeta)
    jump = math.log1p(math.exp(-threshold)) / zeta * (1 + 1e-12)
    low, high = zeta * (x.middle - x.radius), zeta * (x.middle + x.radius)
    # Each bound is off by at most two roundings of its own size.
    slack = 4 * U * (np.abs(zeta * x.middle) + zeta * x.radius) + TINY
    line, curve = low - slack > threshold, high + slack <= threshold
    middle = np.where(line, x.middle, smooth.middle)
    radius = np.where(line, x.radius, np.where(curve, smooth.radius, (smooth.radius + jump) * (1 + 4 * U)))
    return Enclosure(middle, radius)
