"""The risk of random features on the mixture of two Gaussians at finite d and N: Theorem 4 with its o(1) as a number.

With y a unit function of (y, x), R = |(I - P) y|^2 for the projection P on the features, which is Theorem 1's problem
with another law (`_mixture_feature_law`) and y itself as the target: steps 1 to 3 of `_deterministic_equivalent` carry
over.

Whitening is exact: x = Sigma^{1/2} z and <w, x> = <Sigma^{1/2} w, z> turn (Sigma, Delta, Gamma) into (I, Sigma^{-1/2}
Delta Sigma^{-1/2}, Sigma^{1/2} Gamma Sigma^{1/2}). Weights of a singular Gamma see the range of the latter alone, and x
outside it is no input. What remains is rotated so that Gamma is diagonal, and Delta too within each of Gamma's
eigenspaces.
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS, Activation
from lazy_assay.theory.ghorbani2019._deterministic_equivalent import reach, within
from lazy_assay.theory.ghorbani2019._exact_risks import spans
from lazy_assay.theory.ghorbani2019._mixture_feature_law import mean_square_tilt, mean_tilt, mixture_law
from lazy_assay.theory.ghorbani2019._mixture_moments import moments_of

Array = NDArray[np.float64]

# Variances that differ by less than this, relative to the largest, count as one eigenvalue of Gamma.
_SAME = 1e-9
# The least distance of the nodes in tau: the parabola then errs by its square, and by rounding over its square.
_APART = 1e-4


def finite_mixture_risk(N: int, gamma: Array, Delta: Array, activation: str) -> float:
    """E R_RF,N(P_{I,Delta}) for weights w ~ N(0, diag(gamma)), gamma > 0 of sum 1; Delta (d, d), or (d,) if diagonal.

    In the basis of `in_joint_basis`. Exact for odd sigma (the risk is 1) and for a polynomial sigma whose features span
    what they can; an approximation otherwise, which `_finite_range` says where to trust, and how far.
    """
    sigma = ACTIVATIONS[activation]
    if sigma.odd:
        return 1.0
    if spans(N, activation, len(gamma)):
        return 1 / (1 + quadratic_gain(Delta))
    if N == 1:
        return _one_neuron(gamma, Delta, sigma)
    law = mixture_law(gamma, Delta, sigma)
    if law.features.rank < N:
        return 1 / (1 + quadratic_gain(Delta))
    y, off = len(law.features.mean) - 3, law.off_diagonal
    if off is None:
        return within(reach(law.features, N, y).left)
    found = reach(law.features, N, y, off.covariance, off.variance)
    return within(found.left + off.beyond(found.block[: len(gamma)], found.pairs))


def one_over_d_coefficient(rho: float, Delta: Array) -> float:
    """c in E R_RF,N = Eq. (15) + c / d + O(1/d^2), for sigma = x^2 - 1, Sigma = I, Gamma = I/d, sqrt(d) Delta of order
    one.

    With e = sqrt(d) delta, of means m1, m2 of e, e^2, and R = 1/(1 + X), X = D'K^{-1}D for D_i = w_i' Delta w_i and K
    the Gram matrix without D D'. If K lacked 2 (w_i' Delta w_j)^2, X would be (m2 / 2) (1 - R_1), R_1 the risk of
    Theorem 1 for the target Delta: m1^2 rho / (2 (1 + rho)) and, at order 1/d, rho (m2 - m1^2) + m1^2 rho^2 (1 + 2 rho)
    / (2 (1 + rho)^3). That term takes off 2 sum a_i a_j (w_i' Delta w_j)^2, a = K^{-1}D, a_i = m1 / (2 sqrt(d) (1 +
    rho)): the N diagonal elements give m1^4 rho / (2 (1 + rho)^2 d), the others m1^2 m2 rho^2 / (2 (1 + rho)^2 d).
    """
    d = len(Delta)
    trace = float(Delta.sum() if Delta.ndim == 1 else np.trace(Delta))
    m1, m2 = trace / sqrt(d), float((Delta**2).sum())
    share = m1**2 / (2 * (1 + rho) ** 2)
    next_order = rho * (m2 - m1**2) + share * (rho**2 * (1 + 2 * rho) / (1 + rho) - rho * m1**2 - rho**2 * m2)
    return -next_order / (1 + share * rho * (1 + rho)) ** 2


def quadratic_gain(Delta: Array) -> float:
    """X = sum delta^2 / (1 + delta^2) / 2 over the eigenvalues of Delta: R = 1/(1 + X) for all quadratic functions."""
    square = (Delta if Delta.ndim == 1 else np.linalg.eigvalsh(Delta)) ** 2
    return float((square / (1 + square)).sum() / 2)


def in_joint_basis(Gamma: Array, Delta: Array) -> tuple[Array, Array]:
    """gamma (k,) > 0 and Delta where Gamma is diagonal; Delta (k,) where it then is too, else (k, k)."""
    if Gamma.ndim == 1 and Delta.ndim == 1:
        return Gamma[Gamma > 0], Delta[Gamma > 0]
    values, basis = (Gamma, np.eye(len(Gamma))) if Gamma.ndim == 1 else np.linalg.eigh(Gamma)
    order = np.argsort(values)
    order = order[values[order] > len(values) * np.finfo(float).eps * values.max()]
    values, basis = values[order], basis[:, order]
    turned = basis.T @ (np.diag(Delta) if Delta.ndim == 1 else Delta) @ basis
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > _SAME * values[-1])
    for start, end in zip(starts, [*starts[1:], len(values)], strict=True):
        rotation = np.eye(len(values))
        rotation[start:end, start:end] = np.linalg.eigh(turned[start:end, start:end])[1]
        turned = rotation.T @ turned @ rotation
        values[start:end] = values[start:end].mean()
    off = turned - np.diag(np.diagonal(turned))
    diagonal = np.abs(off).max() <= 64 * len(values) * np.finfo(float).eps * max(np.abs(turned).max(), 1.0)
    return values, np.diagonal(turned).copy() if diagonal else turned


def _one_neuron(gamma: Array, Delta: Array, sigma: Activation) -> float:
    """1 - E[v^2 / K] for one neuron, v = E[y sigma_c], K = E sigma_c^2, by three nodes in tau and quadrature in s.

    v^2 / K is a function of s and tau; as a function of tau it is replaced by the parabola through the Gauss nodes of
    mean and variance of tau, which errs at the sixth order of its fluctuation, for tau Gaussian.
    """
    moments = moments_of(gamma)
    s, one = moments.s, np.ones_like(moments.s)
    tau = mean_tilt(moments, Delta, one)
    # Nodes too near to one another drown in rounding; |tau| < 1 for every weight of a mixture.
    spread = max(sqrt(3 * max(mean_square_tilt(moments, Delta, one) - tau**2, 0.0)), _APART)
    spread = min(spread, 1 - abs(tau))
    low, middle, high = (_ratio(sigma, s, tau + k * spread) for k in (-1, 0, 1))
    slope, bend = (high - low) / (2 * spread), (high - 2 * middle + low) / (2 * spread**2)
    constant, linear = middle - slope * tau + bend * tau**2, slope - 2 * bend * tau
    return 1 - moments.scalar(constant) - mean_tilt(moments, Delta, linear) - mean_square_tilt(moments, Delta, bend)


def _ratio(sigma: Activation, s: Array, tau: float) -> Array:
    """v^2 / K at |w|^2 = s, w' Delta w = s tau."""
    lengths = [np.sqrt(s * (1 - side * tau)) for side in (1, -1)]
    plus, minus = (sigma.scaled_coefficients(r, 0)[0] for r in lengths)
    energy = sum(sigma.scaled_energy(r) for r in lengths) / 2
    return np.asarray(((plus - minus) / 2) ** 2 / energy)
