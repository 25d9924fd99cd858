"""Two-layer networks with any activation: linearised (NT) against fully trained (NN); Ghorbani et al. 2019, section 4.

NN is f(x) = Σ_i a_i sigma(<w_i, x> + b_i) + c with all of a, W, b, c trained; NT is c + Σ_i (<α_i, x> + β_i)
sigma'(<w_i, x> + b_i) at the same initial W and b, with α, β, c trained from zero (Eq. 3). Initialisation:
w_i ~ N(0, I/d), a_i ~ N(0, 1/N), b_i ~ N(0, bias_scale²), c = 0. With bias_scale = 0 there are no b and β, as in the
paper's Eqs. (1) and (3); an odd sigma (tanh, erf) then makes NT and NN odd about c, and neither can fit an even target.

Both are trained by Adam (plain SGD needs many more steps for NT, whose features' variances spread widely) on the same
batches of fresh samples, its step size falling linearly to zero, and are evaluated on the same test sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import mixture
from lazy_assay.sims.dynamics.sgd import adam
from lazy_assay.sims.numerics import activations, forms

if TYPE_CHECKING:
    from torch import Tensor

    Sampler = Callable[[int, int], tuple[Tensor, Tensor]]
    Elementwise = Callable[[Tensor], Tensor]
    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.other_activations"


@dataclass(frozen=True)
class _Training:
    """How both networks are trained."""

    batch: int
    steps: int
    step_size: float
    bias_scale: float


def trained_gap(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    activation: str,
    batch: int,
    steps: int,
    step_size: float,
    bias_scale: float,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Test risks of NT and of NN on the target <x, Bx> − Tr B, over 2 ||B||_F²; shape (trials, 2).

    Inputs x ~ N(0, I_d), B symmetric, (d, d), or a diagonal, (d,). The test sample is `samples` fresh inputs.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(forms.symmetric("B", B, d))
    norm = (2 * forms.squared_norm(form)).sqrt()

    def sample(rows: int, count: int) -> tuple[Tensor, Tensor]:
        x = stream.normal(rows, count, d)
        # Of unit variance, so that a step size means the same for every B.
        return x, (forms.quadratic(form, x) - forms.trace(form)) / norm

    training = _Training(batch, steps, step_size, bias_scale)
    return _gaps(stream, sample, d, N, activation, training, samples, trials)


def mixture_trained_gap(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    activation: str,
    batch: int,
    steps: int,
    step_size: float,
    bias_scale: float,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Test risks E(y − f)² of NT and of NN on the classes x | y = ±1 ~ N(0, Sigma ∓ Delta); shape (trials, 2).

    Sigma and Delta are symmetric, (d, d), or diagonals, (d,). The test sample is `samples` fresh labelled inputs.
    """
    stream = Stream(entropy, device, dtype)
    classes = mixture(stream, d, Sigma, Delta)

    def sample(rows: int, count: int) -> tuple[Tensor, Tensor]:
        return classes.sample(stream, rows, count)

    training = _Training(batch, steps, step_size, bias_scale)
    return _gaps(stream, sample, d, N, activation, training, samples, trials)


def _gaps(
    stream: Stream, sample: Sampler, d: int, N: int, activation: str, training: _Training, samples: int, trials: int
) -> Tensor:
    sigma, slope = activations.value(activation), activations.slope(activation)
    # A constant entry of each input carries the biases.
    extra = 1 if training.bias_scale else 0

    def widened(rows: int, count: int) -> tuple[Tensor, Tensor]:
        x, y = sample(rows, count)
        return torch.nn.functional.pad(x, (0, extra), value=1.0), y

    risks = []
    for size in chunk_sizes(trials, max(training.batch, N) * max(N, d), stream.device):
        W = stream.normal(size, N, d + extra) * stream.constant([d**-0.5] * d + [training.bias_scale] * extra)
        a = stream.normal(size, N) / math.sqrt(N)
        parameters = _trained(W, a, widened, sigma, slope, training)
        total = torch.zeros_like(a[:, :2])
        for count in chunk_sizes(samples, size * (d + N), stream.device):
            errors = _errors(*widened(size, count), W, parameters, sigma, slope)
            total = total + torch.stack([e.square().sum(-1) for e in errors], dim=-1)
        risks.append(total / samples)
    return torch.cat(risks)


def _trained(
    W: Tensor, a: Tensor, sample: Sampler, sigma: Elementwise, slope: Elementwise, training: _Training
) -> Parameters:
    """Parameters of NT, (A, c), and of NN, (a, W, c), after the last step: both in one call of Adam."""
    zero = torch.zeros_like(a[:, 0])
    parameters: Parameters = (torch.zeros_like(W), zero, a, W, zero)
    memory = tuple(torch.zeros_like(p) for p in (*parameters, *parameters))
    for k in range(1, training.steps + 1):
        gradients = _gradients(*sample(len(W), training.batch), W, parameters, sigma, slope)
        rate = training.step_size * (1 - (k - 1) / training.steps)
        parameters, memory = adam(parameters, gradients, memory, k, rate)
    return parameters


def _errors(
    x: Tensor, y: Tensor, W: Tensor, parameters: Parameters, sigma: Elementwise, slope: Elementwise
) -> tuple[Tensor, Tensor]:
    """y − f(x) of NT and of NN for x (trials, batch, D), y (trials, batch), W (trials, N, D)."""
    A, c, a, V, c_full = parameters
    tangent = (slope(x @ W.mT) * (x @ A.mT)).sum(-1)
    full = (sigma(x @ V.mT) @ a[..., None])[..., 0]
    return y - tangent - c[:, None], y - full - c_full[:, None]


def _gradients(
    x: Tensor, y: Tensor, W: Tensor, parameters: Parameters, sigma: Elementwise, slope: Elementwise
) -> Parameters:
    """Of the means over the batch of the squared errors, in the order of the parameters."""
    _, _, a, V, _ = parameters
    tangent, full = (e * (-2 / y.shape[-1]) for e in _errors(x, y, W, parameters, sigma, slope))
    u = x @ V.mT
    return (
        (slope(x @ W.mT) * tangent[..., None]).mT @ x,
        tangent.sum(-1),
        (full[:, None, :] @ sigma(u))[:, 0],
        (slope(u) * full[..., None]).mT @ x * a[..., None],
        full.sum(-1),
    )
