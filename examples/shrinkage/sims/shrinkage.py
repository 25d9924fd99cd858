"""One draw of a Gaussian vector, estimated by shrinkage; no network in sight."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims import Stream, torch

if TYPE_CHECKING:
    from torch import Tensor


def squared_error(
    *, d: int, signal: float, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """‖δ(X) − θ‖²/d of each trial, shape (trials,); θ has equal coordinates of square `signal`."""
    theta, X = _drawn(d, signal, trials, entropy, device, dtype)
    shrunk = (1 - (d - 2) / X.square().sum(-1, keepdim=True)) * X
    return (shrunk - theta).square().mean(-1)


def unbiased_estimate(
    *, d: int, signal: float, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Stein's unbiased estimate of the same risk, 1 − (d − 2)²/(d‖X‖²), which needs no θ; shape (trials,).

    θ lies along one axis here: the law of ‖X‖ depends on ‖θ‖ alone.
    """
    stream = Stream(entropy, device, dtype)
    X = stream.normal(trials, d)
    X[:, 0] += math.sqrt(signal * d)
    found: Tensor = 1 - (d - 2) ** 2 / (d * X.square().sum(-1))
    return found


def _drawn(d: int, signal: float, trials: int, entropy: int, device: str, dtype: str) -> tuple[Tensor, Tensor]:
    stream = Stream(entropy, device, dtype)
    theta = torch.full((d,), math.sqrt(signal), dtype=stream.dtype, device=stream.device)
    return theta, theta + stream.normal(trials, d)
