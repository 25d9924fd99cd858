"""The recursion over layers, entry by entry: covariances as standard deviations a, b and the gap 1 − correlation.

The gap is carried along rather than the correlation: where two points nearly coincide, E[φ'φ'] of a kinked φ moves like
the root of the gap, and a rounded correlation would give that to 1e-8 only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sims._torch import torch
from sims.kernels._duals import Homogeneous, Pairing, covariance
from sims.kernels._layers import Layer

if TYPE_CHECKING:
    from torch import Tensor

    State = tuple[Tensor, Tensor, Tensor]


def entries(gap: Tensor, a: Tensor, b: Tensor, phi: Pairing, layers: list[Layer]) -> tuple[Tensor, Tensor]:
    """NNGP and NTK for inputs with gap (..., n, m) and root mean squares a (..., n, 1), b (..., 1, m)."""
    first, *others = layers
    value = covariance(gap, a, b)
    ntk = value * first.own + first.own_bias
    last = first
    for layer in others:
        gap, a, b = _affine(gap, a, b, last)
        value, slope, (gap, a, b) = _features(gap, a, b, phi)
        ntk.mul_(slope)
        _scale(ntk, layer.weight)
        ntk.add_(value, alpha=layer.own)
        if layer.own_bias:
            ntk.add_(layer.own_bias)
        last = layer
    _scale(value, last.weight)
    return (value.add_(last.bias) if last.bias else value), ntk


def _scale(values: Tensor, factor: float) -> None:
    if factor != 1.0:
        values.mul_(factor)


def _features(gap: Tensor, a: Tensor, b: Tensor, phi: Pairing) -> tuple[Tensor, Tensor, State]:
    """E[φφ], E[φ'φ'], and the features' own state: their gap and root mean squares."""
    if isinstance(phi, Homogeneous):
        forward, slope = phi.advance(gap)
        a, b = a * phi.scale**0.5, b * phi.scale**0.5
        return covariance(forward, a, b), slope, (forward, a, b)
    value, slope = phi.pair(gap, a, b)
    a, b = phi.variance(a * a).sqrt_(), phi.variance(b * b).sqrt_()
    tiny = torch.finfo(value.dtype).tiny
    forward = (value / a.clamp(min=tiny)).div_(b.clamp(min=tiny)).neg_().add_(1).clamp_(0, 2)
    return value, slope, (forward, a, b)


def _affine(gap: Tensor, a: Tensor, b: Tensor, layer: Layer) -> State:
    """Of A h, where h has this gap and these root mean squares."""
    a, b = a * layer.weight**0.5, b * layer.weight**0.5
    if not layer.bias:
        return gap, a, b
    wide, high = (a * a + layer.bias).sqrt_(), (b * b + layer.bias).sqrt_()
    lengths = wide * high
    # √((P + β)(Q + β)) − √(PQ) − β = β (√P − √Q)²/(their sum), and the rest is √(PQ) g: no term cancels.
    unequal = (a - b).square().mul_(layer.bias).div_((a * b).add_(lengths).add_(layer.bias))
    return unequal.addcmul_(gap * a, b).div_(lengths), wide, high
