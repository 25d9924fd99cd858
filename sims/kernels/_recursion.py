"""The recursion over layers, entry by entry: covariances as standard deviations a, b and the gap 1 − correlation.

The gap is carried along rather than the correlation: where two points nearly coincide, E[φ'φ'] of a kinked φ moves like
the root of the gap, and a rounded correlation would give that to 1e-8 only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._duals import Homogeneous, Pairing
from lazy_assay.sims.kernels._layers import Layer

if TYPE_CHECKING:
    from torch import Tensor

NNGP, NTK = "nngp", "ntk"


def entries(
    gap: Tensor, a: Tensor, b: Tensor, phi: Pairing, layers: list[Layer], wanted: tuple[str, ...]
) -> list[Tensor]:
    """The wanted kernels of inputs with gap (..., n, m), overwritten, and root mean squares a (..., n, 1) and b."""
    features: _Gaps | _Products = _Gaps(gap, a, b)
    ntk = features.mapped(layers[0].own, layers[0].own_bias) if NTK in wanted else None
    for layer, below in zip(layers[1:], layers, strict=False):
        slope, features = _features(*_affine(*features.gaps(), below), phi)
        if ntk is not None:
            ntk = features.mapped(layer.own, layer.own_bias).addcmul_(ntk, slope, value=layer.weight)
    found = [] if NNGP not in wanted else [features.mapped(layers[-1].weight, layers[-1].bias)]
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
