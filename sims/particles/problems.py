"""Data and neurons for the experiments on measures: unit inputs, labels as the loss wants them, normal weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor

# Logits of drawn class probabilities: no class is certain, so that the cross-entropy is attained.
SPREAD = 2.0


def objective(
    stream: Stream,
    trials: int,
    n: int,
    d: int,
    k: int,
    *,
    activation: str,
    loss: str,
    alpha: float = 1.0,
    regulariser: Regulariser | None = None,
) -> Objective:
    """φ on n random unit inputs in d dimensions for each trial, with labels of k outputs."""
    x = torch.nn.functional.normalize(stream.normal(trials, n, d), dim=-1)
    y = labels(stream, trials, n, k, loss)
    return Objective(x, y, activation, loss, alpha, regulariser or Regulariser())


def labels(stream: Stream, trials: int, n: int, k: int, loss: str) -> Tensor:
    """Normal targets (trials, n, k); random signs (trials, n) for `logistic`; class probabilities for `softmax`.

    Raises ValueError where the loss has another number of outputs.
    """
    if (loss == "logistic") != (k == 1) and loss != "half_squared":
        raise ValueError(f"{loss} takes {'one output' if loss == 'logistic' else 'several outputs'}, not k = {k}")
    drawn = stream.normal(trials, n, k)
    if loss == "logistic":
        return torch.where(drawn[..., 0] < 0, -torch.ones_like(drawn[..., 0]), torch.ones_like(drawn[..., 0]))
    return torch.softmax(SPREAD * drawn, dim=-1) if loss == "softmax" else drawn


def neurons(stream: Stream, trials: int, m: int, d: int, k: int) -> Measure:
    """m particles of equal mass with standard normal u and θ."""
    return Measure.uniform(stream.normal(trials, m, d), stream.normal(trials, m, k))
