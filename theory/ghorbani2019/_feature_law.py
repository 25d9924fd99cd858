"""First and second moments of one normalised random feature, degree by degree: what the finite-size risk is made of.

A neuron sigma_c(<w, x>), w ~ N(0, Gamma), has in degree k of the Hermite expansion in x the component mu_k(r)
theta^(x k), where r = |w| and theta = w / r, of norm |mu_k(r)|. Dividing a feature by a number n(w) leaves the span
alone; n is chosen so that the norm no longer fluctuates: nu_k = mu_k / n with n^2 = E sigma_c(r G)^2. (Not n = mu_2 for
x^2 - 1, though that shows the degree-2 part of trace 1: it makes the constant (1 - 1/s) / sqrt2, s = |w|^2, whose mean
and variance diverge at d = 2 and d = 4, and mislead until d = 16.) In Gamma's eigenbasis, t_i = theta_i^2:

* the block: nu_2 t_i (i <= d), nu_0, and c4 nu_4, the degree-4 part along sym(Gamma x Gamma): all that has a mean;
* the pairs i < j: sqrt2 nu_2 theta_i theta_j, uncorrelated with everything (flip the sign of w_i);
* degree 1, for each i: nu_1 theta_i and c3 nu_3 theta_i, the degree-3 part along sym(Gamma x theta), a 2 x 2
  covariance;
* the rest of degree 3, its energy spread evenly, and the remaining energy, in so many dimensions that each is
  negligible.

c3 and c4 are exact for isotropic Gamma and leading-order otherwise; that the rest of degree 3 is spread evenly over
k(k+1)(k+2)/6 - k dimensions, k = 1 / Tr(Gamma^2), is exact for isotropic Gamma and heuristic otherwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import Activation

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureLaw:
    """Moments of a normalised feature: K block coordinates, L directions, P pairs (or groups of exchangeable ones).

    The energies behind phi' Q phi are nu_1^2 t_i and nu_2^2 t_i, one for each direction, nu_0^2 and nu_3^2:
    `energy_with_block` is their covariance with the block coordinates, `energy_covariance` the one among themselves.
    """

    p2: float
    mean: Array  # (K,)
    axes: Array  # (K, K): eigenvectors of the block's covariance, in columns
    block: Array  # (K,): its eigenvalues
    pairs: Array  # (P,)
    pair_multiplicity: Array  # (P,)
    degree1: Array  # (L, 2, 2)
    degree1_multiplicity: Array  # (L,)
    overlap: Array  # (L,): gamma_i^2, times the multiplicity
    degree3: float  # the eigenvalue in the rest of degree 3, of multiplicity
    degree3_multiplicity: float
    energies: tuple[float, float]  # E nu_1^2, E nu_2^2
    rest: float
    degree2: Array  # (L, L): the eigenvalue of theta_i theta_j in degree 2, i = j included
    share: Array  # (L,): E t_i
    energy_with_block: Array  # (K, 2L+2)
    energy_covariance: Array  # (2L+2, 2L+2)

    def eigenvalues(self) -> tuple[Array, Array]:
        """All eigenvalues of the covariance but the rest's, and their multiplicities."""
        small, large = np.linalg.eigvalsh(self.degree1).T
        values = [self.block, self.pairs, np.maximum(small, 0.0), large, np.array([self.degree3])]
        degree1, degree3 = self.degree1_multiplicity, np.array([self.degree3_multiplicity])
        counts = [np.ones_like(self.block), self.pair_multiplicity, degree1, degree1, degree3]
        return np.concatenate(values), np.concatenate(counts)

    @property
    def rank(self) -> float:
        """The rank of the covariance; infinite where there is a rest."""
        values, multiplicities = self.eigenvalues()
        return np.inf if self.rest > 0 else float(multiplicities[values > 0].sum())


def normalised_coefficients(sigma: Activation, s: Array) -> Array:
    """nu_0 .. nu_4 at |w|^2 = s, shape (5, len(s))."""
    r = np.sqrt(s)
    mu = sigma.scaled_coefficients(r, 4)
    return np.asarray(mu / np.sqrt(sigma.scaled_energy(r)))


def remaining_dimension3(k: float) -> float:
    """The dimension of the symmetric 3-tensors over k dimensions, less those along sym(Gamma x theta)."""
    return k * (k + 1) * (k + 2) / 6 - k


def remaining_energy(sigma: Activation, remainder: float) -> float:
    """A polynomial sigma of degree <= 3 has no energy left; what arithmetic leaves would hide its rank."""
    return 0.0 if sigma.polynomial else max(remainder, 0.0)


def eigen(covariance: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors; below the moments' own accuracy, 1e-12 of the largest, an eigenvalue is zero."""
    values, axes = np.linalg.eigh(covariance)
    return np.where(values > 1e-12 * values[-1], values, 0.0), axes
