"""Activations, entry by entry, by their duals; differentiable where a dual's own formulas are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from lazy_assay.sims.kernels._duals import Homogeneous
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._pairings import pairing
from lazy_assay.sims.kernels.architecture._layer import FEATURES, GAUSSIAN, Grid, Layer

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._state import Side, State


@dataclass(frozen=True)
class Activation(Layer):
    """φ(u) entry by entry, where u, v are centred Gaussians: E φ(u) φ(v), and Θ = E[φ'(u) φ'(v)] Θ_u.

    By name: relu, abs, erf and sin have closed forms, tanh, sigmoid and softplus a trapezoid rule (the errors are
    stated in `sims.kernels._logistic`). With a = √s, b = √t the duals are functions of a, b and the gap 1 − cos between
    u and v, which is (D − (a − b)²/2)/(a b). Of a homogeneous φ, E φφ' = c a b (1 − g'), so D after it is
    c ((a − b)²/2 + a b g'), and no small angle is lost; of the others it is (E φ(u)² + E φ(v)²)/2 − E φ(u) φ(v).

    Derivatives: at a kink the tangent kernel of relu and abs has a cone where two points have one direction. Its
    derivative there counts as zero, the mean of the opposite ones, as does that of an angle at the origin.
    """

    name: str

    def __post_init__(self) -> None:
        pairing(self.name)

    def grid(self, grid: Grid) -> Grid:
        """The same."""
        return grid

    def law(self, law: str) -> str:
        """No Gaussian any more. Raises KernelError where what goes in is none."""
        if law != GAUSSIAN:
            raise KernelError(
                f"{self.name} has a limit after a layer whose channels are alike and Gaussian, not after {law}: "
                "put Dense() or Convolution() before it"
            )
        return FEATURES

    def variance(self, side: Side, axes: int) -> Tensor:
        """E φ(√s G)²."""
        phi = pairing(self.name)
        found: Tensor = plain(phi.variance, side.variance)(side.variance)
        return found

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        phi = pairing(self.name)
        a, b = root(state.first), root(state.second)
        apart = a - b
        gap = state.distance.addcmul(apart, apart, value=-0.5) * inverse(a) * inverse(b)
        gap = gap.clamp(0, 2)
        if isinstance(phi, Homogeneous):
            further, slope = _advance(phi, gap)
            distance = (further * (a * phi.scale) * b).addcmul(apart, apart, value=0.5 * phi.scale)
        else:
            value, slope = plain(phi.pair, gap, a, b)(gap, a, b)
            distance = first / 2 - value + second / 2
        return distance, None if state.tangent is None else state.tangent * slope

    def alive(self) -> int:
        """See Layer."""
        return pairing(self.name).alive + 6


def root(values: Tensor) -> Tensor:
    """√, with a derivative of zero at zero."""
    if not values.requires_grad:
        return values.sqrt()
    positive = values > 0
    return torch.where(positive, torch.where(positive, values, torch.ones_like(values)).sqrt(), values.detach())


def inverse(a: Tensor) -> Tensor:
    """1/a, and zero for zero."""
    positive = a > 0
    return torch.where(positive, a, torch.ones_like(a)).reciprocal() * positive


def plain(function: Any, *given: Tensor) -> Any:
    """A dual as it is, or, where derivatives are wanted, without the results that it writes over."""
    wanted = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in given)
    return torch.func.functionalize(function) if wanted else function


def _advance(phi: Homogeneous, gap: Tensor) -> tuple[Tensor, Tensor]:
    """The gap of the features and E[φ'φ'], with derivatives."""
    if not (torch.is_grad_enabled() and gap.requires_grad):
        return phi.advance(gap)
    return _Gap.apply(gap, phi), _Slope.apply(gap, phi)  # type: ignore[no-untyped-call]


class _Gap(torch.autograd.Function):
    """g' of g: its derivative is E[φ'φ']/c, since d(sin θ − θ cos θ)/dg = θ and E[φ'φ'] = c (1 − share θ)."""

    @staticmethod
    def forward(ctx: Any, gap: Tensor, phi: Homogeneous) -> Tensor:
        ctx.save_for_backward(gap)
        ctx.phi = phi
        return phi.advance(gap)[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (gap,) = ctx.saved_tensors
        slope: Tensor = _Slope.apply(gap, ctx.phi)  # type: ignore[no-untyped-call]
        return gradient * slope / ctx.phi.scale, None


class _Slope(torch.autograd.Function):
    """E[φ'φ'] = c (1 − share θ) of g: dθ/dg = 1/√(g (2 − g)), and zero where the two have one direction or opposite."""

    @staticmethod
    def forward(ctx: Any, gap: Tensor, phi: Homogeneous) -> Tensor:
        ctx.save_for_backward(gap)
        ctx.phi = phi
        return phi.advance(gap)[1]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (gap,) = ctx.saved_tensors
        square = gap * (2 - gap)
        inside = square > 0
        rate = torch.where(inside, square, torch.ones_like(square)).rsqrt() * inside
        return gradient * rate * (-ctx.phi.scale * ctx.phi.share), None
