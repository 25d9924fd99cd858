"""Softplus against ReLU (Kawaguchi and Sun 2021, Figure 1): their distance at a point, and the largest on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.softplus"

# Powers of two from 2^−40 to 2^6 on either side of zero.
_EXPONENTS = range(-40, 7)


def distance_at(
    *, zeta: float, x: float, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """log(1 + exp(ζx))/ζ − max(0, x), the same number in each of the (trials,) rows."""
    # Two entries: the tests' stand-in device cannot hold an array of one.
    place = Stream(entropy, device, dtype).constant([x, 0.0])
    return _distance(place, zeta)[0].repeat(trials)


def largest_distance_at(
    *, zeta: float, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """The largest `distance_at` over x = 0 and ±2^k, k = −40 … 6; shape (trials,)."""
    places = Stream(entropy, device, dtype).constant([0.0, *(s * 2.0**k for k in _EXPONENTS for s in (1, -1))])
    return _distance(places, zeta).max().repeat(trials)


def _distance(x: Tensor, zeta: float) -> Tensor:
    return torch.logaddexp(zeta * x, torch.zeros_like(x)) / zeta - torch.relu(x)
