"""The recursion over layers, entry by entry: covariances as standard deviations a, b and the gap 1 − correlation.

The gap is carried along rather than the correlation: where two points nearly coincide, E[φ'φ'] of a kinked φ moves like
the root of the gap, and a rounded correlation would give that to 1e-8 only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._duals import Homogeneous, Pairing, Sin
from lazy_assay.sims.kernels._layers import Layer
from lazy_assay.sims.modules.gate import is_known

if TYPE_CHECKING:
    from torch import Tensor

NNGP, NTK = "nngp", "ntk"
# e^K loses K ε: so many units of rounding.
_MODERATE = 16.0


def entries(
    gap: Tensor, a: Tensor, b: Tensor, phi: Pairing, layers: list[Layer], wanted: tuple[str, ...]
) -> list[Tensor]:
    """The wanted kernels of inputs with gap (..., n, m), overwritten, and root mean squares a (..., n, 1) and b."""
    if isinstance(phi, Sin) and _are_moderate(a, b, layers):
        return _of_sines(gap, a, b, layers, wanted)
    features: _Gaps | _Products = _Gaps(gap, a, b)
    ntk = features.mapped(layers[0].own, layers[0].own_bias) if NTK in wanted else None
    for layer, below in zip(layers[1:], layers, strict=False):
        slope, features = _features(*_affine(*features.gaps(), below), phi)
        if ntk is not None:
            ntk = features.mapped(layer.own, layer.own_bias).addcmul_(ntk, slope, value=layer.weight)
    found = [] if NNGP not in wanted else [features.mapped(layers[-1].weight, layers[-1].bias)]
    return found if ntk is None else [*found, ntk]


def _are_moderate(a: Tensor, b: Tensor, layers: list[Layer]) -> bool:
    """Whether e^K is a number with digits to spare at every layer: covariances of sines are at most one."""
    if not is_known(a):
        return False
    first = layers[0].weight * a.max().item() * b.max().item() + layers[0].bias
    return max(first, *(layer.weight + layer.bias for layer in layers[1:]), 0.0) < _MODERATE


def _of_sines(gap: Tensor, a: Tensor, b: Tensor, layers: list[Layer], wanted: tuple[str, ...]) -> list[Tensor]:
    """The same for sin by covariances alone: E[φφ] and E[φ'φ'] are e^(−(s + t)/2) (e^K ∓ e^(−K))/2.

    sin is smooth, so that a gap tells nothing more than the covariance does; one exponential serves both.
    """
    sin = Sin()
    covariance = _Gaps(gap, a, b)
    ntk = covariance.mapped(layers[0].own, layers[0].own_bias) if NTK in wanted else None
    K = covariance.mapped(layers[0].weight, layers[0].bias)
    s, t = (layers[0].weight * side * side + layers[0].bias for side in (a, b))
    for layer in layers[1:]:
        left, right = (s * -0.5).exp_().mul_(0.5), (t * -0.5).exp_()
        grown = K.exp_()
        shrunk = grown.reciprocal()
        if ntk is not None:
            # E[φ'φ'] Θ before E[φφ] takes the place of e^K.
            slope = torch.add(grown, shrunk).mul_(left * layer.weight).mul_(right)
            ntk.mul_(slope)
        K = grown.sub_(shrunk).mul_(left).mul_(right)
        if ntk is not None:
            ntk.add_(K, alpha=layer.own)
            if layer.own_bias:
                ntk.add_(layer.own_bias)
        K = K.mul_(layer.weight).add_(layer.bias)
        s, t = (sin.variance(side) * layer.weight + layer.bias for side in (s, t))
    found = [] if NNGP not in wanted else [K]
    return found if ntk is None else [*found, ntk]


class _Gaps(NamedTuple):
    """Features that the next affine map is applied to: their gap, and root mean squares a and b."""

    gap: Tensor
    a: Tensor
    b: Tensor

    def mapped(self, weight: float, bias: float) -> Tensor:
        """weight a b (1 − g) + bias."""
        lengths = (self.a * weight) * self.b
        lengths.addcmul_(lengths, self.gap, value=-1)
        return lengths.add_(bias) if bias else lengths

    def gaps(self) -> _Gaps:
        """These."""
        return self


class _Products(NamedTuple):
    """The same, with E[φφ] in the gap's place: the last affine map needs no gap."""

    value: Tensor
    a: Tensor
    b: Tensor

    def mapped(self, weight: float, bias: float) -> Tensor:
        """weight E[φφ] + bias."""
        return torch.add(self.value.new_full((), bias), self.value, alpha=weight)

    def gaps(self) -> _Gaps:
        """As gaps; overwrites the value."""
        tiny = torch.finfo(self.value.dtype).tiny
        one, other = -1 / self.a.clamp(min=tiny), 1 / self.b.clamp(min=tiny)
        return _Gaps(self.value.mul_(one).mul_(other).add_(1).clamp_(0, 2), self.a, self.b)


def _features(gap: Tensor, a: Tensor, b: Tensor, phi: Pairing) -> tuple[Tensor, _Gaps | _Products]:
    """E[φ'φ'], and the features of a layer."""
    if isinstance(phi, Homogeneous):
        forward, slope = phi.advance(gap)
        return slope, _Gaps(forward, a * phi.scale**0.5, b * phi.scale**0.5)
    value, slope = phi.pair(gap, a, b)
    return slope, _Products(value, phi.variance(a * a).sqrt_(), phi.variance(b * b).sqrt_())


def _affine(gap: Tensor, a: Tensor, b: Tensor, layer: Layer) -> _Gaps:
    """Of A h, where h has this state; overwrites the gap.

    A bias is one more coordinate: a unit vector becomes (c e, s), c² = σ_w² a²/(σ_w² a² + σ_b²), s² = 1 − c², and half
    the squared distance of two of them is c c' g + (c − c')²/2 + (s − s')²/2. No term cancels another.
    """
    a, b = a * layer.weight**0.5, b * layer.weight**0.5
    if not layer.bias:
        return _Gaps(gap, a, b)
    wide, high = (a * a + layer.bias).sqrt_(), (b * b + layer.bias).sqrt_()
    cosines, sines = a / wide - b / high, (layer.bias / 2) ** 0.5 / wide - (layer.bias / 2) ** 0.5 / high
    gap.mul_(a / wide).mul_(b / high).addcmul_(cosines, cosines, value=0.5).addcmul_(sines, sines)
    return _Gaps(gap, wide, high)
