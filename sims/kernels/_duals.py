"""Dual activations: E[φ(u) φ(v)] and E[φ'(u) φ'(v)] of a centred Gaussian pair, with the limit's own step of depth.

A pair (u, v) is given by its standard deviations a, b and the gap g = 1 − cos between the two: its covariance is
a b (1 − g), and a b √(g (2 − g)) is the root of its determinant, without cancellation. Closed forms: Cho and Saul 2009
(relu, abs), Williams 1997 (erf), Louart, Liao and Couillet 2018 (sin).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Protocol

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


class Pairing(Protocol):
    """One activation. `gap` (..., n, m), a (..., n, 1) and b (..., 1, m) broadcast; results are fresh tensors."""

    # Numbers that it holds at once for each entry: blocks are sized by it.
    alive: ClassVar[int]

    def variance(self, s: Tensor) -> Tensor:
        """E[φ(√s G)²], of the shape of s."""
        ...

    def pair(self, gap: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """E[φ(u) φ(v)] and E[φ'(u) φ'(v)]."""
        ...


class Homogeneous:
    """φ(u) = u for u > 0 and slope·u for u < 0, slope 0 (relu) or −1 (abs): E[φφ] = scale a b (1 − new gap)."""

    alive: ClassVar[int] = 5

    def __init__(self, scale: float, share: float) -> None:
        self.scale, self.share = scale, share

    def variance(self, s: Tensor) -> Tensor:
        """scale·s."""
        return s * self.scale

    def advance(self, gap: Tensor) -> tuple[Tensor, Tensor]:
        """The gap of the features, and E[φ'φ'], both functions of the angle θ alone.

        relu: E[φφ] = a b (sin θ + (π − θ) cos θ)/2π and E[φ'φ'] = (π − θ)/2π; abs: a b (sin θ + (π/2 − θ) cos θ) 2/π
        and (π/2 − θ) 2/π. So 1 − E[φφ]/(scale a b) = g − share (sin θ − θ cos θ), and no small angle is lost.
        """
        half = (gap * 0.5).sqrt_().asin_()
        sine = (2 - gap).mul_(gap).sqrt_()
        # sin θ − θ (1 − g) = sin θ − θ + θ g.
        sine.sub_(half, alpha=2).addcmul_(half, gap, value=2)
        return torch.sub(gap, sine, alpha=self.share), half.mul_(-2 * self.share * self.scale).add_(self.scale)

    def pair(self, gap: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """See Pairing."""
        forward, slope = self.advance(gap)
        return forward.neg_().add_(1).mul_(a * self.scale).mul_(b), slope


class Erf:
    """E[φφ] = (2/π) atan(2 p / r) and E[φ'φ'] = (4/π)/r with r² = 1 + 2 (s + t) + 4 (s t − p²)."""

    alive: ClassVar[int] = 6

    def variance(self, s: Tensor) -> Tensor:
        """(2/π) atan(2 s / √(1 + 4 s))."""
        s = s.clamp(max=torch.finfo(s.dtype).max / 8)
        return torch.atan2(2 * s, (1 + 4 * s).sqrt()).mul_(2 / math.pi)

    def pair(self, gap: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """See Pairing."""
        # Divided by (1 + 2 s)(1 + 2 t): with ρ² = 1/(1 + 2 s) and α² = 1 − ρ², and primes for v, 2 p becomes
        # α α' (1 − g) and r² becomes ρ'² + ρ² α'² + (α α')² g (2 − g). No term cancels another.
        half = a.new_full((), 0.5**0.5)
        wide, high = torch.hypot(a, half).reciprocal_(), torch.hypot(b, half).reciprocal_()
        one, other = half * wide, half * high
        wide, high = a * wide, b * high
        lengths = wide * high
        lost = lengths * gap
        left = lengths - lost
        root = lengths.add_(left).mul_(lost).add_(other.square()).addcmul_(one.square(), high.square()).sqrt_()
        value = torch.atan2(left, root).mul_(2 / math.pi)
        return value, root.reciprocal_().mul_(4 / math.pi * one).mul_(other)


class Sin:
    """E[φφ] and E[φ'φ'] = (e^(−q/2) ∓ e^(−q'/2))/2, with q and q' the variances of u − v and of u + v."""

    alive: ClassVar[int] = 6

    def variance(self, s: Tensor) -> Tensor:
        """(1 − e^(−2 s))/2."""
        return torch.expm1(-2 * s).mul_(-0.5)

    def pair(self, gap: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """See Pairing."""
        # Beyond this, whose square is a number still, both are zero but for u = ±v.
        a, b = (side.clamp(max=torch.finfo(side.dtype).max ** 0.5 / 8) for side in (a, b))
        # −q/2 = −a b g − (a − b)²/2, and −q'/2 = −s − t + q/2.
        difference = a - b
        apart = (gap * -a).mul_(b).addcmul_(difference, difference, value=-0.5)
        joint = (-a * a - apart).sub_(b * b).exp_()
        apart.exp_().mul_(0.5)
        return torch.sub(apart, joint, alpha=0.5), apart.add_(joint, alpha=0.5)


def covariance(gap: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """a b (1 − g)."""
    return (1 - gap).mul_(a).mul_(b)
