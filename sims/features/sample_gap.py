"""Samples x uniform on {±1}^d of y = x_1 x_2: what sections of a kernel explain, regression, sparse coefficients.

Norms in L² of x are means over all 2^d points, which are enumerated. Fang, Dong, Zhang 2021, section VI, on [52].
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.sample_gap"


def explained_share(
    *, n: int, d: int, kernel: str, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Mean over pairs i < j of the squared projection of x_i x_j to the span of n sections k(·, x_a); (trials,)."""
    stream = Stream(entropy, device, dtype)
    cube, found = _cube(stream, d), []
    pairs = _products(cube).mT / math.sqrt(len(cube))
    for size in chunk_sizes(trials, n << d, stream.device):
        sections = _kernel(kernel, _signs(stream, size, n, d), cube)
        _, s, basis = torch.linalg.svd(sections, full_matrices=False)
        spanned = s > s[:, :1] * len(cube) * torch.finfo(s.dtype).eps
        squared = (basis @ pairs.mT).square() * spanned[..., None]
        found.append(squared.sum((1, 2)) / len(pairs))
    return torch.cat(found)


def regression_error(
    *,
    n: int,
    d: int,
    kernel: str,
    lambda_: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean square over {±1}^d of the kernel regression of x_1 x_2 from n samples minus x_1 x_2; shape (trials,).

    Coefficients (K + lambda_)⁻¹y, by the pseudoinverse where points coincide: the least norm through the data.
    """
    stream = Stream(entropy, device, dtype)
    cube, found = _cube(stream, d), []
    for size in chunk_sizes(trials, n << d, stream.device):
        x = _signs(stream, size, n, d)
        K = _kernel(kernel, x, x)
        regular = K + lambda_ * torch.eye(n, device=K.device, dtype=K.dtype)
        y = (x[..., 0] * x[..., 1])[..., None]
        coefficients = torch.linalg.pinv(regular, hermitian=True) @ y
        f = (coefficients.mT @ _kernel(kernel, x, cube))[:, 0]
        found.append((f - cube[:, 0] * cube[:, 1]).square().mean(-1))
    return torch.cat(found)


def sparse_errors(
    *, n: int, d: int, steps: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Squared errors of the coefficients of least ℓ2 and of least ℓ1 norm through n samples; (trials, 2).

    Coefficients of the d(d+1)/2 functions x_i and x_i x_j, which are orthonormal: the error is ‖f − x_1 x_2‖².
    """
    stream = Stream(entropy, device, dtype)
    x = _signs(stream, trials, n, d)
    features = torch.cat([_products(x), x], dim=-1)
    target = torch.zeros_like(features[:, 0])
    target[:, 0] = 1.0
    y = features[..., 0]
    least = (torch.linalg.pinv(features) @ y[..., None])[..., 0], least_l1(features, y, steps)
    return torch.stack([(c - target).square().sum(-1) for c in least], dim=-1)


def least_l1(features: Tensor, y: Tensor, steps: int) -> Tensor:
    """Coefficients of least ℓ1 norm with features @ c = y, (…, p), by the method of multipliers, thresholds 1/10."""
    inverse = torch.linalg.pinv(features)
    through: Tensor = (inverse @ y[..., None])[..., 0]
    c = through
    u = torch.zeros_like(c)
    for _ in range(steps):
        v = c - u
        through = v - (inverse @ (features @ v[..., None] - y[..., None]))[..., 0]
        c = torch.nn.functional.softshrink(through + u, 0.1)
        u = u + through - c
    return through


def _signs(stream: Stream, *shape: int) -> Tensor:
    return 1 - 2 * (stream.uniform(*shape) < 0).to(stream.dtype)


def _cube(stream: Stream, d: int) -> Tensor:
    """All points of {±1}^d, (2^d, d)."""
    bits = torch.arange(2**d, device=stream.device)[:, None] >> torch.arange(d, device=stream.device)
    return 1 - 2 * (bits & 1).to(stream.dtype)


def _products(x: Tensor) -> Tensor:
    """x_i x_j for i < j along the last axis; x_1 x_2 is the first."""
    i, j = torch.triu_indices(x.shape[-1], x.shape[-1], 1, device=x.device)
    return x[..., i] * x[..., j]


def _kernel(name: str, x: Tensor, z: Tensor) -> Tensor:
    """k(x, z), (…, points x, points z)."""
    d, inner = x.shape[-1], x @ z.mT
    t = (inner / d).clamp(-1, 1)
    if name == "tangent":
        angle = math.pi - torch.arccos(t)
        return (2 * t * angle + (1 - t.square()).sqrt()) / (2 * math.pi)
    if name == "exponential":
        return t.exp()
    quadratic: Tensor = (inner.square() - d) / 2
    if name == "aligned":
        first = (x[..., 0] * x[..., 1])[..., None] * (z[..., 0] * z[..., 1])[..., None, :]
        return quadratic + d**2 * first
    return quadratic
