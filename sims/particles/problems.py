"""Data and neurons for the experiments on measures: unit inputs, labels as the loss wants them, normal weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor

# By name, the losses of `objective` for one output, and for several.
LOSSES = {
    "squared": ("half_squared", "half_squared"),
    "cross_entropy": ("logistic", "softmax"),
    "bounded": ("bounded", "bounded"),
}
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
    """φ on n random unit inputs in d dimensions for each trial, with labels of k outputs; loss: one of `LOSSES`."""
    if loss not in LOSSES:
        raise ValueError(f"no loss is called {loss!r} here; there are {', '.join(LOSSES)}")
    x = torch.nn.functional.normalize(stream.normal(trials, n, d), dim=-1)
    kind = LOSSES[loss][int(k > 1)]
    return Objective(x, labels(stream, trials, n, k, kind), activation, kind, alpha, regulariser or Regulariser())


def labels(stream: Stream, trials: int, n: int, k: int, kind: str) -> Tensor:
    """Normal targets (trials, n, k); random signs (trials, n) for `logistic`; class probabilities for `softmax`."""
    drawn = stream.normal(trials, n, k)
    if kind == "logistic":
        return torch.where(drawn[..., 0] < 0, -torch.ones_like(drawn[..., 0]), torch.ones_like(drawn[..., 0]))
    return torch.softmax(SPREAD * drawn, dim=-1) if kind == "softmax" else drawn


def neurons(stream: Stream, trials: int, m: int, d: int, k: int) -> Measure:
    """m particles of equal mass with standard normal u and θ."""
    return Measure.uniform(stream.normal(trials, m, d), stream.normal(trials, m, k))
