"""Gaussian moments of activations: what the population knows of random features, given the weights.

For x ~ N(0, I) the neurons <w_i, x> are jointly Gaussian with variances s_i = |w_i|² and covariances p_ij = <w_i,
w_j>. An `Activation` gives E[sigma(u_i) sigma(u_j)] from (s, p), and the Hermite coefficients E[sigma(√s G) He_k(G)],
He_k monic. Each closed form is elementary (Isserlis, Cho and Saul 2009, Williams 1997, or Mehler's formula).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations as _activations
from lazy_assay.sims.numerics import hermite_series

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Activation:
    """An activation with its Gaussian moments.

    `value(u)` is elementwise. `gram(s, p)`, for s (..., N) and p (..., N, N), is E[sigma(u_i) sigma(u_j)], uncentred.
    `hermite(k, s)`, for k = 0, 1, 2, 3, is E[sigma(√s G) He_k(G)], of the shape of s.
    """

    value: Callable[[Tensor], Tensor]
    gram: Callable[[Tensor, Tensor], Tensor]
    hermite: Callable[[int, Tensor], Tensor]

    def offset(self, s: Tensor) -> Tensor:
        """E sigma(G) at unit variance, a tensor of shape (1,) like s: features are centred by this constant."""
        return self.hermite(0, torch.ones_like(s.reshape(-1)[:1]))

    def centred_gram(self, s: Tensor, p: Tensor) -> Tensor:
        """E[phi_i phi_j] of the features phi_i = sigma(u_i) − E sigma(G)."""
        mean, offset = self.hermite(0, s), self.offset(s)
        left = mean - offset
        # In place: for a few hundred features a pass over the matrix costs as much as what is computed in it.
        found = self.gram(s, p).addcmul_(mean[..., :, None], mean[..., None, :], value=-1)
        return found.addcmul_(left[..., :, None], left[..., None, :])


def activation_named(name: str) -> Activation:
    """The activation of this name with its moments. Raises ValueError for an unknown name."""
    value = _activations.value(name)
    if name in _CLOSED:
        return Activation(value, *_CLOSED[name])
    return Activation(value, *hermite_series.moments(value))


def outer(a: Tensor, b: Tensor) -> Tensor:
    """a_i b_j along the last axis."""
    return a[..., :, None] * b[..., None, :]


def _pick(k: int, s: Tensor, coefficients: dict[int, Callable[[Tensor], Tensor]]) -> Tensor:
    return coefficients[k](s) if k in coefficients else torch.zeros_like(s)


def _quadratic_gram(s: Tensor, p: Tensor) -> Tensor:
    return outer(s - 1, s - 1).addcmul_(p, p, value=2)


def _quadratic_hermite(k: int, s: Tensor) -> Tensor:
    return _pick(k, s, {0: lambda s: s - 1, 2: lambda s: 2 * s})


def _hermite2_3_gram(s: Tensor, p: Tensor) -> Tensor:
    # He2(rG) = s He2(G) + (s − 1) and He3(rG) = r³ He3(G) + 3 r (s − 1) G; even and odd parts do not meet.
    return _quadratic_gram(s, p) + p * (6 * p * p + 9 * outer(s - 1, s - 1))


def _hermite2_3_hermite(k: int, s: Tensor) -> Tensor:
    odd = {1: lambda s: 3 * s.sqrt() * (s - 1), 3: lambda s: 6 * s * s.sqrt()}
    return _pick(k, s, odd) + _quadratic_hermite(k, s)


def _cosine(s: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """r_i r_j, the cosine of the angle between two weights, and its sine."""
    r = s.sqrt()
    lengths = outer(r, r)
    cosine = (p / lengths).clamp(-1, 1)
    # (1 − c)(1 + c), not 1 − c²: on the diagonal the sine must cancel against the arccosine to the last bit.
    return lengths, cosine, ((1 - cosine) * (1 + cosine)).sqrt()


def _relu_gram(s: Tensor, p: Tensor) -> Tensor:
    lengths, cosine, sine = _cosine(s, p)
    return lengths * (sine + (math.pi - torch.arccos(cosine)) * cosine) / (2 * math.pi)


def _relu_hermite(k: int, s: Tensor) -> Tensor:
    half = 1 / math.sqrt(2 * math.pi)
    return _pick(k, s.sqrt(), {0: lambda r: half * r, 1: lambda r: r / 2, 2: lambda r: half * r})


def _abs_gram(s: Tensor, p: Tensor) -> Tensor:
    lengths, cosine, sine = _cosine(s, p)
    return lengths * (sine + torch.arcsin(cosine) * cosine) * (2 / math.pi)


def _abs_hermite(k: int, s: Tensor) -> Tensor:
    both = math.sqrt(2 / math.pi)
    return _pick(k, s.sqrt(), {0: lambda r: both * r, 2: lambda r: both * r})


def _erf_gram(s: Tensor, p: Tensor) -> Tensor:
    scale = (1 + 2 * s).rsqrt()
    return torch.arcsin(2 * p * outer(scale, scale)) * (2 / math.pi)


def _erf_hermite(k: int, s: Tensor) -> Tensor:
    # E[sigma(rG) He_k(G)] = r^k E[sigma^(k)(rG)], and E exp(−s G²) = (1 + 2s)^(−1/2).
    c, scale = 2 / math.sqrt(math.pi), (1 + 2 * s).rsqrt()
    odd = {1: lambda s: c * s.sqrt() * scale, 3: lambda s: -2 * c * (s.sqrt() * scale) ** 3}
    return _pick(k, s, odd)


def _sin_gram(s: Tensor, p: Tensor) -> Tensor:
    damping = torch.exp(-s / 2)
    return outer(damping, damping) * torch.sinh(p)


def _sin_hermite(k: int, s: Tensor) -> Tensor:
    odd = {1: lambda s: s.sqrt() * torch.exp(-s / 2), 3: lambda s: -s * s.sqrt() * torch.exp(-s / 2)}
    return _pick(k, s, odd)


_CLOSED = {
    "quadratic": (_quadratic_gram, _quadratic_hermite),
    "hermite2_3": (_hermite2_3_gram, _hermite2_3_hermite),
    "relu": (_relu_gram, _relu_hermite),
    "abs": (_abs_gram, _abs_hermite),
    "erf": (_erf_gram, _erf_hermite),
    "sin": (_sin_gram, _sin_hermite),
}
