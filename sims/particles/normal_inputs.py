"""A network's value at standard normal inputs, for Poincaré's inequality. Fang, Dong, Zhang 2021, section V."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor


def half_squared_difference(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    activation: str,
    pairs: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over `pairs` of independent X, X' ~ N(0, I) of ½(f(X) − f(X'))², f(x) = Σ_k u_k σ(θ_kᵀx); (trials,).

    Its mean is Var f(X).
    """
    stream = Stream(entropy, device, dtype)
    hidden, top = stream.constant(theta), stream.constant(u)
    x = stream.normal(2, trials, pairs, hidden.shape[-1])
    first, second = activations.value(activation)(x @ hidden.mT) @ top
    spread: Tensor = (first - second).square().mean(-1) / 2
    return spread
