"""Gradient flow of R(αh(w))/α² for models whose constants are known, and for two-layer networks, at one time.

R(y) = Σ_i ρ(y_i − y*_i) with ρ(e) = M e²/2 − (M − m) log cosh e, whose curvature rises from m at the minimum to M far
away: m-strongly convex with M-Lipschitz gradient, and the square loss at m = M.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.flow import Scaled, difference_from_linear, flow
from lazy_assay.sims.lazy.networks import finite, given, started

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.dynamics.flow import Slope

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.scaled_flow"

# Functions of w = (first, second), each (trials, n), with outputs (trials, n); in other units β·h(w/ω).
MODELS: dict[str, Callable[[Parameters], Tensor]] = {
    "squares": lambda w: w[0].square() - w[1].square(),
    "square": lambda w: w[0].square() - 1,
    "sine": lambda w: torch.sin(w[0] - 1),
}


def residual_norm_at(
    *,
    model: str,
    labels: ArrayLike,
    alpha: float,
    t: float,
    convexity: float,
    smoothness: float,
    steps: int,
    rate: float = 0.0,
    output_unit: float = 1.0,
    weight_unit: float = 1.0,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """‖αβh(w(t)/ω) − y*‖ from w0 = (ω, …, ω), shape (trials,).

    model: `squares` h(w) = w₊² − w₋², `square` h(w) = w² − 1, `sine` h(w) = sin(w − 1), entry by entry; β is
    `output_unit`, ω `weight_unit`. rate: where it is not zero, the largest exp(rate·s)‖αβh(w(s)/ω) − y*‖ over the ends
    s ≤ t of all steps.
    """
    y = Stream(entropy, device, dtype).constant(finite("labels", labels)).expand(trials, -1)
    return _followed(_known(model, y, alpha, output_unit, weight_unit), y, t, convexity, smoothness, steps, rate)


def network_residual_norm_at(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    W: ArrayLike,
    u: ArrayLike,
    activation: str,
    initialisation: str,
    alpha: float,
    t: float,
    convexity: float,
    smoothness: float,
    steps: int,
    rate: float = 0.0,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same for a two-layer network."""
    x, y, first, second = given(Stream(entropy, device, dtype), points, labels, W, u, trials)
    model, start = started(first, second, x, activation, initialisation)
    return _followed(Scaled(model, start, float(alpha)), y, t, convexity, smoothness, steps, rate)


def _known(model: str, y: Tensor, alpha: float, output_unit: float, weight_unit: float) -> Scaled:
    """αβh(w/ω) at w0 = (ω, …, ω). Raises ValueError for an unknown model."""
    if model not in MODELS:
        raise ValueError(f"no model is called {model!r}; there are {', '.join(MODELS)}")
    of, start = MODELS[model], torch.full_like(y, weight_unit)
    return Scaled(lambda w: output_unit * of(tuple(each / weight_unit for each in w)), (start, start), float(alpha))


def _followed(
    scaled: Scaled, y: Tensor, t: float, convexity: float, smoothness: float, steps: int, rate: float
) -> Tensor:
    states = flow(scaled, _slope(y, convexity, smoothness), t, steps) if t > 0 else [scaled.rest]
    times = np.linspace(0, t, len(states)).tolist()
    looked = list(zip(times, states, strict=True)) if rate else [(0.0, states[-1])]
    norms = [np.exp(rate * s) * (scaled.outputs(v) - y).norm(dim=-1) for s, v in looked]
    return torch.stack(norms).amax(0)


def _slope(target: Tensor, m: float, M: float) -> Slope:
    """∇R."""

    def slope(y: Tensor) -> Tensor:
        e = y - target
        return M * e - (M - m) * torch.tanh(e)

    return slope


def relative_gap_at(
    *,
    model: str,
    labels: ArrayLike,
    alpha: float,
    T: float,
    steps: int,
    output_unit: float = 1.0,
    weight_unit: float = 1.0,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """‖αh(w(T)) − αh̄(w̄(T))‖/‖αh(w0) − y*‖ under the square loss, shape (trials,). Models as in `residual_norm_at`."""
    y = Stream(entropy, device, dtype).constant(finite("labels", labels)).expand(trials, -1)
    return _gap(_known(model, y, alpha, output_unit, weight_unit), y, T, steps)


def network_relative_gap_at(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    W: ArrayLike,
    u: ArrayLike,
    activation: str,
    initialisation: str,
    alpha: float,
    T: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same for a two-layer network."""
    x, y, first, second = given(Stream(entropy, device, dtype), points, labels, W, u, trials)
    model, start = started(first, second, x, activation, initialisation)
    return _gap(Scaled(model, start, float(alpha)), y, T, steps)


def _gap(scaled: Scaled, y: Tensor, T: float, steps: int) -> Tensor:
    gaps, linear = difference_from_linear(scaled, y, T, steps)
    end = scaled.outputs(linear.moved(T) + gaps[-1]) - y - linear.residual(T)
    relative: Tensor = end.norm(dim=-1) / linear.gap.norm(dim=-1)
    return relative
