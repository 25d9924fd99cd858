"""Gaussian moments of activations without closed forms, by Mehler's series and the trapezoid rule.

E[sigma(u_i) sigma(u_j)] = Σ_k mu_k(r_i) mu_k(r_j) cos^k(angle), mu_k(r) = E[sigma(rG) He_k(G)]/√k!. The series stops
at k = 40 off the diagonal; the diagonal is E sigma(rG)² itself, so the matrix stays positive semidefinite whatever is
cut off. For functions analytic in a strip (tanh, sigmoid, softplus) mu_k falls like exp(−a √(2k)/r), a the strip's
half-width (π/2 for tanh, π for the others): the rest is below mu_40² |cos|^41, under 1e-12 for r ≤ 1.5 and angles
above 40°. The rule (step 0.15 on [−12, 12]) is exact to exp(−2π a/(0.15 r)): rounding up to r = 1.5.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

_ORDER, _STEP, _REACH = 40, 0.15, 12.0


def moments(
    value: Callable[[Tensor], Tensor],
) -> tuple[Callable[[Tensor, Tensor], Tensor], Callable[[int, Tensor], Tensor]]:
    """The Gram matrix and the Hermite coefficients of an activation, as in `sims.numerics.gaussian_moments`."""

    def gram(s: Tensor, p: Tensor) -> Tensor:
        r = s.sqrt()
        values = _on_nodes(value, r)
        mu = values @ _constant(_weights(_ORDER), s)
        second = (values * values) @ _constant(_weights(0), s)
        return _mehler(mu, second[..., 0], p / (r[..., :, None] * r[..., None, :]))

    def hermite(k: int, s: Tensor) -> Tensor:
        mu = _on_nodes(value, s.sqrt()) @ _constant(_weights(_ORDER)[:, k : k + 1], s)
        return mu[..., 0] * math.sqrt(math.factorial(k))

    return gram, hermite


def _mehler(mu: Tensor, second: Tensor, cosine: Tensor) -> Tensor:
    """Horner's rule for Σ_k mu_k mu_k' cos^k, with the exact second moments on the diagonal."""
    total = torch.zeros_like(cosine)
    for k in reversed(range(_ORDER + 1)):
        total = torch.addcmul(total * cosine, mu[..., :, None, k], mu[..., None, :, k])
    total.diagonal(dim1=-2, dim2=-1).copy_(second)
    return total


def _on_nodes(value: Callable[[Tensor], Tensor], r: Tensor) -> Tensor:
    return value(r[..., None] * _constant(_nodes(), r))


def _constant(values: NDArray[np.float64], like: Tensor) -> Tensor:
    return torch.as_tensor(values).to(device=like.device, dtype=like.dtype)


@functools.cache
def _nodes() -> NDArray[np.float64]:
    count = round(_REACH / _STEP)
    return np.linspace(-count, count, 2 * count + 1) * _STEP


@functools.cache
def _weights(order: int) -> NDArray[np.float64]:
    """Step times density times he_k at the nodes, he_k orthonormal: shape (nodes, order + 1)."""
    x: NDArray[np.float64] = _nodes()
    columns = [np.ones_like(x), x]
    for k in range(1, order):
        columns.append((x * columns[k] - math.sqrt(k) * columns[k - 1]) / math.sqrt(k + 1))
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(np.stack(columns[: order + 1], axis=1) * (density * _STEP)[:, None], np.float64)
