"""Ridge regression on random features of the sphere: inputs, weights and targets of Mei and Montanari's model.

Inputs x and weights θ are uniform on the sphere of radius √d, features are σ(⟨θ_i, x⟩/√d) with a leaky ReLU σ of slope
ℓ below zero. The target is ⟨β, x⟩ plus a random quadratic form without trace, the labels carry Gaussian noise, and a
minimises (1/n) Σ_j (y_j − Σ_i a_i σ_ij)² + (Nλ/d)‖a‖²; ridge 0 is its limit, the least-norm fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lazy_assay.sims import Stream, chunk_sizes, torch

if TYPE_CHECKING:
    from torch import Tensor


def risk_along_path(
    *,
    sizes: Sequence[int],
    psi1: float,
    psi2: float,
    ridge: float,
    slope: float,
    F1: float,
    Fstar: float,
    tau: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Population risk given inputs and weights, averaged exactly over targets and noise; shape (trials, len(sizes)).

    One column a dimension d in `sizes`, with N = ψ₁d neurons and n = ψ₂d samples, all of a row independent. β is
    uniform on the sphere of radius F1, the quadratic part isotropic of variance Fstar², the noise of variance tau².
    Raises ValueError where ψ₁d or ψ₂d is no whole number.
    """
    stream = Stream(entropy, device, dtype)
    columns = []
    for d in sizes:
        N, n = whole(psi1, d), whole(psi2, d)
        chunks = chunk_sizes(trials, (N + n) * max(N, n), stream.device)
        draws = ((_sphere(stream, size, n, d), _sphere(stream, size, N, d)) for size in chunks)
        columns.append(torch.cat([_mean_risk(X, W, ridge, slope, F1, Fstar, tau) for X, W in draws]))
    return torch.stack(columns, dim=1)


