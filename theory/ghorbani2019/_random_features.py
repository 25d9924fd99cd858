"""Theorem 1 of Ghorbani et al.: the limit of the random-features risk on quadratic targets, Eqs. (9) and (10)."""

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._effective_dimension import solve_effective_dimension

Array = NDArray[np.float64]


def psi(rho: float, spectrum: Array, lambda_1_squared: float, lambda_tilde: float) -> float:
    """The positive root psi of Eq. (9), D the empirical law of `spectrum`, the eigenvalues of d Gamma, shape (d,).

    Eq. (9) times psi reads g(psi) = lambda~ psi + int lambda_1^2 t psi / (1 + lambda_1^2 t psi) D(dt) = rho. Each
    term of g is increasing and concave, g(0) = 0, and g is unbounded because lambda~ > 0 (sigma is nonlinear): the
    root is unique, increasing in rho, and lies in [rho / (lambda~ + lambda_1^2 mean t), rho / lambda~].

    Raises:
        ValueError: rho or lambda_tilde is not positive.
    """
    if not (rho > 0 and lambda_tilde > 0):
        raise ValueError(f"rho and lambda~ must be positive, got {rho} and {lambda_tilde}")
    weights = np.full(len(spectrum), 1 / len(spectrum))
    return solve_effective_dimension(rho, lambda_1_squared * np.asarray(spectrum), weights, lambda_tilde)


def limit_risk(rho: float, B: Array, Gamma: Array, activation: str) -> float:
    """Eq. (10) without its o(1): the limit of R_RF,N(f*) / ||f*||^2 as N / d -> rho, f*(x) = <x, B x> - Tr B.

    B, Gamma: symmetric (d, d), or (d,) for a diagonal matrix; Tr Gamma = 1 (A2); sigma is centred, sigma - lambda_0.

    Raises:
        ValueError: B or Gamma is not symmetric, their sizes differ, or B is zero.
        KeyError: the activation has no such name.
    """
    gamma, target = in_the_eigenbasis(B, Gamma)
    sigma, d = ACTIVATIONS[activation], len(gamma)
    lambda_1, lambda_2 = sigma.coefficient(1), sigma.coefficient(2)
    root = psi(rho, d * gamma, lambda_1**2, sigma.variance - lambda_1**2)
    overlap = float(gamma @ np.diagonal(target)) ** 2
    gain = root * lambda_2**2 * d
    return 1 - gain * overlap / (float((target**2).sum()) * (2 + gain * float(gamma @ gamma)))


def in_the_eigenbasis(B: Array, Gamma: Array) -> tuple[Array, Array]:
    """The eigenvalues of Gamma, shape (d,), and B in its eigenbasis, shape (d, d)."""
    B, Gamma = (np.asarray(matrix, dtype=np.float64) for matrix in (B, Gamma))
    for name, matrix in (("B", B), ("Gamma", Gamma)):
        scale = float(np.abs(matrix).max(initial=0.0))
        # A matrix that was assembled as Q D Q' is symmetric up to d roundings.
        allowed = len(matrix) * np.finfo(float).eps * scale
        if matrix.ndim == 2 and (matrix.shape[0] != matrix.shape[1] or np.abs(matrix - matrix.T).max() > allowed):
            raise ValueError(f"{name} must be symmetric")
    if len(B) != len(Gamma):
        raise ValueError(f"B and Gamma act on the same space, got d = {len(B)} and {len(Gamma)}")
    if not B.any():
        raise ValueError("the risk of f* = 0 cannot be normalised: B is zero")
    full = np.diag(B) if B.ndim == 1 else B
    if Gamma.ndim == 1:
        return Gamma, full
    gamma, basis = np.linalg.eigh(Gamma)
    return np.maximum(gamma, 0.0), basis.T @ full @ basis
