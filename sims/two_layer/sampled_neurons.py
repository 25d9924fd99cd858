"""Networks whose neurons are drawn independently from one law, and trained ones, against the mean over networks.

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx); Fang, Dong, Zhang 2021, Eqs. (1) and (24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.losses import half_squared
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.numerics.activations import value

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.sampled_neurons"


def independent_distance(
    *,
    m: int,
    d: int,
    alpha: float,
    copies: int,
    centre: float,
    repeats: int,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean of (f(x) − centre)² over `repeats` networks at a unit input; shape (trials,).

    Neurons u ~ N(1, 1), θ ~ N(0, I_d), each taken `copies` times.
    """
    stream, different = Stream(entropy, device, dtype), -(-m // copies)
    found = []
    for size in chunk_sizes(trials, repeats * different * d, stream.device):
        u, theta = 1 + stream.normal(size, repeats, different), stream.normal(size, repeats, different, d)
        neurons = (u * value(activation)(theta[..., 0])).repeat_interleave(copies, dim=-1)[..., :m]
        found.append((alpha * neurons.mean(-1) - centre).square().mean(-1))
    return torch.cat(found)


def resampled_distance(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    centres: ArrayLike,
    activation: str,
    N: int,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Σ over inputs of |f_N(x) − f(x)|², mean over `repeats` networks f_N; shape (trials,).

    f is the network of all neurons (θ, u), f_N that of N of them, drawn with replacement.
    """
    stream = Stream(entropy, device, dtype)
    hidden = value(activation)(stream.constant(centres) @ stream.constant(theta).mT)
    terms = alpha * hidden * stream.constant(u)
    source = stream.generator.device
    drawn = torch.rand((trials, repeats, N), generator=stream.generator, device=source, dtype=torch.float64)
    which = (drawn * terms.shape[-1]).long().to(stream.device)
    apart: Tensor = (terms[:, which].mean(-1) - terms.mean(-1)[:, None, None]).square().sum(0).mean(-1)
    return apart


def trained_distances(
    *,
    m: int,
    n: int,
    d: int,
    alpha: float,
    blocks: int,
    step_size: float,
    steps: int,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean squared distances from the mean of the ensemble, natural logarithms; shape (trials, 2, 3).

    One trial is a data set (n points of the unit sphere, normal targets) and `blocks`·m networks trained on it by
    gradient descent on ½ the mean squared error from independent starts. First axis: at the training points, at n fresh
    points. Second: of a trained network; of a network put together of one neuron each of m trained networks, that is of
    independent neurons with the same law; of a single neuron, over m. All three are unbiased variances over networks.
    """
    stream = Stream(entropy, device, dtype)
    network = FullyConnected((d, m, 1), activation, MEAN_FIELD, alpha)
    return torch.stack([_distances(stream, network, blocks, n, step_size, steps) for _ in range(trials)])


def _distances(stream: Stream, network: FullyConnected, blocks: int, n: int, step_size: float, steps: int) -> Tensor:
    d, m, _ = network.widths
    x = torch.nn.functional.normalize(stream.normal(2, n, d), dim=-1)
    y = stream.normal(n, 1)
    parameters, _ = descend(
        lambda w, k: half_squared(network(w, x[0]), y),
        network.draw(stream, blocks * m),
        GradientDescent(step_size),
        steps,
    )
    terms = _terms(network, parameters, x.reshape(2 * n, d))
    own, apart = terms.mean(1), _put_together(terms, blocks)
    found = [own.var(0), apart.var(1).mean(0), terms.var(0).mean(0) / m]
    return torch.stack([variances.reshape(2, n).mean(-1).log() for variances in found], dim=-1)


def _terms(network: FullyConnected, parameters: Parameters, x: Tensor) -> Tensor:
    """α u_j σ(θ_jᵀx), shape (networks, m, points)."""
    theta, u = parameters
    hidden = value(network.activation)(x @ theta)
    return (network.alpha * hidden * u.mT).mT


def _put_together(terms: Tensor, blocks: int) -> Tensor:
    """Networks of neuron (i + s) mod m of the i-th network of a block, for every shift s: (m, blocks, points)."""
    m = terms.shape[1]
    block = terms.reshape(blocks, m, m, -1)
    rows = torch.arange(m, device=terms.device)
    return torch.stack([block[:, rows, (rows + s) % m].mean(1) for s in range(m)])
