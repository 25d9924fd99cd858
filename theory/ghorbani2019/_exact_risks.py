"""Where the random-features risk at finite d and N is known exactly: odd sigma, one neuron, features that span.

All for weights w ~ N(0, diag(gamma)) with every gamma_i > 0; `gamma` has shape (k,).
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS, Activation
from lazy_assay.theory.ghorbani2019._gaussian_ratio_moments import gaussian_ratio_moments, isotropic_radius

Array = NDArray[np.float64]


def span_dimension(activation: str, k: int) -> int | None:
    """How many generic features span all functions that features with weights in k dimensions can; None if no number
    does.

    The features are <a, monomials of w>, for the monomials of all degrees that occur in sigma(<w, x>) as a polynomial
    in w.
    """
    sigma = ACTIVATIONS[activation]
    if not sigma.polynomial:
        return None
    return sum(comb(k + degree - 1, degree) for degree in _degrees(sigma))


def spans(N: int, activation: str, k: int) -> bool:
    """Whether N features with weights in k dimensions almost surely span every quadratic function of mean zero."""
    span = span_dimension(activation, k)
    return span is not None and span <= N


def one_neuron(gamma: Array, target: Array, activation: str) -> float:
    """E R |b|^2 / |b|^2 for N = 1: 1 - E v^2 / K, v = sqrt2 mu_2 theta' B theta and K = E sigma_c(r G)^2.

    v^2 / K is a function of |w| times (theta' B theta)^2: quadrature for the one, moments of theta for the other.
    """
    moments = gaussian_ratio_moments(gamma)
    share, diagonal = moments.second(_degree2_share(activation, moments.s) / moments.s**2), np.diagonal(target)
    off_diagonal = target - np.diag(diagonal)
    learned = diagonal @ share @ diagonal + 2 * (share * off_diagonal**2).sum()
    return 1 - float(learned) / float((target**2).sum())


def one_isotropic_neuron(d: int, trace_ratio: float, activation: str) -> float:
    """`one_neuron` for gamma = 1/d; trace_ratio = Tr(B)^2 / (d |B|_F^2)."""
    s, weights = isotropic_radius(d)
    return 1 - float(_degree2_share(activation, s) @ weights) * (d * trace_ratio + 2) / (d * (d + 2))


def _degree2_share(activation: str, s: Array) -> Array:
    """mu_2^2 / E sigma_c(r G)^2 at |w|^2 = s: the share of degree 2 in a neuron."""
    sigma, r = ACTIVATIONS[activation], np.sqrt(s)
    return np.asarray(sigma.scaled_coefficients(r, 2)[2] ** 2 / sigma.scaled_energy(r))


def _degrees(sigma: Activation) -> list[int]:
    return [int(monomial[0]) for monomial in sigma.expression.as_poly().monoms()]
