"""What random and tangent features of Gaussian inputs leave of one ReLU neuron, relu(x_1); x ~ N(0, I_d).

Least squares over the population, so that nothing is sampled but the weights: at unit weights of angle ψ and cosine c

    E[relu(wᵀx) relu(vᵀx)] = (sin ψ + (π − ψ) c)/2π,
    E[x xᵀ; wᵀx > 0, vᵀx > 0] = ((π − ψ) I + sin ψ (bbᵀ − ppᵀ))/2π, b and p the directions of w + v and w − v

(Cho and Saul's arc-cosine kernels; the second by polar coordinates in the plane of w and v). A constant feature is
always there. Features in the order of their neurons: one Cholesky factor has the error after each of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# E relu(G), and E relu(G)² of the target.
MEAN, SQUARE = 1 / math.sqrt(2 * math.pi), 0.5


def least_neurons(
    *,
    dimensions: ArrayLike,
    most: ArrayLike,
    model: str,
    target: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """How many neurons it takes to a relative error of `target`; shape (trials, dimensions).

    Of at most most[i] in dimensions[i]; infinite where these are not enough, NaN as in `relative_error`.
    """
    stream, found = Stream(entropy, device, dtype), []
    for d, m in zip(np.asarray(dimensions).tolist(), np.asarray(most).tolist(), strict=True):
        each = torch.stack([_errors(_directions(stream, m, d), model) for _ in range(trials)])
        count = (each > target).sum(-1).to(each.dtype)
        count = torch.where(each.isnan().any(-1), torch.nan, count)
        found.append(torch.where(count > m, torch.inf, count))
    return torch.stack(found, dim=-1)


def relative_error(
    *, d: int, m: int, model: str, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """The least mean square error of relu(x_1) over its mean square, by a constant and m neurons; shape (trials,).

    model: `random`, features relu(w_jᵀx); `tangent`, the d features x 1{w_jᵀx > 0} of each neuron, of which relu(w_jᵀx)
    is one combination; `linear`, features w_jᵀx. w_j normal. NaN where neurons are so nearly parallel that rounding
    leaves their products no factorisation. Raises ValueError for another model.
    """
    stream = Stream(entropy, device, dtype)
    return torch.stack([_errors(_directions(stream, m, d), model)[-1] for _ in range(trials)])


def _directions(stream: Stream, m: int, d: int) -> Tensor:
    """Directions of m normal weights, and that of the target."""
    own = torch.nn.functional.normalize(stream.normal(m, d), dim=-1)
    return torch.cat([own, torch.eye(1, d, device=own.device, dtype=own.dtype)])


def _errors(directions: Tensor, model: str) -> Tensor:
    """Relative errors after 0, 1, …, m neurons, from directions of these and of the target, (m + 1, d)."""
    if model not in _PRODUCTS:
        raise ValueError(f"model is one of {', '.join(_PRODUCTS)}, not {model!r}")
    K, v, means, each = _PRODUCTS[model](directions)
    # The constant feature first, taken out of the others.
    K, v = K - means[:, None] * means, v - MEAN * means
    # Of m linear features at most d are independent: what a factorisation's rounding amounts to keeps the factor, in
    # terms of the trace as in `numerics.least_squares`.
    ridge = 8 * torch.finfo(K.dtype).eps * torch.trace(K)
    K = K + ridge * torch.eye(len(K), device=K.device, dtype=K.dtype)
    factor, failed = torch.linalg.cholesky_ex(K)
    explained = torch.linalg.solve_triangular(factor, v[:, None], upper=False)[:, 0].square()
    captured = torch.where(failed > 0, torch.nan, explained.reshape(-1, each).sum(-1).cumsum(0))
    left = SQUARE - MEAN**2 - torch.cat([torch.zeros_like(captured[:1]), captured])
    return left / SQUARE


def _cosines(directions: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and angles of neurons with all directions, (m, m + 1); a neuron's own are exact."""
    c = (directions[:-1] @ directions.mT).clamp(-1, 1)
    own = torch.eye(*c.shape, device=c.device, dtype=c.dtype)
    c = torch.where(own > 0, own, c)
    return c, torch.acos(c)


def _random(directions: Tensor) -> tuple[Tensor, Tensor, Tensor, int]:
    c, psi = _cosines(directions)
    products = (torch.sin(psi) + (math.pi - psi) * c) / (2 * math.pi)
    return products[:, :-1], products[:, -1], torch.full_like(c[:, -1], MEAN), 1


def _linear(directions: Tensor) -> tuple[Tensor, Tensor, Tensor, int]:
    c, _ = _cosines(directions)
    return c[:, :-1], c[:, -1] / 2, torch.zeros_like(c[:, -1]), 1


def _tangent(directions: Tensor) -> tuple[Tensor, Tensor, Tensor, int]:
    """sin ψ (bbᵀ − ppᵀ) = A (wwᵀ + vvᵀ) + B (wvᵀ + vwᵀ), with sin ψ over |w ± v|² = 2 ± 2c, 0 at ψ = 0."""
    (m, d), (c, psi) = directions[:-1].shape, _cosines(directions)
    plus, minus = torch.sin(psi) / (2 + 2 * c), torch.where(c < 1, torch.sin(psi) / (2 - 2 * c), 0.0)
    A, B = plus - minus, plus + minus
    w, all_, identity = directions[:-1], directions, torch.eye(d, device=c.device, dtype=c.dtype)
    blocks = (math.pi - psi)[:, None, :, None] * identity[:, None, :]
    blocks = blocks + (w[:, :, None] * w[:, None, :])[:, :, None, :] * A[:, None, :, None]
    blocks = blocks + (all_[:, :, None] * all_[:, None, :]).movedim(0, 1)[None] * A[:, None, :, None]
    cross = w[:, :, None, None] * all_ + w[:, None, None, :] * all_.mT[None, :, :, None]
    products = ((blocks + cross * B[:, None, :, None]) / (2 * math.pi)).reshape(m * d, m + 1, d)
    # Of the target x relu'(e_1ᵀx) the combination e_1 is relu(x_1).
    return products[:, :-1].reshape(m * d, m * d), products[:, -1, 0], (MEAN * w).reshape(-1), d


_PRODUCTS = {"random": _random, "tangent": _tangent, "linear": _linear}
