"""tanh, sigmoid and softplus: closed forms averaged over a scale, by a trapezoid rule.

The logistic law is a normal law of random scale: with K of Kolmogorov's distribution, sigmoid(u) = E Φ(u/2K) (Andrews
and Mallows 1974; Stefanski 1990), hence tanh(u) = 2 E Φ(u/K) − 1, and softplus(u) = E E_G relu(u + 2 K G). So each dual
activation is a double average over two scales of a closed form in inflated variances. In log K the density is analytic
and falls off faster than any exponential on both sides: the trapezoid rule converges geometrically, whatever the
variances are and however close u and v (Hermite series and Gauss–Hermite rules slow down as variances grow).

Stated error: with `NODES` nodes the activation is off by less than `ERROR` at every u, and its slope likewise, relative
to 1 (tanh: 2 and 4 times that). So E[φφ] is off by at most (E|φ(u)| + E|φ(v)|) times that, to first order.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._duals import covariance

if TYPE_CHECKING:
    from torch import Tensor

NODES, ERROR = 18, 5e-12
# Of log K. The weights at the ends are some 1e-9 and what lies beyond is less than ERROR: see the test.
_LOWEST, _HIGHEST = -1.45, 1.2


@functools.cache
def scales() -> tuple[tuple[float, float], ...]:
    """Pairs (2 K, weight); weights add up to one."""
    logs = np.linspace(_LOWEST, _HIGHEST, NODES)
    weights = kolmogorov_density(np.exp(logs)) * np.exp(logs)
    return tuple(zip((2 * np.exp(logs)).tolist(), (weights / weights.sum()).tolist(), strict=True))


def kolmogorov_density(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The density of Kolmogorov's distribution, by its two theta series, each where it converges at once."""
    k = np.arange(1, 12)[:, None]
    decay = (2 * k - 1) ** 2 * (math.pi**2 / 8) / x**2
    low = math.sqrt(2 * math.pi) / x**2 * ((2 * decay - 1) * np.exp(-decay)).sum(0)
    high = 8 * x * (-((-1.0) ** k) * k**2 * np.exp(-2 * (k * x) ** 2)).sum(0)
    density: NDArray[np.float64] = np.where(x < 1, low, high)
    return density


class Logistic:
    """φ(u) = height·sigmoid(rate u) + offset, or, if `integrated`, softplus."""

    alive: ClassVar[int] = 4 * NODES

    def __init__(
        self, height: float = 1.0, rate: float = 1.0, offset: float = 0.0, *, integrated: bool = False
    ) -> None:
        self.height, self.rate, self.offset, self.integrated = height, rate, offset, integrated

    def variance(self, s: Tensor) -> Tensor:
        """E[φ(√s G)²]."""
        a = s.sqrt()
        return self.pair(torch.zeros_like(a), a, a)[0]

    def pair(self, gap: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """See Pairing."""
        a, b = a * self.rate, b * self.rate
        angle, third = _averages(gap, a, b, self.integrated)
        # P(u + τ G > 0, v + τ' G' > 0) = 1/4 + atan(p / root)/2π, averaged.
        both = angle.div_(2 * math.pi).add_(0.25)
        if self.integrated:
            return third.div_(2 * math.pi).addcmul_(covariance(gap, a, b), both), both
        # (h S + o)(h S' + o) with E S = 1/2: h² E[S S'] + h o + o².
        value = both.mul_(self.height**2).add_(self.offset * (self.height + self.offset))
        return value, third.mul_((self.height * self.rate) ** 2 / (2 * math.pi))


def _averages(gap: Tensor, a: Tensor, b: Tensor, integrated: bool) -> tuple[Tensor, Tensor]:
    """Averages over τ and τ' of atan(p / root), and of root (integrated) or 1/root.

    root² = (s + τ²)(t + τ'²) − p², as a sum of terms that are not negative. Needs NODES times the memory of `gap`.
    """
    p = covariance(gap, a, b)
    determinant = (2 - gap).mul_(gap).mul_(a * a).mul_(b * b)
    angle, third = torch.zeros_like(p), torch.zeros_like(p)
    taus, weights = (torch.tensor(column, dtype=p.dtype).to(p.device) for column in zip(*scales(), strict=True))
    # One average in a loop, the other along a new last axis.
    p, determinant = p[..., None], determinant[..., None]
    for tau, weight in scales():
        # (s + τ²)(t + τ'²) − p² = (s t − p²) + τ² t + (s + τ²) τ'².
        root = (determinant + (tau * b).square()[..., None]).add((a * a + tau * tau)[..., None] * taus.square()).sqrt_()
        angle.add_(torch.atan2(p, root) @ weights, alpha=weight)
        third.add_((root if integrated else root.reciprocal_()) @ weights, alpha=weight)
    return angle, third


LOGISTIC = {
    "sigmoid": Logistic(),
    "tanh": Logistic(2.0, 2.0, -1.0),
    "softplus": Logistic(integrated=True),
}
