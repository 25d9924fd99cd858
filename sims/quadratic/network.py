"""A fully trained network with quadratic activation (NN): Ghorbani et al. 2019, section 2.3.

f(x) = Σ_i <w_i, x>² + c, second layer fixed to 1; inputs x ~ N(0, I_d); target f*(x) = <x, Bx> (Eq. 8 with b_0 = 0;
the offset c takes up any other). With M = B − WWᵀ the population risk is L(W, c) = 2 ||M||_F² + (Tr M − c)²; risks
are divided by 2 ||B||_F². Initialisation: w_ik ~ N(0, initial_scale²/d), c ~ N(0, initial_scale²). B is symmetric,
(d, d), or a diagonal, (d,).

A run that diverges leaves NaN or infinity in its row. With Gaussian inputs one-pass SGD does so with a probability that
falls steeply with the step size (d = 10, N = 4, Tr B = 5.5, time 5: a fifth of the runs at 2e-3, none of 500 at 1e-3).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.sgd import steps_of, trajectory
from lazy_assay.sims.numerics import forms

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.quadratic_network"


def gradient_descent_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Normalised population risk after `steps` of gradient descent on L itself; shape (trials,).

    (W, c) ← (W, c) − step_size ∇L(W, c): the limit of many samples a step, and of ε → 0 at steps·step_size fixed.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(forms.symmetric("B", B, d))
    starts = (_initial(stream, size, N, d, initial_scale) for size in chunk_sizes(trials, N * d, stream.device))
    return torch.cat([_risk_kernel(*_descent_kernel(W, c, form, steps, step_size), form) for W, c in starts])


def stationary_points(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Where gradient descent on L ends: rows (W, c), W of the paper's shape (d, N) in row-major order, then c.

    Shape (trials, d N + 1). Nearly stationary only if `steps` suffice; the caller measures that (Proposition 1).
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(forms.symmetric("B", B, d))
    starts = (_initial(stream, size, N, d, initial_scale) for size in chunk_sizes(trials, N * d, stream.device))
    ends = [_descent_kernel(W, c, form, steps, step_size) for W, c in starts]
    return torch.cat([torch.cat([W.mT.flatten(1), c[:, None]], dim=1) for W, c in ends])


def one_pass_sgd_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Normalised population risk R_NN,N(f*; steps, step_size)/||f*||² after one-pass SGD; shape (trials,).

    The paper's update, one fresh x_k a step: (W, c) ← (W, c) − step_size ∇_{W,c} (f*(x_k) − f(x_k; W, c))².
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(forms.symmetric("B", B, d))
    starts = (_initial(stream, size, N, d, initial_scale) for size in chunk_sizes(trials, N * d, stream.device))
    return torch.cat([_risk_kernel(*_sgd(stream, W, c, form, steps, step_size), form) for W, c in starts])


def one_pass_sgd_extrapolated_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """One-pass SGD extrapolated to step size zero at fixed time: 2 R(2 steps, ε/2) − R(steps, ε); shape (trials,).

    Both runs start from the same (W_0, c_0) and see independent samples. The mean's bias is then O(ε²); a row may be
    negative.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(forms.symmetric("B", B, d))
    starts = (_initial(stream, size, N, d, initial_scale) for size in chunk_sizes(trials, N * d, stream.device))
    risks = []
    for W, c in starts:
        coarse = _risk_kernel(*_sgd(stream, W, c, form, steps, step_size), form)
        fine = _risk_kernel(*_sgd(stream, W, c, form, 2 * steps, step_size / 2), form)
        risks.append(2 * fine - coarse)
    return torch.cat(risks)


