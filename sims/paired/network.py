"""Memorising and learning with Daniely's paired network: Algorithm 1 on m points of the sphere, or on fresh samples.

Source: Daniely, *Neural Networks Learning and Memorization with (almost) no Over-Parameterization* (2020), Algorithm 1
and section 3. `rate` is η' = 2qB²η; T is `steps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import every_trial
from lazy_assay.sims.numerics.activations import slope
from lazy_assay.sims.paired import algorithm

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.paired_network"

# Iterates whose mean loss stands for that of an iterate of uniformly random time.
ITERATES = 16


def memorisation(
    *,
    d: int,
    m: int,
    q: int,
    B: float,
    activation: str,
    batch: int,
    rate: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """m uniform points with random labels ±1, hinge loss; shape (trials, 3).

    Columns: the least margin y h(x) of the final iterate, the share of points that it memorises (y h(x) > 0), and the
    share that an iterate of uniformly random time memorises.
    """
    stream = Stream(entropy, device, dtype)
    x, y = algorithm.sphere(stream, trials, m, d), algorithm.signs(stream, trials, m)
    network = algorithm.initial(stream, trials, d, q, B, activation)
    moments = np.random.default_rng(entropy).integers(steps, size=trials)
    margins, kept = _train(stream, network, x, y, batch, rate, steps, moments)
    shares = [(found > 0).to(y.dtype).mean(-1) for found in (margins, kept)]
    return torch.stack([margins.amin(-1), *shares], dim=-1)


def minimal_widths(
    *,
    d: int,
    points: ArrayLike,
    B: float,
    activation: str,
    batch: int,
    rate: float,
    epochs: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """For each number of points m: the least q at which the final iterate memorises all; shape (trials, len(points)).

    T = epochs · m. Every trial has its own points, labels, and a sequence of neurons, of which a network of q pairs
    takes the first q; q is found by bisection between 1 and m/d + 6 (infinite, where the widest fails too).
    """
    stream = Stream(entropy, device, dtype)
    columns = [
        _minimal(stream, d, int(m), B, activation, batch, rate, epochs * int(m), trials) for m in np.asarray(points)
    ]
    return torch.stack(columns, dim=-1)


def _minimal(
    stream: Stream, d: int, m: int, B: float, activation: str, batch: int, rate: float, steps: int, trials: int
) -> Tensor:
    widest = m // d + 6
    x, y = algorithm.sphere(stream, trials, m, d), algorithm.signs(stream, trials, m)
    whole = algorithm.initial(stream, trials, d, widest, B, activation)

    def fails(q: Tensor) -> Tensor:
        margins, _ = _train(stream, algorithm.narrowed(whole, q), x, y, batch, rate, steps, np.array([], dtype=int))
        return (margins <= 0).any(-1)

    low, high = torch.zeros_like(y[:, 0]), torch.full_like(y[:, 0], float(widest))
    hopeless = fails(high)
    # After so many halvings the two are neighbours, whatever the answers.
    for _ in range(int(np.ceil(np.log2(widest)))):
        middle = ((low + high) / 2).floor().clamp(min=1)
        # A trial that is settled stays so: another run of mini-batches is no second chance.
        open_, failed = high - low > 1, fails(middle)
        low, high = torch.where(open_ & failed, middle, low), torch.where(open_ & ~failed, middle, high)
    return torch.where(hopeless, torch.full_like(high, float("inf")), high)


def _train(
    stream: Stream,
    network: algorithm.Network,
    x: Tensor,
    y: Tensor,
    batch: int,
    rate: float,
    steps: int,
    moments: np.ndarray,
) -> tuple[Tensor, Tensor]:
    """Margins y h(x) of the final iterate, and of the iterate W^t at each trial's own moment t; both (trials, m)."""
    trials, m = y.shape
    following = algorithm.batches(stream, trials, m, batch)
    slope = algorithm.loss("hinge")[1]
    waiting = sorted(range(len(moments)), key=lambda trial: int(moments[trial]))
    kept = torch.zeros_like(y)
    for t in range(steps):
        while waiting and moments[waiting[0]] == t:
            trial = waiting.pop(0)
            kept[trial] = (y * network(x))[trial]
        # With every margin at one or more the hinge loss has no gradient left: the network stays as it is.
        if t % m == 0 and every_trial((y * network(x) >= 1).all(-1)):
            break
        chosen = following()
        network.step(algorithm.picked(x, chosen), y.gather(1, chosen), slope, rate)
    margins = y * network(x)
    for trial in waiting:
        kept[trial] = margins[trial]
    return margins, kept


