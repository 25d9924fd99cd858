"""Neural tangent features (NT): a two-layer network linearised at its initialisation (Ghorbani et al. 2019, Eq. 3).

Features sigma'(<w_i, x>) x_k and an intercept, weights w_i ~ N(0, I/d), inputs x ~ N(0, I_d). With sigma = x² the
class is {c + Σ_i <w_i, x><a_i, x>} and the target f*(x) = <x, Bx> − Tr B; risks are divided by ||f*||² = 2 ||B||_F².
B is symmetric, (d, d), or a diagonal, (d,).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.sgd import form_of_tangent, steps_of, tangent_step, trajectory
from lazy_assay.sims.numerics import forms as _forms
from lazy_assay.sims.numerics.least_squares import explained, explained_by_eigenvectors, midpoint
from lazy_assay.sims.numerics.tangent_basis import complete_basis, features, pairs, size_with_room, target_moments

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.neural_tangent"


def projection_risk(
    *, d: int, N: int, B: ArrayLike, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Normalised population risk R_NT,N(f*)/||f*||² given W, as ||P⊥ B P⊥||_F²/||B||_F²; shape (trials,).

    The tangent space holds the quadratic forms A Wᵀ + W Aᵀ; what is orthogonal to it has both sides in the complement
    of W's span. P⊥ comes from a QR factorisation of W. Zero up to rounding for N ≥ d.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(_forms.symmetric("B", B, d))
    chunks = chunk_sizes(trials, d * max(N, d), stream.device)
    return torch.cat([_projection_kernel(stream.normal(size, d, N), form) for size in chunks])


def tangent_space_risk(
    *, d: int, N: int, B: ArrayLike, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """The same risk by least squares over all N d tangent features and the intercept; shape (trials,).

    Knows nothing of projections: Gaussian moments of the features by Isserlis, pseudo-inverse of their (redundant) Gram
    matrix of size N d + 1. Meant for N d up to a few hundred.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(_forms.symmetric("B", B, d))
    chunks = chunk_sizes(trials, (N * d + 1) ** 2, stream.device)
    return torch.cat([_tangent_space_kernel(stream.normal(size, N, d) / math.sqrt(d), form) for size in chunks])


