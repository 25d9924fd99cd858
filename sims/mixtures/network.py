"""A fully trained quadratic network (NN) on two Gaussian classes: Ghorbani et al. 2019, section 3.3.

y = ±1 with probability 1/2, x | y = ±1 ~ N(0, Sigma ∓ Delta); f(x) = Σ_i a_i <w_i, x>² + c, all of a, W and c trained.
Risks are E(y − f(x))², 1 for f = 0, exactly from class moments. Initialisation: w_ik ~ N(0, 1/d), a_i ~ N(0,
initial_scale²), c = 0. Sigma and Delta are symmetric, (d, d), or diagonals, (d,).

Signs: gradient flow conserves 2 a_i² − |w_i|², so a neuron can change its sign only if this is negative at first: keep
initial_scale well below 0.7. If Delta has eigenvalues of both signs there are local minima: where every a_i is
negative, say, so are all functions nearby, and the best of those is one.

A run that diverges leaves NaN or infinity in its row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import Mixture, mixture
from lazy_assay.sims.dynamics.sgd import steps_of, trajectory
from lazy_assay.sims.numerics import forms

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.mixture_network"


def gradient_descent_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Population risk after `steps` of gradient descent on the population risk itself; shape (trials,).

    (a, W, c) ← (a, W, c) − step_size ∇R(a, W, c).
    """
    stream = Stream(entropy, device, dtype)
    classes = mixture(stream, d, Sigma, Delta)

    def step(a: Tensor, W: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        return _descent_kernel(a, W, c, classes, step_size)

    def risk(a: Tensor, W: Tensor, c: Tensor) -> Tensor:
        return _risk_kernel(a, W, c, classes)

    starts = _starts(stream, trials, N, d, d, initial_scale)
    return torch.cat([trajectory(start, step, risk, [steps])[:, 0] for start in starts])


def sgd_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    batch: int,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Population risk after `steps` of SGD on the mean of (y − f)² over `batch` fresh samples; shape (trials,)."""
    return sgd_trajectory(
        d=d, N=N, Sigma=Sigma, Delta=Delta, batch=batch, checkpoints=[steps], step_size=step_size,
        initial_scale=initial_scale, trials=trials, entropy=entropy, device=device, dtype=dtype,
    )[:, 0]  # fmt: skip


def sgd_trajectory(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    batch: int,
    checkpoints: ArrayLike,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`sgd_risk` of one run after each number of steps in `checkpoints`; shape (trials, len(checkpoints))."""
    stream, counts = Stream(entropy, device, dtype), steps_of(checkpoints)
    classes = mixture(stream, d, Sigma, Delta)

    def step(a: Tensor, W: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        return _batch_kernel(*classes.sample(stream, len(W), batch), a, W, c, step_size)

    def risk(a: Tensor, W: Tensor, c: Tensor) -> Tensor:
        return _risk_kernel(a, W, c, classes)

    starts = _starts(stream, trials, N, d, batch, initial_scale)
    return torch.cat([trajectory(start, step, risk, counts) for start in starts])


def _starts(
    stream: Stream, trials: int, N: int, d: int, rows: int, scale: float
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """a (trials, N), W as rows (trials, N, d) and c (trials,), some trials at a time."""
    for size in chunk_sizes(trials, max(rows, N) * max(N, d), stream.device):
        a = stream.normal(size, N) * scale
        yield a, stream.normal(size, N, d) / math.sqrt(d), torch.zeros_like(a[:, 0])


def _risk_kernel(a: Tensor, W: Tensor, c: Tensor, classes: Mixture) -> Tensor:
    return classes.risk_of_form(W.mT @ (a[..., None] * W), c)


def _descent_kernel(
    a: Tensor, W: Tensor, c: Tensor, classes: Mixture, step_size: float
) -> tuple[Tensor, Tensor, Tensor]:
    """With M = Σ a_i w_i w_iᵀ and t = Tr(MS) + c in a class of covariance S: ∂R/∂c is the classes' sum of t − y and
    G = ∂R/∂M that of (t − y) S + 2 SMS; then ∂R/∂a_i = <w_i, G w_i>, ∂R/∂w_i = 2 a_i G w_i.
    """
    GW, slope = torch.zeros_like(W), torch.zeros_like(c)
    for y, S in ((1, classes.plus), (-1, classes.minus)):
        SW = forms.apply(S, W)
        miss = (a * (SW * W).sum(-1)).sum(-1) + c - y
        # S M S w = Σ_i a_i (S w_i) <w_i, S w>.
        GW = GW + miss[:, None, None] * SW + 2 * (W @ SW.mT) @ (a[..., None] * SW)
        slope = slope + miss
    gradient = (GW * W).sum(-1)
    return a - step_size * gradient, W - (2 * step_size) * a[..., None] * GW, c - step_size * slope


def _batch_kernel(
    x: Tensor, y: Tensor, a: Tensor, W: Tensor, c: Tensor, step_size: float
) -> tuple[Tensor, Tensor, Tensor]:
    """A step for inputs x (trials, batch, d) and labels y (trials, batch), ∇ of the mean squared error."""
    u = x @ W.mT
    squares = u * u
    e = y - (squares @ a[..., None])[..., 0] - c[:, None]
    rate = 2 * step_size / x.shape[1]
    pull = (u * e[..., None]).mT @ x
    return a + rate * (e[:, None, :] @ squares)[:, 0], W + (2 * rate) * a[..., None] * pull, c + rate * e.sum(-1)