def minibatch_sgd_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    batch: int,
    steps: int,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Exact normalised population risk after `steps` of SGD, `batch` fresh samples a step; shape (trials,).

    Descends the mean of (f* − f)² over the batch; section 4 of the paper has batches of 100.
    """
    return minibatch_sgd_trajectory(
        d=d, N=N, B=B, batch=batch, checkpoints=[steps], step_size=step_size, initial_scale=initial_scale,
        trials=trials, entropy=entropy, device=device, dtype=dtype,
    )[:, 0]  # fmt: skip


def minibatch_sgd_trajectory(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    batch: int,
    checkpoints: ArrayLike,
    step_size: float,
    initial_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`minibatch_sgd_risk` of one run after each number of steps in `checkpoints`: (trials, len(checkpoints))."""
    stream, counts = Stream(entropy, device, dtype), steps_of(checkpoints)
    form = stream.constant(forms.symmetric("B", B, d))

    def step(W: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        return _batch_kernel(stream.normal(len(W), batch, d), W, c, form, step_size)

    def risk(W: Tensor, c: Tensor) -> Tensor:
        return _risk_kernel(W, c, form)

    chunks = chunk_sizes(trials, max(batch, N) * max(N, d), stream.device)
    starts = (_initial(stream, size, N, d, initial_scale) for size in chunks)
    return torch.cat([trajectory(start, step, risk, counts) for start in starts])


def _initial(stream: Stream, trials: int, N: int, d: int, scale: float) -> tuple[Tensor, Tensor]:
    """W_0 as rows, (trials, N, d), and c_0, (trials,)."""
    return stream.normal(trials, N, d) * (scale / math.sqrt(d)), stream.normal(trials) * scale


def _risk_kernel(W: Tensor, c: Tensor, B: Tensor) -> Tensor:
    """L(W, c)/(2 ||B||_F²) for W (trials, N, d) and c (trials,)."""
    M = forms.matrix(B) - W.mT @ W
    t = M.diagonal(dim1=-2, dim2=-1).sum(-1) - c
    return (2 * M.square().sum((-2, -1)) + t * t) / (2 * forms.squared_norm(B))


def _descent_kernel(W: Tensor, c: Tensor, B: Tensor, steps: int, step_size: float) -> tuple[Tensor, Tensor]:
    """Gradient descent with ∇_W L = −8 M W − 4 t W and ∇_c L = −2 t, t = Tr M − c."""
    trace = forms.trace(B)
    for _ in range(steps):
        t = trace - W.square().sum((-2, -1)) - c
        grown = W * (1 + 4 * step_size * t)[:, None, None] + 8 * step_size * forms.apply(B, W)
        W = _shrunk(grown, W, 8 * step_size)
        c = c + 2 * step_size * t
    return W, c


def _shrunk(grown: Tensor, W: Tensor, rate: float) -> Tensor:
    """grown − rate·W Wᵀ W, for rows W (trials, N, d), by the cheaper of the two associations."""
    if W.shape[-2] <= W.shape[-1]:
        return torch.baddbmm(grown, W @ W.mT, W, alpha=-rate)
    return torch.baddbmm(grown, W, W.mT @ W, alpha=-rate)


def _sgd(stream: Stream, W: Tensor, c: Tensor, B: Tensor, steps: int, step_size: float) -> tuple[Tensor, Tensor]:
    """One pass, its samples drawn some steps at a time to bound memory."""
    trials, _, d = W.shape
    # Trials last: a step is a few tiny products, five times faster along contiguous trials than by bmm.
    V, c = W.permute(1, 2, 0).contiguous(), c.clone()
    for block in chunk_sizes(steps, trials * d, stream.device):
        V, c = _sgd_kernel(stream.normal(block, d, trials), V, c, B, step_size)
    return V.permute(2, 0, 1), c


def _sgd_kernel(x: Tensor, V: Tensor, c: Tensor, B: Tensor, step_size: float) -> tuple[Tensor, Tensor]:
    """A step in place for each x[k] (d, trials), V (N, d, trials): ∇_W e² = −4 e x xᵀW, ∇_c e² = −2 e, e = f* − f."""
    targets = forms.quadratic(B, x.mT)
    for sample, target in zip(x.unbind(0), targets.unbind(0), strict=True):
        u = (V * sample).sum(1)
        e = target - u.square().sum(0) - c
        V.addcmul_((u * e)[:, None, :], sample, value=4 * step_size)
        c.add_(e, alpha=2 * step_size)
    return V, c


def _batch_kernel(x: Tensor, W: Tensor, c: Tensor, B: Tensor, step_size: float) -> tuple[Tensor, Tensor]:
    """A step for inputs x (trials, batch, d), W (trials, N, d): the mean of `_sgd_kernel`'s gradients over a batch."""
    u = x @ W.mT
    e = forms.quadratic(B, x) - u.square().sum(-1) - c[:, None]
    pull = (u * e[..., None]).mT @ x
    return W + (4 * step_size / x.shape[1]) * pull, c + 2 * step_size * e.mean(-1)
