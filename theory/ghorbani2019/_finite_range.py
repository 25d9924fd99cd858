"""Where the finite-size predictions of Ghorbani et al. hold, and the absolute accuracy that they state there.

Random features. The expansion behind `_deterministic_equivalent` is in powers of 1/k, k = 1/||Gamma||_op (k = d for
Gamma = I/d): t_i = w_i^2 / |w|^2 has mean and fluctuation of order gamma_i <= 1/k, steps 1 to 3 keep what is of order
1/k, and what they drop (fourth cumulants, second-order fluctuations of the norm) is of order 1/k^2. One feature is
exact, and a second one errs by its share of that, so the error grows with (N - 1)/k until N is of order k, and no more:

    |E R - prediction| <= c min(1, (N - 1)/k) / k^2        (softplus, whose nonlinear part is small: c / k^1.5).

Mixture. With e = Tr(Gamma Delta^2), whitened, the mean square of the classes' difference as a weight sees it, 1 - R is
of order k e and the law's moments are right to first order in e and 1/k:

    |E R - prediction| <= c min(1, N/k) e (e + 1/k).

Tangent model. Free probability errs by O(1/d^2) of a_1 = O(d ||Delta||^4), the variance of a_0, O(||Delta||^4), by its
next order 1/d: |E R - prediction| <= c ||Delta||^4 / d.

The orders are derived as said and not proved. The constants are calibrated: largest |error| - 3 standard errors over
about 1,500 cells (sizes 4 to 50, spectra from flat to geometric, several B and Delta in each, N from 1 to past the
range) times 1.25, on streams that no check draws; benchmarks/calibrate_small_sizes.py draws such cells anew.
"""

from __future__ import annotations

import numpy as np

from lazy_assay.theory import Assumption, InvalidParameterError
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._exact_risks import spans
from lazy_assay.theory.ghorbani2019._mixture import congruent, roots, whitened
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, inner, spectrum

# From this k on, and for sigma other than x^2 - 1 up to N = k^2 (mixture: N = k^2 / 2, ||Delta|| = 3/4, every sigma).
SMALLEST_DIMENSION = 4.0
LARGEST_DIFFERENCE = 0.75
FEATURES = {"quadratic": 1.9, "relu": 1.15, "abs": 1.3, "hermite2_3": 1.4, "softplus": 0.45}
ORDERS = {"softplus": 1.5}
MIXTURE = {"quadratic": 0.36, "relu": 0.16, "abs": 0.54, "hermite2_3": 0.17, "softplus": 0.27}
TANGENT = 0.055
# d Gamma = I in floating point.
_ROUNDING = 1e-9


def features_allowance(d: int, N: int, Gamma: Array, activation: str) -> float:
    """Stated absolute accuracy of Theorem 1's finite form; 0 where it is exact, up to rounding."""
    if _known(N, Gamma, activation) or N == 1:
        return 0.0
    k = _dimension(Gamma)
    return float(FEATURES[activation] * min(1.0, (N - 1) / k) / k ** ORDERS.get(activation, 2.0))


def features_hold(d: int, N: int, Gamma: Array, activation: str) -> bool:
    """Whether Theorem 1's finite form is within `features_allowance`."""
    if _known(N, Gamma, activation) or N == 1:
        return True
    k = _dimension(Gamma)
    return k >= SMALLEST_DIMENSION and (activation == "quadratic" or k**2 >= N)


def mixture_allowance(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
    """Stated absolute accuracy of Theorem 4's finite form; 0 where it is exact, up to rounding."""
    if _known(N, Gamma, activation):
        return 0.0
    tilde, difference = congruent(roots(Sigma)[0], Gamma), whitened(Sigma, Delta)
    k, e = _dimension(tilde), inner(tilde, _square(difference))
    return MIXTURE[activation] * min(1.0, N / k) * e * (e + 1 / k)


def mixture_holds(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> bool:
    """Whether Theorem 4's finite form is within `mixture_allowance`."""
    try:
        difference = float(np.abs(spectrum(whitened(Sigma, Delta))).max())
        k = _dimension(congruent(roots(Sigma)[0], Gamma))
    except InvalidParameterError:
        # No mixture at all: the formula itself says why.
        return True
    small = difference <= LARGEST_DIFFERENCE * (1 + _ROUNDING)
    return N == 1 or _known(N, Gamma, activation) or (k >= SMALLEST_DIMENSION and k**2 / 2 >= N and small)


def tangent_allowance(d: int, N: int, Delta: Array) -> float:
    """Stated absolute accuracy of Theorem 5's finite form, at every d >= 2; exact for N >= d."""
    return 0.0 if d <= N else TANGENT * float(np.abs(spectrum(Delta)).max()) ** 4 / d


def _dimension(Gamma: Array) -> float:
    """k = 1/||Gamma||_op."""
    return (1 + _ROUNDING) / float(spectrum(Gamma)[0])


def _known(N: int, Gamma: Array, activation: str) -> bool:
    """Whether the risk is exact: sigma odd, or polynomial with features that span all they can."""
    values = spectrum(Gamma)
    rank = int((values > len(values) * np.finfo(float).eps * values[0]).sum())
    return ACTIVATIONS[activation].odd or spans(N, activation, rank)


def _square(matrix: Array) -> Array:
    return np.asarray(matrix**2 if matrix.ndim == 1 else matrix @ matrix)


EXACT = "odd σ and polynomial σ whose features span (x² − 1: N > d(d+1)/2) are exact at every size"
FEATURES_FROM = f"1/‖Γ‖_op ≥ {SMALLEST_DIMENSION:g} (Γ = I/d: d ≥ {SMALLEST_DIMENSION:g})"
MIXTURE_FROM = (
    f"k = 1/λ_max(ΓΣ) ≥ {SMALLEST_DIMENSION:g} (isotropic: d ≥ {SMALLEST_DIMENSION:g}), for N ≤ k²/2 and "
    f"‖Σ^(-1/2)ΔΣ^(-1/2)‖ ≤ {LARGEST_DIFFERENCE:g}, and at every size for N = 1"
)
QUADRATIC_RANGE = Assumption(
    name="finite size",
    sentence=f"the finite-size prediction holds from {FEATURES_FROM} on; N = 1 and N > d(d+1)/2 are exact",
    holds=lambda d, N, Gamma: features_hold(d, N, Gamma, "quadratic"),
    threshold="calibrated from there on",
    required=True,
)
FEATURES_RANGE = Assumption(
    name="finite size",
    sentence=f"the finite-size prediction holds from {FEATURES_FROM} on, for N ≤ 1/‖Γ‖_op² unless σ = x² − 1; N = 1, "
    + EXACT,
    holds=features_hold,
    threshold="calibrated from there on",
    required=True,
)
MIXTURE_RANGE = Assumption(
    name="finite size",
    sentence=f"the finite-size prediction holds from {MIXTURE_FROM}; {EXACT}",
    holds=mixture_holds,
    threshold="calibrated there",
    required=True,
)
ISOTROPIC_MIXTURE_RANGE = Assumption(
    name="finite size",
    sentence=f"the finite-size prediction holds from d ≥ {SMALLEST_DIMENSION:g} on, for N ≤ d²/2 and "
    f"‖Δ‖_op ≤ {LARGEST_DIFFERENCE:g}, and at every size for N = 1; N > d(d+1)/2 is exact",
    holds=lambda d, N, Delta: mixture_holds(d, N, np.ones(d), Delta, np.ones(d) / d, "quadratic"),
    threshold="calibrated there",
    required=True,
)
