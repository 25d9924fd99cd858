"""Layer normalisation, over channels or over channels and positions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels.architecture._layer import GAUSSIAN, Grid, Layer
from lazy_assay.sims.kernels.architecture._state import against
from lazy_assay.sims.modules.gate import is_known

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._state import Side, State


@dataclass(frozen=True)
class LayerNormalisation(Layer):
    """z_i(p) = (h_i(p) − mean)/√(var + ε), mean and variance over channels, or with `positions` over those as well.

    Over n independent centred Gaussian channels the mean tends to 0 and the variance to s(p), or to its mean over the
    grid. So in the limit z = h/√(s + ε), and E z z' = E h h'/√((s + ε)(t + ε)) (Yang 2019, "Tensor programs I"). The
    derivative of mean and variance is a map of rank two with entries of order 1/n: it adds nothing to the tangent
    kernel, Θ = Θ_h/√((s + ε)(t + ε)). With l = 1/√(s + ε), D is (l a − l' b)²/2 + l l' (D_h − (a − b)²/2).

    It holds right after affine maps, attention or averages of these. Elsewhere it is refused: after an activation the
    channels have a mean of their own. And it holds without gain and shift (torch's elementwise_affine=False): trained
    gains make the tangent kernel of a channel depend on that channel, and the next activation sees both at once.
    """

    epsilon: float = 1e-5
    positions: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.epsilon, Real) or isinstance(self.epsilon, bool) or not 0 <= self.epsilon < math.inf:
            raise KernelError(f"epsilon is {self.epsilon!r}; it is a number ≥ 0")

    def grid(self, grid: Grid) -> Grid:
        """The same."""
        return grid

    def law(self, law: str) -> str:
        """Gaussian. Raises KernelError for what goes in if it is none."""
        if law != GAUSSIAN:
            raise KernelError(
                "layer normalisation has a limit after a layer whose channels are alike and Gaussian, not after "
                f"{law}: put it right after Dense(), Convolution() or Attention()"
            )
        return GAUSSIAN

    def variance(self, side: Side, axes: int) -> Tensor:
        """s/(s + ε)."""
        return side.variance * self._scale(side, axes).square()

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        left, right = (
            against(self._scale(side, state.axes), state.axes, state.pairs, first=i == 0)
            for i, side in enumerate((state.left, state.right))
        )
        # (l a − l' b)²/2 − l l' (a − b)²/2 = (l − l') (l s − l' t)/2.
        apart = left * state.first - right * state.second
        distance = (state.distance * left * right).addcmul(left - right, apart, value=0.5)
        return distance, None if state.tangent is None else state.tangent * left * right

    def _scale(self, side: Side, axes: int) -> Tensor:
        """1/√(s + ε)."""
        s = side.variance
        if self.positions and axes:
            s = s.mean(tuple(range(-axes, 0)), keepdim=True).expand(s.shape)
        if is_known(s) and not self.epsilon and not bool((s > 0).all()):
            raise KernelError(
                "layer normalisation with epsilon=0 divides by zero where features are zero: give epsilon"
            )
        return (s + self.epsilon).rsqrt()