def sampled_risk_along_path(
    *,
    sizes: Sequence[int],
    psi1: float,
    psi2: float,
    ridge: float,
    slope: float,
    F1: float,
    Fstar: float,
    tau: float,
    fresh: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same with nothing averaged: one target and one noise a trial, fitted, tested on `fresh` d new inputs."""
    stream = Stream(entropy, device, dtype)
    columns = []
    for d in sizes:
        N, n = whole(psi1, d), whole(psi2, d)
        chunks = chunk_sizes(trials, (N + n) * (N + n + fresh * d), stream.device)
        risks = [_sampled(stream, size, N, n, d, fresh * d, ridge, slope, F1, Fstar, tau) for size in chunks]
        columns.append(torch.cat(risks))
    return torch.stack(columns, dim=1)


def whole(psi: float, d: int) -> int:
    """ψd, which must be a whole number: a rounded one would be another ψ."""
    count = round(psi * d)
    if count < 1 or abs(count - psi * d) > 1e-9 * count:
        raise ValueError(f"{psi:g} × {d} is no whole number of neurons or samples; use another d")
    return count


def _sphere(stream: Stream, trials: int, count: int, d: int) -> Tensor:
    """Points of the sphere of radius √d; shape (trials, count, d)."""
    drawn = stream.normal(trials, count, d)
    lengths: Tensor = drawn.norm(dim=-1, keepdim=True)
    return drawn / lengths * math.sqrt(d)


def _activation(t: Tensor, slope: float) -> Tensor:
    return t.clamp(min=0) + slope * t.clamp(max=0)


def _regression(Z: Tensor, penalty: float) -> Tensor:
    """The matrix that takes labels to the second layer, (trials, N, n); Z (trials, n, N), penalty nN λ/d.

    Without a penalty the pseudo-inverse: a neuron that no input excites leaves the Gram matrix singular.
    """
    short = Z if Z.shape[-2] <= Z.shape[-1] else Z.mT
    gram = short @ short.mT
    if penalty == 0:
        left: Tensor = torch.linalg.pinv(gram, hermitian=True) @ short
    else:
        gram.diagonal(dim1=-2, dim2=-1).add_(penalty)
        left = torch.cholesky_solve(short, torch.linalg.cholesky(gram))
    return left.mT if short is Z else left


def _mean_risk(X: Tensor, W: Tensor, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> Tensor:
    """X (trials, n, d), W (trials, N, d) to risks (trials,).

    With C the targets' and labels' covariance at the inputs and K that of features and labels, both averaged over a
    test point on the sphere, R = F1² + Fstar² − 2⟨M, K⟩ + ⟨UM, MC⟩ for the regression matrix M and U = E σσᵀ.
    """
    n, d = X.shape[-2:]
    N = W.shape[-2]
    cosines, products = X @ X.mT / d, W @ X.mT / math.sqrt(d)
    M = _regression(_activation(products.mT, slope), n * N * ridge / d)
    C = F1**2 * cosines + Fstar**2 * (d * cosines**2 - 1) / (d - 1)
    C.diagonal(dim1=-2, dim2=-1).add_(tau**2)
    quadratic = Fstar**2 * _quadratic_part(d, slope) * (products**2 - 1) / (d - 1)
    K = F1**2 * (1 + slope) / 2 * products / d + quadratic
    U = _feature_covariance(W @ W.mT / d, slope)
    return F1**2 + Fstar**2 - 2 * (M * K).sum((-1, -2)) + ((U @ M) * (M @ C)).sum((-1, -2))


def _feature_covariance(cosines: Tensor, slope: float) -> Tensor:
    """E_x σ(⟨w, x⟩/√d)σ(⟨w', x⟩/√d) on the sphere: that of a Gaussian x, since σ is homogeneous and E|x|² = d."""
    u = cosines.clamp(-1, 1)
    even = ((1 - u * u).sqrt() + u * u.asin()) * (2 / math.pi)
    return ((1 + slope) / 2) ** 2 * u + ((1 - slope) / 2) ** 2 * even


def _quadratic_part(d: int, slope: float) -> float:
    """E σ(t)(t² − 1)/(d − 1) for t = √d times a coordinate of the unit sphere.

    By Funk and Hecke's formula this is what σ(⟨w, ·⟩/√d) keeps of a quadratic harmonic.
    """
    return (1 - slope) / 2 * (_absolute(d, 3) - _absolute(d, 1)) / (d - 1)


def _absolute(d: int, power: int) -> float:
    """E|t|^power: a Gaussian's, over the same power of a Gaussian vector's norm."""
    gaussian = 2 ** (power / 2) * math.gamma((power + 1) / 2) / math.sqrt(math.pi)
    norm = power / 2 * math.log(2) + math.lgamma((d + power) / 2) - math.lgamma(d / 2)
    return gaussian * math.exp(power / 2 * math.log(d) - norm)


def _sampled(
    stream: Stream, trials: int, N: int, n: int, d: int, fresh: int, ridge: float, slope: float, F1: float,
    Fstar: float, tau: float,
) -> Tensor:  # fmt: skip
    """One target a trial, fitted by least squares with the penalty as further rows, tested on new inputs."""
    X, W, new = (_sphere(stream, trials, count, d) for count in (n, N, fresh))
    beta = _sphere(stream, trials, 1, d) * F1 / math.sqrt(d)
    form = stream.normal(trials, d, d) / d * Fstar * math.sqrt(d / (d - 1))
    form = form - torch.eye(d, dtype=form.dtype, device=form.device) * _trace(form) / d

    def target(x: Tensor) -> Tensor:
        return (x @ beta.mT)[..., 0] + ((x @ form) * x).sum(-1)

    def features(x: Tensor) -> Tensor:
        return _activation(x @ W.mT / math.sqrt(d), slope)

    y = target(X) + tau * stream.normal(trials, n)
    left, singular, right = torch.linalg.svd(features(X), full_matrices=False)
    seen = singular > max(n, N) * torch.finfo(singular.dtype).eps * singular[..., :1]
    shrunk = torch.where(seen, singular / (singular**2 + n * N * ridge / d), 0.0)
    a = right.mT @ (shrunk[..., None] * (left.mT @ y[..., None]))
    errors: Tensor = (target(new) - (features(new) @ a)[..., 0]) ** 2
    return errors.mean(-1)


def _trace(form: Tensor) -> Tensor:
    return form.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None]
