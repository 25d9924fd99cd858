"""The law of a feature for a diagonal Gamma: the moments of `_feature_law`, direction by direction."""

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
from lazy_assay.theory.ghorbani2019._gaussian_ratio_moments import gaussian_ratio_moments

Array = NDArray[np.float64]

# Rows of coordinates or energies, each f(s) t_i (True: one for every i) or f(s).
_Rows = tuple[tuple[Array, bool], ...]


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
    nu = normalised_coefficients(sigma, s)
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
    block, axes = eigen(covariance(functions, functions))
    dimension3 = remaining_dimension3(1 / p2)
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
        rest=remaining_energy(sigma, 1 - float(spent)),
        energy_with_block=covariance(functions, energies),
        energy_covariance=covariance(energies, energies),
        degree2=2 * second - np.diag(4 / 3 * np.diagonal(second)),
        share=moments.first(1 / s),
    )
