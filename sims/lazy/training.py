"""Training of αh beside that of its linear model, under F(w) = R(αh(w))/α² with R(y) = ½‖y − y*‖².

Two-layer networks c Σ_j u_j σ(<w_j, x>), c = N^(−1/2), all weights trained, every α of a row from one start. Functions
whose name ends in `_at` take weights, points and labels as arrays; the others draw them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.flow import Linear, Scaled, difference_from_linear
from lazy_assay.sims.lazy.networks import finite, given, started

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    Model = Callable[[Parameters], Tensor]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.lazy_training"

MEASURES = ("distance", "parameters", "output")


def descent_gap(
    *,
    d: int,
    n: int,
    N: int,
    activation: str,
    initialisation: str,
    measure: str,
    alphas: ArrayLike,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Largest gap over all steps between gradient descent and linearised descent, shape (trials, len(alphas)).

    measure: `distance` ‖w − w0‖, `parameters` ‖w − w̄‖, `output` ‖αh(w) − αh̄(w̄)‖. Linearised descent is the closed
    form (1 − ηλ)^k. Weights and labels are standard normal, points of norm about one. A row whose step size is above
    2/λ_max of its own kernel is infinite: it diverges, whether or not these steps are enough to see it.
    """
    _known(measure)
    stream, scales = Stream(entropy, device, dtype), finite("alphas", alphas)
    alpha = stream.constant(scales).repeat(trials)
    x, y = stream.normal(trials, n, d) / math.sqrt(d), stream.normal(trials, n)
    W, u = stream.normal(trials, d, N), stream.normal(trials, N)
    x, y, W, u = (t.repeat_interleave(len(scales), dim=0) for t in (x, y, W, u))
    model, start = started(W, u, x, activation, initialisation)
    gaps, stable = _against_linear(model, start, y, alpha, step_size, steps)
    found = gaps[MEASURES.index(measure)].amax(dim=1)
    return torch.where(stable, found, torch.full_like(found, float("inf"))).reshape(trials, len(scales))


def _known(measure: str) -> None:
    if measure not in MEASURES:
        raise ValueError(f"no measure is called {measure!r}; there are {', '.join(MEASURES)}")


def _against_linear(
    model: Model, start: Parameters, y: Tensor, alpha: Tensor, step_size: float, steps: int
) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
    """Each measure at each step, (trials, steps + 1), and whether the step size is below 2/λ_max, (trials,)."""
    J = _jacobian(model, start, y)
    scale = alpha[:, None]
    r = tangent.descended(
        J @ J.mT, scale * model(start) - y, step_size, torch.arange(steps + 1, device=y.device, dtype=y.dtype)
    )
    # Linearised descent sums its own gradients: w̄_k − w0 = −(η/α) Jᵀ Σ_{j<k} r̄_j.
    past = torch.cat([torch.zeros_like(r[:, :1]), r[:, :-1].cumsum(dim=1)], dim=1)
    linear = -(step_size / alpha)[:, None, None] * (past @ J)

    def objective(parameters: Parameters, k: int) -> Tensor:
        return (scale * model(parameters) - y).square().sum(-1) / (2 * alpha.square())

    def watch(parameters: Parameters) -> Tensor:
        moved = torch.cat([(p - s).flatten(1) for p, s in zip(parameters, start, strict=True)], dim=1)
        return torch.cat([moved, scale * model(parameters) - y], dim=1)

    _, seen = descend(objective, start, GradientDescent(step_size), steps, watch=watch)
    moved, residual = torch.tensor_split(torch.stack(seen, dim=1), [J.shape[-1]], dim=-1)
    largest = torch.linalg.eigvalsh(J @ J.mT)[:, -1]
    return (moved.norm(dim=-1), (moved - linear).norm(dim=-1), (residual - r).norm(dim=-1)), step_size * largest < 2


def _jacobian(model: Model, start: Parameters, y: Tensor) -> Tensor:
    """Dh(w0) of every trial by reverse differentiation, one output at a time, shape (trials, n, numbers)."""
    leaves = tuple(p.detach().requires_grad_() for p in start)
    with torch.enable_grad():
        outputs = model(leaves)
        rows = [
            torch.cat(
                [g.flatten(1) for g in torch.autograd.grad(outputs[:, i].sum(), leaves, retain_graph=True)], dim=1
            )
            for i in range(y.shape[-1])
        ]
    return torch.stack(rows, dim=1)


def flow_gap_at(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    W: ArrayLike,
    u: ArrayLike,
    activation: str,
    initialisation: str,
    measure: str,
    alpha: float,
    power: int,
    T: float,
    steps: int,
    every: int = 1,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """α^power times the largest gap of gradient flow over the ends of `steps` steps up to time T, shape (trials,).

    every: look at the ends of every so many steps only. measure: `distance` ‖w(t) − w0‖, `parameters` ‖w(t) − w̄(t)‖,
    `output` ‖αh(w(t)) − αh̄(w̄(t))‖.
    """
    _known(measure)
    x, y, first, second = given(Stream(entropy, device, dtype), points, labels, W, u, trials)
    model, start = started(first, second, x, activation, initialisation)
    scaled = Scaled(model, start, float(alpha))
    gaps, linear = difference_from_linear(scaled, y, T, steps)
    times = np.linspace(0, T, steps + 1).tolist()
    looked = list(zip(times, gaps, strict=True))[::every]
    return torch.stack([_measured(measure, scaled, linear, y, t, e) for t, e in looked]).amax(0) * abs(alpha) ** power


def _measured(measure: str, scaled: Scaled, linear: Linear, y: Tensor, t: float, e: Tensor) -> Tensor:
    """One measure at one time, from the difference e = v − v̄ there."""
    if measure == "output":
        gap: Tensor = (scaled.outputs(linear.moved(t) + e) - y - linear.residual(t)).norm(dim=-1)
        return gap
    moved: Tensor = (e if measure == "parameters" else linear.moved(t) + e).norm(dim=-1)
    return moved / scaled.alpha


def descent_output_gap_at(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    W: ArrayLike,
    u: ArrayLike,
    activation: str,
    initialisation: str,
    alpha: float,
    power: int,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """α^power times the largest output gap of gradient descent to its linearisation over `steps` steps, (trials,)."""
    x, y, first, second = given(Stream(entropy, device, dtype), points, labels, W, u, trials)
    model, start = started(first, second, x, activation, initialisation)
    scale = torch.full_like(y[:, 0], alpha)
    gaps, stable = _against_linear(model, start, y, scale, step_size, steps)
    found = gaps[2].amax(dim=1) * alpha**power
    return torch.where(stable, found, torch.full_like(found, float("inf")))


def descent_output_at(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    W: ArrayLike,
    u: ArrayLike,
    activation: str,
    initialisation: str,
    alpha: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """αh at the first point after gradient descent on R(αh)/α², for α of either sign, shape (trials,)."""
    x, y, first, second = given(Stream(entropy, device, dtype), points, labels, W, u, trials)
    model, start = started(first, second, x, activation, initialisation)

    def objective(parameters: Parameters, k: int) -> Tensor:
        return (alpha * model(parameters) - y).square().sum(-1) / (2 * alpha**2)

    end, _ = descend(objective, start, GradientDescent(float(step_size)), steps)
    return alpha * model(end)[:, 0]
