"""The recursion over layers, entry by entry: covariances as standard deviations a, b and the gap 1 − correlation.

The gap is carried along rather than the correlation: where two points nearly coincide, E[φ'φ'] of a kinked φ moves like
the root of the gap, and a rounded correlation would give that to 1e-8 only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sims._torch import torch
from sims.kernels._duals import Homogeneous, Pairing
from sims.kernels._layers import Layer

if TYPE_CHECKING:
    from torch import Tensor

    State = tuple[Tensor, Tensor, Tensor]

NNGP, NTK = "nngp", "ntk"


def entries(
    gap: Tensor, a: Tensor, b: Tensor, phi: Pairing, layers: list[Layer], wanted: tuple[str, ...]
) -> list[Tensor]:
    """The wanted kernels of inputs with gap (..., n, m), overwritten, and root mean squares a (..., n, 1) and b.

    A state, (gap, a, b), is of the features that the next affine map is applied to.
    """
    state = gap, a, b
    ntk = _mapped(state, layers[0].own, layers[0].own_bias) if NTK in wanted else None
    for layer, below in zip(layers[1:], layers, strict=False):
        slope, state = _features(*_affine(*state, below), phi)
        if ntk is not None:
            ntk.mul_(slope)
            if layer.weight != 1:
                ntk.mul_(layer.weight)
            _add_mapped(ntk, state, layer.own, layer.own_bias)
    found = [] if NNGP not in wanted else [_mapped(state, layers[-1].weight, layers[-1].bias)]
    return found if ntk is None else [*found, ntk]


def _mapped(state: State, weight: float, bias: float) -> Tensor:
    """weight a b (1 − g) + bias."""
    gap, a, b = state
    lengths = (a * weight) * b
    return torch.addcmul(lengths + bias if bias else lengths, lengths, gap, value=-1)


def _add_mapped(total: Tensor, state: State, weight: float, bias: float) -> None:
    gap, a, b = state
    lengths = (a * weight) * b
    total.add_(lengths).addcmul_(lengths, gap, value=-1)
    if bias:
        total.add_(bias)


def _features(gap: Tensor, a: Tensor, b: Tensor, phi: Pairing) -> tuple[Tensor, State]:
    """E[φ'φ'], and the features' own state."""
    if isinstance(phi, Homogeneous):
        forward, slope = phi.advance(gap)
        return slope, (forward, a * phi.scale**0.5, b * phi.scale**0.5)
    value, slope = phi.pair(gap, a, b)
    a, b = phi.variance(a * a).sqrt_(), phi.variance(b * b).sqrt_()
    tiny = torch.finfo(value.dtype).tiny
    return slope, (value.mul_(-1 / a.clamp(min=tiny)).mul_(1 / b.clamp(min=tiny)).add_(1).clamp_(0, 2), a, b)


def _affine(gap: Tensor, a: Tensor, b: Tensor, layer: Layer) -> State:
    """Of A h, where h has this state; overwrites the gap.

    A bias is one more coordinate: a unit vector becomes (c e, s), c² = σ_w² a²/(σ_w² a² + σ_b²), s² = 1 − c², and half
    the squared distance of two of them is c c' g + (c − c')²/2 + (s − s')²/2. No term cancels another.
    """
    a, b = a * layer.weight**0.5, b * layer.weight**0.5
    if not layer.bias:
        return gap, a, b
    wide, high = (a * a + layer.bias).sqrt_(), (b * b + layer.bias).sqrt_()
    cosines, sines = a / wide - b / high, (layer.bias / 2) ** 0.5 / wide - (layer.bias / 2) ** 0.5 / high
    gap.mul_(a / wide).mul_(b / high).addcmul_(cosines, cosines, value=0.5).addcmul_(sines, sines)
    return gap, wide, high