def online_losses(
    *,
    d: int,
    m: int,
    q: int,
    B: float,
    activation: str,
    batch: int,
    rate: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean online hinge loss over the run, on m random points with random labels; shape (trials, 4).

    Columns: of the network; of the linear recursion h ← h − η' K_W g/b in its tangent space, on the same mini-batches;
    M²/(2η'T), with M² = yᵀK_W⁻¹y (infinite for a singular K_W: dead ReLU neurons); and (η'/2) times the mean of the
    recursion's squared gradients. K_W is the tangent kernel at initialisation. Online: the loss on a mini-batch before
    its step.
    """
    stream = Stream(entropy, device, dtype)
    x, y = algorithm.sphere(stream, trials, m, d), algorithm.signs(stream, trials, m)
    network = algorithm.initial(stream, trials, d, q, B, activation)
    K = algorithm.kernel(network, x)
    norm = _squared_norm(K, y)
    value, slope = algorithm.loss("hinge")
    following = algorithm.batches(stream, trials, m, batch)
    h, totals = torch.zeros_like(y), torch.zeros_like(y[:, :3])
    for _ in range(steps):
        chosen = following()
        here = y.gather(1, chosen)
        predicted, linear = network.step(algorithm.picked(x, chosen), here, slope, rate), h.gather(1, chosen)
        g = torch.zeros_like(y).scatter_add_(1, chosen, slope(linear, here) / batch)
        moved = (K @ g[..., None])[..., 0]
        online = [value(predicted, here).mean(-1), value(linear, here).mean(-1), (g * moved).sum(-1)]
        totals = totals + torch.stack(online, dim=-1)
        h = h - rate * moved
    means = totals / steps
    return torch.stack([means[:, 0], means[:, 1], norm / (2 * rate * steps), rate / 2 * means[:, 2]], dim=-1)


def population_errors(
    *,
    d: int,
    widths: ArrayLike,
    steps: ArrayLike,
    rates: ArrayLike,
    B: float,
    activation: str,
    batch: int,
    linear: float,
    quadratic: float,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean |h(x) − f(x)| on held-out points, for networks of several sizes; shape (trials, len(widths)).

    Algorithm 1 with the absolute loss on fresh uniform points of the sphere, labels f(x) = linear·√d x₁ +
    quadratic·d x₂x₃ (no noise, so the best loss is 0); size k trains q = widths[k] pairs for steps[k] steps at
    rates[k]. Algorithm 1 returns an iterate of uniformly random time; the expectation over that time is taken as the
    mean over 16 evenly spaced iterates.
    """
    stream = Stream(entropy, device, dtype)
    sizes = [np.asarray(column).tolist() for column in (widths, steps, rates)]
    columns = []
    for q, T, rate in zip(*sizes, strict=True):
        network = algorithm.initial(stream, trials, d, int(q), B, activation)
        columns.append(_held_out(stream, network, int(T), rate, batch, (linear, quadratic), samples))
    return torch.stack(columns, dim=-1)


def _held_out(
    stream: Stream,
    network: algorithm.Network,
    steps: int,
    rate: float,
    batch: int,
    coefficients: tuple[float, float],
    samples: int,
) -> Tensor:
    trials, d = network.W.shape[0], network.W.shape[-1]
    value, slope = algorithm.loss("absolute")
    moments = {int((2 * k + 1) * steps / (2 * ITERATES)) for k in range(ITERATES)}
    total = torch.zeros_like(network.u[:, 0])
    for t in range(max(moments) + 1):
        if t in moments:
            x = algorithm.sphere(stream, trials, samples, d)
            total = total + value(network(x), _polynomial(x, *coefficients)).mean(-1)
        x = algorithm.sphere(stream, trials, batch, d)
        network.step(x, _polynomial(x, *coefficients), slope, rate)
    return total / len(moments)


def _polynomial(x: Tensor, linear: float, quadratic: float) -> Tensor:
    """linear·√d x₁ + quadratic·d x₂x₃: each term of order one on the sphere."""
    d = x.shape[-1]
    f: Tensor = linear * d**0.5 * x[..., 0] + quadratic * d * x[..., 1] * x[..., 2]
    return f


def interpolant_norms(
    *,
    dimensions: ArrayLike,
    points: ArrayLike,
    q: int,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """√(yᵀK⁻¹y) for points[k] random points in dimensions[k] with random labels; shape (trials, len(points)).

    K is the hidden part of the tangent kernel of q neurons, meant to be many more than points over dimensions; infinite
    where it is singular.
    """
    stream, columns = Stream(entropy, device, dtype), []
    for d, m in zip(np.asarray(dimensions).tolist(), np.asarray(points).tolist(), strict=True):
        found = [
            _interpolant_norm(stream, size, int(d), int(m), q, activation)
            for size in chunk_sizes(trials, q * int(m), stream.device)
        ]
        columns.append(torch.cat(found))
    return torch.stack(columns, dim=-1)


def _interpolant_norm(stream: Stream, trials: int, d: int, m: int, q: int, activation: str) -> Tensor:
    x, y = algorithm.sphere(stream, trials, m, d), algorithm.signs(stream, trials, m)
    # An infinite B leaves the hidden part alone.
    K = algorithm.kernel(algorithm.initial(stream, trials, d, q, float("inf"), activation), x)
    return _squared_norm(K, y).sqrt()


def _squared_norm(K: Tensor, y: Tensor) -> Tensor:
    """yᵀK⁻¹y; infinite for a singular K, whose features interpolate almost no labels; shape (trials,)."""
    factor, failed = torch.linalg.cholesky_ex(K)
    norm = (y * torch.cholesky_solve(y[..., None], factor)[..., 0]).sum(-1)
    return torch.where(failed == 0, norm, torch.full_like(norm, float("inf")))


def lazy_features(
    *,
    d: int,
    m: int,
    q: int,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Tangent features y_i σ'(<w_j, x_i>) x_i of m random points, times their random labels; shape (trials, m, qd).

    The points are separable by a linear function of these features where some v has a positive product with every row.
    """
    stream = Stream(entropy, device, dtype)
    x, y = algorithm.sphere(stream, trials, m, d), algorithm.signs(stream, trials, m)
    t = slope(activation)(x @ stream.normal(trials, q, d).mT)
    return (y[..., None, None] * t[..., :, None] * x[..., None, :]).flatten(2)
