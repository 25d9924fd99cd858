"""Least squares over a finite-dimensional class from its second moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def coefficients(K: Tensor, v: Tensor) -> Tensor:
    """(K + δI)⁻¹ v for positive semidefinite K (..., N, N) and v (..., N), by Cholesky; NaN where the factor fails.

    δ = 8 (machine epsilon) Tr K is at the level of K's own rounding. Where K is singular (more features than their
    space has dimensions) v lies in its range up to rounding, and the solution there is that of least norm: what the
    ridge adds to the risk is at most δ|a|², a the least-norm coefficients.
    """
    factor, failed = _factor(K)
    solution = torch.cholesky_solve(v[..., None], factor)[..., 0]
    return torch.where(failed[..., None], torch.nan, solution)


def explained(K: Tensor, v: Tensor) -> Tensor:
    """vᵀ(K + δI)⁻¹v, the part of the target's squared norm in the class; shape (...); see `coefficients`."""
    factor, failed = _factor(K)
    half = torch.linalg.solve_triangular(factor, v[..., None], upper=False)
    return torch.where(failed, torch.nan, (half * half).sum((-2, -1)))


def _factor(K: Tensor) -> tuple[Tensor, Tensor]:
    """The Cholesky factor of K + δI, and where there is none."""
    diagonal = K.diagonal(dim1=-2, dim2=-1)
    ridge = 8 * torch.finfo(K.dtype).eps * diagonal.sum(-1, keepdim=True)
    regular = K.clone()
    regular.diagonal(dim1=-2, dim2=-1).add_(ridge)
    factor, failed = torch.linalg.cholesky_ex(regular)
    return factor, failed > 0


def explained_by_eigenvectors(K: Tensor, v: Tensor) -> Tensor:
    """vᵀK⁺v through eigh, eigenvalues below 10 n (machine epsilon) of the largest counted as zero; shape (...).

    For redundant classes, whose Gram matrix is exactly singular; some twenty times slower than `explained`.
    """
    inverse, projections, _ = _in_eigenvectors(K, v)
    return (projections * projections * inverse).sum(-1)


def solved_by_eigenvectors(K: Tensor, v: Tensor) -> Tensor:
    """K⁺v, by the same eigenvectors; shape (..., n)."""
    inverse, projections, vectors = _in_eigenvectors(K, v)
    solution: Tensor = (vectors @ (inverse * projections)[..., None])[..., 0]
    return solution


def _in_eigenvectors(K: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The inverses of K's eigenvalues (0 where they count as zero), v in its eigenvectors, and these."""
    eigenvalues: Tensor
    eigenvalues, vectors = torch.linalg.eigh(K)
    cut = 10 * K.shape[-1] * torch.finfo(K.dtype).eps * eigenvalues[..., -1:]
    kept = eigenvalues > cut
    inverse = torch.where(kept, 1 / torch.where(kept, eigenvalues, 1.0), 0.0)
    projections: Tensor = (vectors.mT @ v[..., None])[..., 0]
    return inverse, projections, vectors


def midpoint(
    gram: Tensor,
    moment: Tensor,
    energy: Tensor,
    population_gram: Tensor | None,
    population_moment: Tensor,
    norm: Tensor,
) -> Tensor:
    """Mean of the training risk and of the population risk of the coefficients fitted by normal equations; shape (...).

    `gram`, `moment`, `energy` are the sample means of phi phiᵀ, phi y, y²; the population's are `population_gram`
    (None for the identity), `population_moment` and `norm`.

    Why the mean: with e = y − phiᵀa* the population's residual, R = E e², E[phi e] = 0, and g the sample mean of phi e,
        training   = mean(e²) − gᵀ gram⁻¹ g,          population = R + gᵀ gram⁻¹ K gram⁻¹ g.
    As gram → K, E gᵀK⁻¹g = t/n with t = Tr(K⁻¹ E[e² phi phiᵀ]): the training risk is R − t/n and the population risk
    R + t/n, to first order in 1/n, with the same t. The midpoint's bias is what is left, second order in N/n: for
    Gaussian features and independent residuals (R/2) [N/(n − N − 1) − N/n] = R N (N + 1)/(2 n (n − N − 1)).
    """
    a = coefficients(gram, moment)
    training = energy - (a * moment).sum(-1)
    Ka = a if population_gram is None else (population_gram @ a[..., None])[..., 0]
    population = norm - 2 * (a * population_moment).sum(-1) + (a * Ka).sum(-1)
    return (training + population) / 2
