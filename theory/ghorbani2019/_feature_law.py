"""First and second moments of one normalised random feature, degree by degree: what the finite-size risk is made of.

A neuron sigma_c(<w, x>), w ~ N(0, Gamma), has in degree k of the Hermite expansion in x the component mu_k(r)
theta^(x k), where r = |w| and theta = w / r, of norm |mu_k(r)|. Dividing a feature by a number n(w) leaves the span
alone; n is chosen so that the norm no longer fluctuates: nu_k = mu_k / n with n^2 = E sigma_c(r G)^2, or n = mu_2 for
x^2 - 1, which makes the degree-2 part have trace exactly 1 and shows the true rank. In Gamma's eigenbasis, t_i =
theta_i^2:

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
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from theory.ghorbani2019._activations import ACTIVATIONS, Activation
from theory.ghorbani2019._gaussian_ratio_moments import gaussian_ratio_moments, isotropic_radius

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
    one_neuron: Array  # E[(mu_2 / n)^2 t_i t_j] with n^2 = E sigma_c(r G)^2, (d, d); isotropic: without t_i t_j, (1, 1)
    unit_norm: bool  # whether sum_k nu_k^2 = 1

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


def diagonal_law(gamma: Array, activation: str) -> FeatureLaw:
    """The law for Gamma = diag(gamma), gamma >= 0 of shape (d,) and sum 1; cached. K = d + 2, L = d, P = d(d-1)/2."""
    return _diagonal(np.ascontiguousarray(gamma, dtype=np.float64).tobytes(), activation)


@lru_cache(maxsize=32)
def _diagonal(key: bytes, activation: str) -> FeatureLaw:
    gamma, sigma = np.frombuffer(key), ACTIVATIONS[activation]
    moments = gaussian_ratio_moments(gamma)
    s = moments.s
    p2, p4 = float((gamma**2).sum()), float((gamma**4).sum())
    c3, c4 = sqrt(3 * p2 / (1 + 2 * p2)), p2 / sqrt(p2**2 / 3 + 2 * p4 / 3) * p2
    nu = _normalised(sigma, s)
    # Every coordinate and energy is f(s) t_i or f(s): rows (f, whether t_i multiplies it).
    functions = ((nu[2], True), (nu[0], False), (c4 * nu[4], False))
    energies = tuple((nu[k] ** 2, k in (1, 2)) for k in (1, 2, 0, 3))

    def mean(f: Array, with_t: bool) -> Array:
        return moments.first(f / s) if with_t else np.array([moments.scalar(f)])

    def product(f: Array, f_t: bool, g: Array, g_t: bool) -> Array:
        if f_t and g_t:
            return moments.second(f * g / s**2)
        if f_t or g_t:
            row = moments.first(f * g / s)
            return row[:, None] if f_t else row[None, :]
        return np.array([[moments.scalar(f * g)]])

    def covariance(left: _Rows, right: _Rows) -> Array:
        table = np.block([[product(*f, *g) for g in right] for f in left])
        means = [np.concatenate([mean(*f) for f in rows]) for rows in (left, right)]
        return np.asarray(table - np.outer(*means))

    second = moments.second(nu[2] ** 2 / s**2)
    upper = np.triu_indices(len(gamma), 1)
    cross = c3 * moments.first(nu[1] * nu[3] / s)
    degree1 = np.array([[moments.first(nu[1] ** 2 / s), cross], [cross, c3**2 * moments.first(nu[3] ** 2 / s)]])
    block, axes = _eigen(covariance(functions, functions))
    dimension3 = _dimension3(1 / p2)
    energy3 = (1 - c3**2) * moments.scalar(nu[3] ** 2)
    block_mean = np.concatenate([mean(*f) for f in functions])
    pairs = 2 * second[upper]
    spent = block.sum() + block_mean @ block_mean + pairs.sum() + np.trace(degree1).sum() + energy3
    return FeatureLaw(
        p2=p2,
        mean=block_mean,
        axes=axes,
        block=block,
        pairs=pairs,
        pair_multiplicity=np.ones_like(pairs),
        degree1=np.moveaxis(degree1, 2, 0),
        degree1_multiplicity=np.ones_like(gamma),
        overlap=gamma**2,
        degree3=energy3 / dimension3,
        degree3_multiplicity=dimension3,
        energies=(moments.scalar(nu[1] ** 2), moments.scalar(nu[2] ** 2)),
        rest=_rest(sigma, 1 - float(spent)),
        energy_with_block=covariance(functions, energies),
        energy_covariance=covariance(energies, energies),
        degree2=2 * second - np.diag(4 / 3 * np.diagonal(second)),
        share=moments.first(1 / s),
        one_neuron=moments.second(_one_neuron(sigma, s) / s**2),
        unit_norm=not _shows_its_rank(sigma),
    )


@lru_cache(maxsize=32)
def isotropic_law(d: int, activation: str) -> FeatureLaw:
    """The law for Gamma = I/d, at a cost that does not grow with d. K = 3 (Tr of degree 2 over sqrt d), L = P = 1."""
    s, weights = isotropic_radius(d)
    sigma = ACTIVATIONS[activation]
    c3, c4 = sqrt(3 / (d + 2)), sqrt(3 / (d * (d + 2)))
    nu = _normalised(sigma, s)
    functions = np.stack([nu[2] / sqrt(d), nu[0], c4 * nu[4]])
    energies = nu[[1, 2, 0, 3]] ** 2
    block_mean, energy_mean = functions @ weights, energies @ weights
    centred, centred_energies = functions - block_mean[:, None], energies - energy_mean[:, None]
    block, axes = _eigen((centred * weights) @ centred.T)
    cross = c3 * float(nu[1] * nu[3] @ weights)
    degree1 = np.array([[energy_mean[0], cross], [cross, c3**2 * energy_mean[3]]]) / d
    pairs = 2 * energy_mean[1] / (d * (d + 2))
    pair_multiplicity = (d - 1) * (d + 2) / 2
    dimension3 = _dimension3(d)
    energy3 = (1 - c3**2) * energy_mean[3]
    spent = block.sum() + block_mean @ block_mean + pairs * pair_multiplicity + d * np.trace(degree1) + energy3
    return FeatureLaw(
        p2=1 / d,
        mean=block_mean,
        axes=axes,
        block=block,
        pairs=np.array([pairs]),
        pair_multiplicity=np.array([pair_multiplicity]),
        degree1=degree1[None],
        degree1_multiplicity=np.array([float(d)]),
        overlap=np.array([1 / d]),
        degree3=energy3 / dimension3,
        degree3_multiplicity=dimension3,
        energies=(float(energy_mean[0]), float(energy_mean[1])),
        rest=_rest(sigma, 1 - float(spent)),
        energy_with_block=(centred * weights) @ centred_energies.T,
        energy_covariance=(centred_energies * weights) @ centred_energies.T,
        degree2=np.array([[pairs]]),
        share=np.ones(1),
        one_neuron=np.array([[float(_one_neuron(sigma, s) @ weights)]]),
        unit_norm=not _shows_its_rank(sigma),
    )


_Rows = tuple[tuple[Array, bool], ...]


def _normalised(sigma: Activation, s: Array) -> Array:
    """nu_0 .. nu_4 at |w|^2 = s, shape (5, len(s))."""
    r = np.sqrt(s)
    mu = sigma.scaled_coefficients(r, 4)
    return mu / (mu[2] if _shows_its_rank(sigma) else np.sqrt(sigma.scaled_energy(r)))


def _shows_its_rank(sigma: Activation) -> bool:
    """Whether sigma is x^2 - 1: then n = mu_2, and N features exhaust degree 2 exactly when they should."""
    return sigma.name == "quadratic"


def _one_neuron(sigma: Activation, s: Array) -> Array:
    r = np.sqrt(s)
    return np.asarray(sigma.scaled_coefficients(r, 2)[2] ** 2 / sigma.scaled_energy(r))


def _dimension3(k: float) -> float:
    return k * (k + 1) * (k + 2) / 6 - k


def _rest(sigma: Activation, remainder: float) -> float:
    """A polynomial sigma of degree <= 3 has no energy left; what arithmetic leaves would hide its rank."""
    return 0.0 if sigma.polynomial else max(remainder, 0.0)


def _eigen(covariance: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors; below the moments' own accuracy, 1e-12 of the largest, an eigenvalue is zero."""
    values, axes = np.linalg.eigh(covariance)
    return np.where(values > 1e-12 * values[-1], values, 0.0), axes
