"""Random features whose weights come from trained networks: generated, normal with their moments, or their own.

Fang, Dong, Zhang 2021, section VI, Figure 9 ("the repopulation phenomenon").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.particles.generated import AutoEncoder, normal_alike, resampled
from lazy_assay.sims.particles.learned import Sets, Training, accuracy, ridge, split

if TYPE_CHECKING:
    from torch import Tensor


def repopulated_accuracy(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    n: int,
    points: int,
    test: int,
    nets: int,
    m: int,
    features: tuple[int, int],
    training: Training,
    code: AutoEncoder,
    penalty: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Test accuracies of ridge regression on n points over features σ(θᵀx), shape (trials, 6, 2).

    First axis, the law of θ: N(0, theta_scale²); generated from neurons of `nets` networks of m neurons each, trained
    on so many other points; normal with the mean and covariance of these neurons; these neurons themselves; generated
    from networks that were trained on as many of the ridge's own points; normal with the second moments of the former
    points, trained on nothing. Second: the two numbers of features.
    """
    stream = Stream(entropy, device, dtype)
    fit, other, held = split(stream, inputs, targets, (n, points, test), trials)
    start = training.starts(stream, (trials, nets, m), fit)
    learned, same = (training.pooled(*start, shown)[0] for shown in (other, fit.first(points)))
    count = max(features)
    laws = (
        training.theta_scale * stream.normal(trials, count, fit.x.shape[-1]),
        code.generated(stream, learned, count),
        normal_alike(stream, learned, count),
        resampled(stream, learned, count),
        code.generated(stream, same, count),
        stream.normal(trials, count, points) @ other.x / points**0.5,
    )
    return torch.stack([_accuracies(theta, features, training.activation, fit, held, penalty) for theta in laws], dim=1)


def _accuracies(
    theta: Tensor, features: tuple[int, int], activation: str, fit: Sets, held: Sets, penalty: float
) -> Tensor:
    """With the first so many features, (trials, 2)."""
    value = activations.value(activation)
    found = []
    for count in features:
        weights = theta[:, :count].mT
        a = ridge(value(fit.x @ weights), fit.y, penalty)
        found.append(accuracy(value(held.x @ weights) @ a, held.y))
    return torch.stack(found, dim=-1)
