"""Symmetric matrices as given: a 1-d array stands for a diagonal matrix, a 2-d array for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from torch import Tensor


def symmetric(name: str, values: ArrayLike, d: int) -> NDArray[np.float64]:
    """The array, checked: shape (d,) or (d, d), symmetric. Raises ValueError otherwise."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((d,), (d, d)):
        raise ValueError(f"{name} has shape {array.shape}; for d={d} it is ({d},), a diagonal, or ({d}, {d})")
    # A matrix assembled as a product of d × d factors is symmetric up to some d roundings.
    rounding = 64 * np.finfo(np.float64).eps * d * np.abs(array).max(initial=0.0)
    if array.ndim == 2 and np.abs(array - array.T).max() > rounding:
        raise ValueError(f"{name} is not symmetric")
    return array


def root(name: str, values: ArrayLike, d: int) -> NDArray[np.float64]:
    """The symmetric square root of a covariance, in the form in which it was given. Raises ValueError if not PSD."""
    array = symmetric(name, values, d)
    eigenvalues, vectors = (array, None) if array.ndim == 1 else np.linalg.eigh(array)
    if eigenvalues.min() < -1e-12 * max(eigenvalues.max(), 0.0):
        raise ValueError(f"{name} is not positive semidefinite: it has the eigenvalue {eigenvalues.min():.3g}")
    roots = np.sqrt(np.maximum(eigenvalues, 0.0))
    return roots if vectors is None else (vectors * roots) @ vectors.T


def doubled(form: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix beside itself, in the form in which it was given: each eigenvalue twice."""
    return np.asarray(np.repeat(form, 2) if form.ndim == 1 else np.kron(np.eye(2), form))


def apply(form: Tensor, rows: Tensor) -> Tensor:
    """The matrix applied to every row (last axis, length d)."""
    return rows * form if form.ndim == 1 else rows @ form


def quadratic(form: Tensor, rows: Tensor) -> Tensor:
    """<w, B w> for every row w (last axis, length d)."""
    return (apply(form, rows) * rows).sum(-1)


def trace(form: Tensor) -> Tensor:
    """Tr B."""
    return form.sum() if form.ndim == 1 else form.diagonal().sum()


def squared_norm(form: Tensor) -> Tensor:
    """The squared Frobenius norm of B."""
    return (form * form).sum()


def matrix(form: Tensor) -> Tensor:
    """B itself, shape (d, d)."""
    return form.diag() if form.ndim == 1 else form
