"""How closely finite differences of networks follow their tangents (Ghorbani et al. 2019, sections 1 and 1.2, Eq. 7).

L2 distances over Gaussian inputs, by Monte Carlo on `samples` points that all epsilons of a trial share: each is the
root mean square over those points, so a slope in epsilon is free of sampling noise between sizes.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations as _activations

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.closure"


def tangent_closure_error(
    *,
    d: int,
    N: int,
    activation: str,
    epsilons: ArrayLike,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """L2 distance between an NT function and the network of 2N neurons that tends to it; shape (trials, len(epsilons)).

    Σ_i <a_i, x> sigma'(<w_i, x>) against Σ_i ε⁻¹[sigma(<w_i + ε a_i, x>) − sigma(<w_i, x>)], with w_i ~ N(0, I/d) and
    a_i ~ N(0, I/(d N)), so that the function is of order one. Falls like ε for smooth activations, until rounding
    (1e-16/ε).
    """
    stream, sigma = Stream(entropy, device, dtype), _activations.value(activation)
    sizes = stream.constant(_positive(epsilons))
    chunks = chunk_sizes(trials, samples * max(N, d), stream.device)
    draws = ((stream.normal(n, samples, d), stream.normal(n, N, d), stream.normal(n, N, d)) for n in chunks)
    scales = 1 / math.sqrt(d), 1 / math.sqrt(d * N)
    return torch.cat([_closure_kernel(x, W * scales[0], A * scales[1], sizes, sigma) for x, W, A in draws])


def linearisation_error(
    *,
    d: int,
    N: int,
    activation: str,
    epsilons: ArrayLike,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """L2 distance of Eq. (7), f(x; θ_0 + ε β) − f(x; θ_0) against ε βᵀ∇f(x; θ_0); shape (trials, len(epsilons)).

    f(x; θ) = N^(−1/2) Σ_i u_i sigma(<w_i, x>), θ = (u, W) with u_i ~ N(0, 1) and w_i ~ N(0, I/d); β is drawn from the
    same law. Falls like ε² for smooth activations, until rounding.
    """
    stream, sigma = Stream(entropy, device, dtype), _activations.value(activation)
    sizes = stream.constant(_positive(epsilons))
    chunks = chunk_sizes(trials, samples * max(N, d), stream.device)
    return torch.cat([_linearisation(stream, n, samples, N, d, sizes, sigma) for n in chunks])


def _positive(epsilons: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(epsilons, dtype=np.float64)
    if values.ndim != 1 or not len(values) or values.min() <= 0:
        raise ValueError(f"epsilons is a 1-d array of positive numbers, not {epsilons!r}")
    return values


def _closure_kernel(x: Tensor, W: Tensor, A: Tensor, epsilons: Tensor, sigma: Callable[[Tensor], Tensor]) -> Tensor:
    """x (trials, samples, d), W and A (trials, N, d) to distances (trials, len(epsilons))."""
    u, shift = x @ W.mT, x @ A.mT
    # The forward derivative of sigma along <a, x> is <a, x> sigma'(<w, x>).
    values, tangents = _with_derivative(sigma, (u,), (shift,))
    columns = [
        _distance((sigma(u + epsilon * shift) - values).sum(-1) / epsilon, tangents.sum(-1))
        for epsilon in epsilons.unbind()
    ]
    return torch.stack(columns, dim=-1)


def _linearisation(
    stream: Stream, trials: int, samples: int, N: int, d: int, epsilons: Tensor, sigma: Callable[[Tensor], Tensor]
) -> Tensor:
    x = stream.normal(trials, samples, d)
    theta, beta = ((stream.normal(trials, N), stream.normal(trials, N, d) / math.sqrt(d)) for _ in range(2))
    return _linearisation_kernel(x, *theta, *beta, epsilons, sigma)


def _linearisation_kernel(
    x: Tensor,
    u: Tensor,
    W: Tensor,
    du: Tensor,
    dW: Tensor,
    epsilons: Tensor,
    sigma: Callable[[Tensor], Tensor],
) -> Tensor:
    def f(u: Tensor, W: Tensor) -> Tensor:
        return (sigma(x @ W.mT) @ u[..., None])[..., 0] / math.sqrt(u.shape[-1])

    start, tangent = _with_derivative(f, (u, W), (du, dW))
    columns = [_distance(f(u + e * du, W + e * dW) - start, e * tangent) for e in epsilons.unbind()]
    return torch.stack(columns, dim=-1)


def _with_derivative(
    f: Callable[..., Tensor], at: tuple[Tensor, ...], along: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor]:
    """f and its directional derivative, by forward differentiation."""
    with warnings.catch_warnings():
        # torch 2.13 loads its forward rules through its own deprecated `torch.jit.script`.
        warnings.simplefilter("ignore", DeprecationWarning)
        value, derivative = torch.func.jvp(f, at, along)[:2]
    return value, derivative


def _distance(one: Tensor, other: Tensor) -> Tensor:
    """Root mean square over the samples, the last axis."""
    return (one - other).square().mean(-1).sqrt()