def tangent_space_risk_at(
    *, W: ArrayLike, B: ArrayLike, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """`tangent_space_risk` at given weights W of shape (d, N): the same number in each of the (trials,) rows."""
    stream, weights = Stream(entropy, device, dtype), np.asarray(W, dtype=np.float64)
    form = stream.constant(_forms.symmetric("B", B, len(weights)))
    return _tangent_space_kernel(stream.constant(weights.T)[None], form).repeat(trials)


def flat_gap_at(
    *, W: ArrayLike, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """For B = I: `tangent_space_risk_at` less the best that a network of N neurons does, both by linear algebra.

    The best Σ <w_i, x>² + c is that of a positive semidefinite matrix of rank N nearest to I: singular values cut off.
    Shape (trials,): the same number in each row.
    """
    weights = np.asarray(W, dtype=np.float64)
    d, N = weights.shape
    singular = torch.linalg.svdvals(torch.eye(d, dtype=getattr(torch, dtype), device=device))
    best = singular[N:].square().sum() / d
    risk = tangent_space_risk_at(W=weights, B=np.ones(d), trials=trials, entropy=entropy, device=device, dtype=dtype)
    gap: Tensor = risk - best
    return gap


def gap_to_best_network(
    *, d: int, N: int, B: ArrayLike, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """`projection_risk` less the best that a network of N neurons does, for B ⪰ 0; shape (trials,).

    The best Σ <w_i, x>² + c is that of the positive semidefinite matrix of rank N nearest to B: its singular values cut
    off after the N-th.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(_forms.symmetric("B", B, d))
    left = torch.linalg.svdvals(_forms.matrix(form))[N:].square().sum() / _forms.squared_norm(form)
    gap: Tensor = projection_risk(d=d, N=N, B=B, trials=trials, entropy=entropy, device=device, dtype=dtype) - left
    return gap


def least_squares_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same risk from `samples` inputs and the normal equations; shape (trials,).

    Features are a basis of the tangent space without its redundancy. The midpoint of the training risk and of the
    fitted function's population risk, whose O(1/samples) biases cancel: see `sims.numerics.least_squares.midpoint`.
    What is left is second order in p/samples, p = N d − N(N − 1)/2 + 1 (N ≤ d) the basis' size: at p = 51, 400
    samples, it was 0.006 for a risk of 0.528. Raises ValueError unless samples > p + 1.
    """
    size, stream = size_with_room(d, N, samples), Stream(entropy, device, dtype)
    form = stream.constant(_forms.symmetric("B", B, d))
    chunks = chunk_sizes(trials, min(samples, 1024) * size, stream.device)
    return torch.cat([_fit(stream, stream.normal(chunk, d, N), form, samples) for chunk in chunks])


def sgd_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    batch: int,
    steps: int,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Exact normalised population risk after `steps` of mini-batch SGD on (a_i) and c from zero; shape (trials,).

    f(x) = Σ_i 2<w_i, x><a_i, x> + c, `batch` fresh samples a step (section 4 has 100): see `sims.dynamics.sgd`.
    """
    return sgd_trajectory(
        d=d, N=N, B=B, batch=batch, checkpoints=[steps], step_size=step_size,
        trials=trials, entropy=entropy, device=device, dtype=dtype,
    )[:, 0]  # fmt: skip


def sgd_trajectory(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    batch: int,
    checkpoints: ArrayLike,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`sgd_risk` of one run after each number of steps in `checkpoints`; shape (trials, len(checkpoints))."""
    stream, counts = Stream(entropy, device, dtype), steps_of(checkpoints)
    form = stream.constant(_forms.symmetric("B", B, d))
    chunks = chunk_sizes(trials, max(batch, N) * max(N, d), stream.device)
    starts = (stream.normal(size, N, d) / math.sqrt(d) for size in chunks)
    return torch.cat([_train(stream, W, form, batch, counts, step_size) for W in starts])


def captured_cubic_fraction(
    *, d: int, N: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """The fraction of ||He3(x_1)/√6||² = 1 that NT captures for sigma = He2 + He3, exactly given W; shape (trials,).

    Features sigma'(<w_i, x>) x_k = [2u + 3(u² − 1)] x_k, u = <w_i, x>, and an intercept (section 1: at N = O(d), NT
    captures nothing of degree three). At finite d a fraction of order N/d² is captured: N d features among some d³/6
    cubic directions. A Gram matrix of size N d is solved: meant for N d up to a few hundred.
    """
    stream = Stream(entropy, device, dtype)
    chunks = chunk_sizes(trials, (N * d) ** 2, stream.device)
    return torch.cat([_cubic_kernel(stream.normal(size, N, d) / math.sqrt(d)) for size in chunks])


def _projection_kernel(W: Tensor, B: Tensor) -> Tensor:
    """W (trials, d, N) to risks (trials,). The first d columns span what all of them span, almost surely."""
    Q: Tensor = torch.linalg.qr(W[..., : W.shape[-2]]).Q
    BQ = _forms.apply(B, Q.mT).mT
    # ||P⊥BP⊥||² = ||B||² − 2 ||BQ||² + ||QᵀBQ||², since P⊥ = I − QQᵀ.
    norm = _forms.squared_norm(B)
    return (norm - 2 * BQ.square().sum((-2, -1)) + (Q.mT @ BQ).square().sum((-2, -1))) / norm


def _tangent_space_kernel(W: Tensor, B: Tensor) -> Tensor:
    """W (trials, N, d) to risks (trials,): features 1 and <w_i, x> x_k, ordered by i, then k."""
    trials, N, d = W.shape
    rows = W.reshape(trials, N * d)
    gram = _pairs(W, W @ W.mT, 1.0, 1.0) + rows[:, :, None] * rows[:, None, :]
    one = torch.ones(trials, 1, 1, device=W.device, dtype=W.dtype)
    top = torch.cat([one, rows[:, None, :]], dim=2)
    K = torch.cat([top, torch.cat([rows[:, :, None], gram], dim=2)], dim=1)
    v = torch.cat([torch.zeros_like(one[:, 0]), 2 * _forms.apply(B, W).reshape(trials, N * d)], dim=1)
    return 1 - explained_by_eigenvectors(K, v) / (2 * _forms.squared_norm(B))


def _pairs(W: Tensor, straight: Tensor, crossed: float | Tensor, scale: float) -> Tensor:
    """scale·[straight_ij δ_kl + crossed_ij w_il w_jk] as a matrix over (i, k), (j, l); W (trials, N, d)."""
    trials, N, d = W.shape
    identity = torch.eye(d, device=W.device, dtype=W.dtype)
    weight = torch.ones_like(straight) * crossed
    direct = straight[:, :, None, :, None] * identity[:, None, :]
    swapped = weight[:, :, None, :, None] * W[:, :, None, None, :] * W.mT[:, None, :, :, None]
    return scale * (direct + swapped).reshape(trials, N * d, N * d)


def _fit(stream: Stream, W: Tensor, B: Tensor, samples: int) -> Tensor:
    """Draws the inputs block by block, sums the normal equations, solves them."""
    trials, d, N = W.shape
    O, (first, second) = complete_basis(W), pairs(d, N, stream.device)
    blocks = chunk_sizes(samples, trials * len(first), stream.device)
    sums = [_block_kernel(stream.normal(trials, size, d), O, B, first, second) for size in blocks]
    gram, moment, energy = (sum(parts) / samples for parts in zip(*sums, strict=True))
    return _midpoint_kernel(O, B, first, second, gram, moment, energy)


def _block_kernel(x: Tensor, O: Tensor, B: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sums over inputs x (trials, block, d) of phi phiᵀ, phi y and y²; phi's population Gram matrix is the identity."""
    y = _forms.quadratic(B, x) - _forms.trace(B)
    phi = features(x, O, first, second)
    return phi.mT @ phi, (phi.mT @ y[..., None])[..., 0], (y * y).sum(-1)


def _midpoint_kernel(
    O: Tensor, B: Tensor, first: Tensor, second: Tensor, gram: Tensor, moment: Tensor, energy: Tensor
) -> Tensor:
    norm = 2 * _forms.squared_norm(B)
    return midpoint(gram, moment, energy, None, target_moments(O, B, first, second), norm) / norm


def _train(stream: Stream, W: Tensor, B: Tensor, batch: int, counts: list[int], step_size: float) -> Tensor:
    def step(A: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        x = stream.normal(len(W), batch, W.shape[-1])
        return tangent_step(A, c, W, x, _forms.quadratic(B, x) - _forms.trace(B), step_size)

    def risk(A: Tensor, c: Tensor) -> Tensor:
        M = form_of_tangent(A, W)
        mean = M.diagonal(dim1=-2, dim2=-1).sum(-1) + c
        missed = 2 * (_forms.matrix(B) - M).square().sum((-2, -1))
        return (missed + mean * mean) / (2 * _forms.squared_norm(B))

    return trajectory((torch.zeros_like(W), torch.zeros_like(W[:, 0, 0])), step, risk, counts)


def _cubic_kernel(W: Tensor) -> Tensor:
    """W (trials, N, d) to fractions (trials,).

    With u = <w, x> and s = |w|², the feature [2u + 3(u² − 1)] x_k has the Hermite tensors
    1: 3[(s − 1) e_k + 2 w_k w],   2: 2 sym(w ⊗ e_k),   3: 3 sym(w ⊗ w ⊗ e_k)
    (degree 0 is the intercept's), and E[He_m(A) He_m(A')] = m! <A, A'>. The target's is e_1 ⊗ e_1 ⊗ e_1/√6.
    """
    trials, N, d = W.shape
    p = W @ W.mT
    linear = _linear_parts(W, p)
    second = _pairs(W, p, 1.0, 4.0)
    third = _pairs(W, p * p, 2 * p, 18.0)
    K = linear @ linear.mT + second + third
    v = torch.zeros(trials, N, d, device=W.device, dtype=W.dtype)
    v[..., 0] = 3 * math.sqrt(6) * W[..., 0].square()
    # The cubic parts span the tangent spaces of cubes at N points, which are independent almost surely while they do
    # not fill the space (Alexander and Hirschowitz 1995; the one exception for cubics, d = 5 and N = 7, would fill it).
    solve = explained if (d + 1) * (d + 2) > 6 * N else explained_by_eigenvectors
    return solve(K, v.reshape(trials, N * d))


def _linear_parts(W: Tensor, p: Tensor) -> Tensor:
    """3[(s − 1) e_k + 2 w_k w] as rows (i, k): shape (trials, N d, d)."""
    trials, N, d = W.shape
    identity = torch.eye(d, device=W.device, dtype=W.dtype)
    excess = p.diagonal(dim1=-2, dim2=-1)[..., None, None] - 1
    parts = 3 * (excess * identity + 2 * W[..., :, None] * W[..., None, :])
    return parts.reshape(trials, N * d, d)
