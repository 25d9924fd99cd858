"""How alike neighbouring pixels of hidden weights are, before training and after, and beyond their second moments.

Fang, Dong, Zhang 2021, section VI, Figure 8.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.learned import Sets, Training, drawn

if TYPE_CHECKING:
    from torch import Tensor


def smoothness(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    n: int,
    m: int,
    directions: int,
    activation: str,
    theta_scale: float,
    lambda_u: float,
    lambda_theta: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Readings of hidden weights θ_j as square images; shape (trials, 7).

    Columns, autocorrelation at lag 1 (mean product of neighbouring pixels over the mean square): of trained weights; at
    the start; of normal weights with the trained ones' second moments; of weights trained on the same points with the
    targets dealt out anew. Then the excess kurtosis, mean over the `directions` leading principal directions: of
    trained weights; of the normal ones; at the start, in directions of its own. Raises ValueError where d is no square.
    """
    stream = Stream(entropy, device, dtype)
    training = Training(activation, theta_scale, lambda_u, lambda_theta, step_size, steps)
    sets = drawn(stream, inputs, targets, n, trials)
    start = training.start(stream, trials, m, sets)
    order = stream.uniform(trials, n).argsort(dim=-1)
    dealt = Sets(sets.x, sets.y.gather(1, order[..., None].expand_as(sets.y)))
    theta, other = (training.trained(start, told).theta for told in (sets, dealt))
    normal = stream.normal(trials, m, m) @ theta / math.sqrt(m)
    likeness = [autocorrelation(value) for value in (theta, start.theta, normal, other)]
    kurtoses = [_kurtosis(value, directions) for value in (theta, normal, start.theta)]
    return torch.stack([*likeness, *kurtoses], dim=-1)


def autocorrelation(theta: Tensor) -> Tensor:
    """Mean product of pixels that are neighbours in a row or a column over the mean square, all neurons together."""
    side = math.isqrt(theta.shape[-1])
    if side * side != theta.shape[-1]:
        raise ValueError(f"{theta.shape[-1]} pixels are no square image")
    image = theta.reshape(*theta.shape[:-1], side, side)
    across = (image[..., 1:] * image[..., :-1]).mean((-3, -2, -1))
    down = (image[..., 1:, :] * image[..., :-1, :]).mean((-3, -2, -1))
    told: Tensor = (across + down) / 2 / image.square().mean((-3, -2, -1))
    return told


def _kurtosis(theta: Tensor, directions: int) -> Tensor:
    """Mean excess kurtosis of projections on the leading eigenvectors of the second moments."""
    vectors = torch.linalg.eigh(theta.mT @ theta)[1][..., -directions:]
    scores = theta @ vectors
    told: Tensor = (scores.pow(4).mean(-2) / scores.square().mean(-2).square() - 3).mean(-1)
    return told
