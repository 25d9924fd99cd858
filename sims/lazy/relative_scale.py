"""The relative scale κ of two-layer networks α Σ_j u_j σ(<w_j, x>) at their initialisation."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import measures, tangent
from lazy_assay.sims.lazy.networks import finite, given, started

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.relative_scale"


def kappa_at(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    W: ArrayLike,
    u: ArrayLike,
    activation: str,
    initialisation: str,
    alpha: float,
    rounds: int = measures.ROUNDS,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """κ of αh, from whole first and second derivatives by automatic differentiation, shape (trials,).

    rounds: as many as the norm of the second derivative may take (`measures.bilinear_norm`).
    """
    x, y, first, second = given(Stream(entropy, device, dtype), points, labels, W, u, trials)
    model, start = started(first, second, x, activation, initialisation)
    residual = (alpha * model(start) - y).norm(dim=-1)
    # An offset has no derivative, and is of other shape than one trial: the network itself is differentiated.
    bare, _ = started(first, second, x, activation, "independent")

    def whole(parameters: tuple[Tensor, ...], _: Tensor) -> Tensor:
        return alpha * bare(parameters)

    D2h = measures.second_derivative(whole, start, x)
    # Not the coordinates: where a neuron's u and w alone mix, the map vanishes at each of them.
    index = torch.arange(1, D2h.shape[-1] + 1, dtype=y.dtype, device=y.device)
    guesses = torch.cos(index[:, None] * index)
    first_norm = torch.linalg.matrix_norm(tangent.jacobian(whole, start, x), ord=2)
    return measures.kappa(residual, measures.bilinear_norm(D2h, guesses, rounds), first_norm)


def kappa_by_width(
    *,
    d: int,
    n: int,
    widths: ArrayLike,
    exponent: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """κ of m^−exponent Σ_j u_j relu(<w_j, x>) with normal weights, at each width m, shape (trials, len(widths)).

    For relu the second derivative of a neuron mixes w_j and u_j alone, and its norm is the largest singular value of
    the points that are active: one of 2^n numbers.
    """
    sizes = finite("widths", widths)
    stream = Stream(entropy, device, dtype)
    x, y = stream.normal(trials, n, d) / math.sqrt(d), stream.normal(trials, n)
    patterns = stream.constant(np.array(list(product((0.0, 1.0), repeat=n))))
    norms = torch.linalg.matrix_norm(patterns[None, :, :, None] * x[:, None], ord=2)
    places = stream.constant(2.0 ** np.arange(n - 1, -1, -1))
    found = []
    for m in sizes.astype(int).tolist():
        z, u = x @ stream.normal(trials, d, m), stream.normal(trials, m)
        active, alpha = (z > 0).to(z.dtype), m**-exponent
        kernel = alpha**2 * (
            torch.relu(z) @ torch.relu(z).mT + ((active * u[:, None].square()) @ active.mT) * (x @ x.mT)
        )
        residual = (alpha * (torch.relu(z) @ u[..., None])[..., 0] - y).norm(dim=-1)
        blocks = norms.gather(1, (active * places[:, None]).sum(dim=1).round().to(torch.int64))
        top = torch.linalg.eigvalsh(kernel)[:, -1].sqrt()
        found.append(measures.kappa(residual, alpha * blocks.amax(dim=1), top))
    return torch.stack(found, dim=-1)
