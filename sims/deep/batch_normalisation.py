"""Batch normalisation along a line z + s·d (Kawaguchi and Sun 2021, Proposition 1): Taylor coefficients, and jumps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.batch_normalisation"

# Points on the circle that Cauchy's integral is taken over: aliasing falls like (circle/radius)^64.
_POINTS = 64


def taylor_radius_at(
    *,
    batch: ArrayLike,
    direction: ArrayLike,
    eps: float,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The radius of convergence of s ↦ BN(z + s d) at 0, from measured Taylor coefficients; shape (trials,).

    BN is evaluated at complex s on a circle of half the radius √(Var z/Var d), and its coefficients are read off by a
    Fourier transform. Entries of BN are (p + s q)/√(quadratic in s); a combination of them frees the inverse root,
    whose coefficients obey (k + 1) a_{k+1} = (2k + 1) X a_k − k Y a_{k−1} for some X, Y (as those of every inverse root
    of a quadratic); two equations give Y, and the radius is Y^(−1/2). NaN for a batch that is constant.
    """
    stream = Stream(entropy, device, dtype)
    z, d = stream.constant(batch), stream.constant(direction)
    circle = 0.5 * (_variance(z) / _variance(d)).sqrt()
    angles = stream.constant([2 * math.pi * k / _POINTS for k in range(_POINTS)])
    s = circle * torch.complex(angles.cos(), angles.sin())
    values = _normalised(z + s[:, None] * d, eps)
    a = _coefficients(values @ _freeing(z, d).to(values.dtype), circle)
    determinant = 5 * a[0] * a[2] - 6 * a[1] ** 2
    Y = (9 * a[1] * a[3] - 10 * a[2] ** 2) / determinant
    radius: Tensor = Y.rsqrt().repeat(trials)
    return radius


def jump_at(
    *,
    direction: ArrayLike,
    step: float,
    eps: float,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """‖BN(s d) − BN(−s d)‖ at s = step: across a constant batch; shape (trials,)."""
    d = Stream(entropy, device, dtype).constant(direction)
    jump: Tensor = (_normalised(step * d, eps) - _normalised(-step * d, eps)).norm()
    return jump.repeat(trials)


def _normalised(z: Tensor, eps: float) -> Tensor:
    """(z − mean)/√(variance + eps) over the last axis; the variance as a polynomial, so that z may be complex."""
    centred = z - z.mean(-1, keepdim=True)
    normalised: Tensor = centred / (centred.square().mean(-1, keepdim=True) + eps).sqrt()
    return normalised


def _variance(z: Tensor) -> Tensor:
    variance: Tensor = (z - z.mean()).square().mean()
    return variance


def _freeing(z: Tensor, d: Tensor) -> Tensor:
    """u with <u, z − mean> = 1 and <u, d − mean> = 0."""
    p, q = z - z.mean(), d - d.mean()
    along: Tensor = p - q * (p @ q) / (q @ q)
    return along / (along @ p)


def _coefficients(values: Tensor, circle: Tensor) -> Tensor:
    """The first Taylor coefficients of an analytic function, from its values on a circle."""
    k = torch.arange(4, device=values.device, dtype=circle.dtype)
    found: Tensor = torch.fft.fft(values)[:4].real / values.shape[0] / circle**k
    return found
