"""The law of a feature for Gamma = I/d: exchangeable directions are grouped, all else is a mean over |w| alone."""

from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._feature_law import (
    FeatureLaw,
    eigen,
    normalised_coefficients,
    remaining_dimension3,
    remaining_energy,
)
from lazy_assay.theory.ghorbani2019._gaussian_ratio_moments import isotropic_radius

Array = NDArray[np.float64]


@lru_cache(maxsize=32)
def isotropic_law(d: int, activation: str) -> FeatureLaw:
    """The law for Gamma = I/d, at a cost that does not grow with d. K = 3 (Tr of degree 2 over sqrt d), L = P = 1."""
    s, weights = isotropic_radius(d)
    sigma = ACTIVATIONS[activation]
    c3, c4 = sqrt(3 / (d + 2)), sqrt(3 / (d * (d + 2)))
    nu = normalised_coefficients(sigma, s)
    functions = np.stack([nu[2] / sqrt(d), nu[0], c4 * nu[4]])
    energies = nu[[1, 2, 0, 3]] ** 2
    block_mean, energy_mean = functions @ weights, energies @ weights
    centred, centred_energies = functions - block_mean[:, None], energies - energy_mean[:, None]
    block, axes = eigen((centred * weights) @ centred.T)
    cross = c3 * float(nu[1] * nu[3] @ weights)
    degree1 = np.array([[energy_mean[0], cross], [cross, c3**2 * energy_mean[3]]]) / d
    pairs = 2 * energy_mean[1] / (d * (d + 2))
    pair_multiplicity = (d - 1) * (d + 2) / 2
    dimension3 = remaining_dimension3(d)
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
        rest=remaining_energy(sigma, 1 - float(spent)),
        energy_with_block=(centred * weights) @ centred_energies.T,
        energy_covariance=(centred_energies * weights) @ centred_energies.T,
        degree2=np.array([[pairs]]),
        share=np.ones(1),
    )
