"""What a feature of one length looks like under the mixture, degree by degree, with both classes taken together.

A neuron of |w|^2 = s sees Gaussians of variances s (1 -+ tau) in the classes y = +-1, tau = w' Delta w / s.
`_mixture_feature_law` says which coordinates these amplitudes multiply.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import Activation

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Amplitudes:
    """A feature's components at the nodes s, tau at its mean or mean square: what multiplies theta in each degree."""

    value: Array  # of y at the mean tau
    slope: Array  # d y / d tau
    constant: Array
    constant_slope: Array
    degree: dict[int, Array]  # 1 to 4: root mean square over the classes, with sign
    skew: dict[int, float]  # r1, r2


def amplitudes(sigma: Activation, s: Array, tau: float, size: float) -> Amplitudes:
    """Components of sigma at |w|^2 = s, divided by the feature's norm; tau: its mean, size: its root mean square."""
    spread = max(sqrt(max(size**2 - tau**2, 0.0)), 1e-3 * size)
    (y_low, constant_low), (y_high, constant_high) = (_halves(sigma, s, tau + k * spread) for k in (-1, 1))
    (_, plus), (_, minus) = _by_class(sigma, s, size)
    norm, degree, skew, near = _norm(sigma, s, size), {}, {}, int(np.abs(s - 1).argmin())
    for k in (1, 2, 3, 4):
        # (1 -+ tau)^(k / 2) is what the metric restores.
        sides = [mu[k] / (1 - side * size) ** (k / 2 if k < 3 else 0) for side, mu in ((1, plus), (-1, minus))]
        total = sides[0] ** 2 + sides[1] ** 2
        degree[k] = np.sign(sides[0] + sides[1]) * np.sqrt(total / 2) / norm
        odd = (sides[1] ** 2 - sides[0] ** 2)[near]
        skew[k] = float(odd / total[near]) * tau / size if total[near] > 0 and size > 0 else 0.0
    return Amplitudes(
        value=(y_low + y_high) / 2,
        slope=(y_high - y_low) / (2 * spread),
        constant=(constant_low + constant_high) / 2,
        constant_slope=(constant_high - constant_low) / (2 * spread),
        degree=degree,
        skew=skew,
    )


def _halves(sigma: Activation, s: Array, tau: float) -> tuple[Array, Array]:
    """The coordinates y and constant at this tau: half the difference and half the sum of the classes' means."""
    (_, plus), (_, minus) = _by_class(sigma, s, tau)
    norm = 2 * _norm(sigma, s, tau)
    return (plus[0] - minus[0]) / norm, (plus[0] + minus[0]) / norm


def _norm(sigma: Activation, s: Array, tau: float) -> Array:
    """What features are divided by: the root mean square over both classes."""
    return np.asarray(np.sqrt(sum(sigma.scaled_energy(r) for r, _ in _by_class(sigma, s, tau)) / 2))


def _by_class(sigma: Activation, s: Array, tau: float) -> list[tuple[Array, Array]]:
    """The length of w as seen in each class, and mu_0 .. mu_4 there."""
    lengths = [np.sqrt(s * (1 - side * tau)) for side in (1, -1)]
    return [(r, sigma.scaled_coefficients(r, 4)) for r in lengths]
