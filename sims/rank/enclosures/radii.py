"""Numbers in float64 with rigorous radii: the constants of rounding, sums, and affine maps.

u = 2⁻⁵³ and γ_k = k u/(1 − k u) as usual: a sum of k products in any order is off by at most γ_k Σ|products|, plus
k·2⁻¹⁰⁷⁵ where results are subnormal (2⁻¹⁰²² each is allowed, so that flushing to zero is covered too). Radii are sums
of non-negative numbers, themselves computed in float64: they are multiplied by 1 + 2γ at the end. Sums over many terms
go block by block, which makes k about 2√n rather than n; `loose` bounds hold for sums in any order, as torch's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
U = 2.0**-53
TINY = 2.0**-1022
# A relative error of 4 ulp, with room for the few operations around it.
FUNCTION = 10 * U


def gamma(k: int) -> float:
    """An upper bound of γ_k."""
    return k * U / (1 - k * U) * (1 + 4 * U)


@dataclass(frozen=True)
class Enclosure:
    """Middles and radii of one shape; a radius that is infinite or NaN proves nothing, and is never mended."""

    middle: Array
    radius: Array


def block(k: int) -> int:
    """A block length near √k, at least 16."""
    return max(16, math.isqrt(k) + 1)


def terms(k: int) -> int:
    """How many roundings a blocked sum of k terms goes through, at most."""
    return block(k) + -(-k // block(k)) + 1


def product(a: Array, b: Array) -> Array:
    """a @ b, in blocks of the inner dimension: an error of at most γ_{terms(k)} |a| |b|."""
    step = block(a.shape[1])
    total = a[:, :step] @ b[:step]
    for start in range(step, a.shape[1], step):
        total += a[:, start : start + step] @ b[start : start + step]
    return np.asarray(total)


def tree_sum(values: Array) -> Array:
    """Sum over the first axis in a balanced tree: an error of at most γ_{tree_depth(len)} Σ|values|."""
    while len(values) > 1:
        if len(values) % 2:
            values = np.concatenate([values, np.zeros_like(values[:1])])
        values = values[::2] + values[1::2]
    return np.asarray(values[0])


def tree_depth(count: int) -> int:
    """The depth of that tree."""
    return max(1, math.ceil(math.log2(max(2, count))))


def affine(x: Enclosure, W: Array, b: Array | None, *, loose: bool = False) -> Enclosure:
    """x W + b."""
    k = (len(W) if loose else terms(len(W))) + 2
    middle = product(x.middle, W)
    radius = product(x.radius + gamma(k) * np.abs(x.middle), np.abs(W))
    if b is not None:
        middle = middle + b
        radius = radius + gamma(k) * np.abs(b)
    # The last addition is off by u times its result, which γ of the larger k covers; so are the radius' own roundings.
    return Enclosure(middle, radius * (1 + 2 * gamma(k + 8)) + len(W) * TINY)
