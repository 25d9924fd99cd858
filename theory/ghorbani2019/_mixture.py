"""Letters that the statements about the mixture share: y = ±1 with equal odds, x | y ~ N(0, Σ − yΔ), predicted by
squared loss.

Σ⁽¹⁾ = Σ − Δ belongs to y = +1 and Σ⁽²⁾ = Σ + Δ to y = −1. The trivial predictor 0 has risk 1. The model exists where Σ
± Δ ⪰ 0. Whitening, x = Σ^{1/2}z, turns it into Σ = I with Δ̃ = Σ^{-1/2}ΔΣ^{-1/2}, |δ̃| ≤ 1, and weights w into
Σ^{1/2}w, of covariance Σ^{1/2}ΓΣ^{1/2}.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Covariance,
    Domain,
    InvalidParameterError,
    Neurons,
    Parameter,
    Quantity,
    Relation,
)
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, dense, inner, spectrum, trace
from lazy_assay.theory.ghorbani2019._spectra import CovarianceDifference, MeanCovariance

Sigma = sp.Symbol("Sigma", commutative=False)
Delta = sp.Symbol("Delta", commutative=False)
Gamma = sp.Symbol("Gamma", commutative=False)
# Traces are scalars in the statements; each is a declared auxiliary symbol with its value.
zeta_1 = sp.Symbol("zeta_1", positive=True)
zeta_2 = sp.Symbol("zeta_2", nonnegative=True)
energy = sp.Symbol("D_2", positive=True)
trace_ratio = sp.Symbol("t", nonnegative=True)

CONVENTION = (
    "Risk of predicting y = ±1 by squared loss, so the trivial predictor has risk 1; Σ(1) = Σ − Δ is the class y = +1."
)

SIGMA = Parameter("Sigma", Sigma, "mean of the two classes' covariances", MeanCovariance())
DELTA = Parameter(
    "Delta",
    Delta,
    "half the difference of the classes' covariances, Σ(2) − Σ(1)",
    CovarianceDifference(),
)
GAMMA = Parameter("Gamma", Gamma, "covariance of the first-layer weights", Covariance(trace=None))
# As B2 asks: the scale of Γ is fixed by the trace of what the features see, the weights Σ^{1/2}w.
NORMALISED = Relation(
    name="normalised",
    sentence="Tr(ΓΣ) = 1",
    parameter="Gamma",
    value=lambda Gamma, Sigma: Gamma / float((dense(Gamma) * dense(Sigma)).sum()),
)
# What simulations of the mixture take, by name.
CLASSES: Mapping[str, Domain] = {parameter.name: parameter.domain for parameter in (SIGMA, DELTA, GAMMA)}
WEIGHTS = Parameter(
    "W", sp.Symbol("W", commutative=False), "first-layer weights, one column a neuron, (d, N)", Neurons("d", "N")
)

UNITS = "share of E y² = 1"
RF_RISK = Quantity(
    symbol=sp.Symbol("R_RF"),
    meaning="population risk of random features on the mixture",
    units=UNITS,
    low=0,
    high=1,
    latex=r"R_{\mathrm{RF},N}(\mathbb{P}_{\Sigma,\Delta})",
)
NT_RISK = Quantity(
    symbol=sp.Symbol("R_NT"),
    meaning="population risk of the neural tangent model on the mixture",
    units=UNITS,
    low=0,
    high=1,
    latex=r"R_{\mathrm{NT},N}(\mathbb{P}_{\Sigma,\Delta})",
)
NN_RISK = Quantity(
    symbol=sp.Symbol("R_NN"),
    meaning="least population risk of a network on the mixture",
    units=UNITS,
    low=0,
    high=1,
    latex=r"R_{\mathrm{NN},N}(\mathbb{P}_{\Sigma,\Delta})",
)

# M1, M2 and B2 ask for constants. The configurations drawn here lie well inside; the allowances were calibrated there.
M1_CONSTANTS = (0.1, 10.0)
M2_CONSTANTS = (0.25, 4.0)
B2_CONSTANT = 8.0
SLACK = 1e-9


def roots(matrix: Array) -> tuple[Array, Array]:
    """A^{1/2} and A^{-1/2}, symmetric, (d, d) or (d,). Raises InvalidParameterError for a singular Σ."""
    values, basis = (matrix, None) if matrix.ndim == 1 else np.linalg.eigh(matrix)
    if values.min() <= len(values) * np.finfo(float).eps * values.max():
        raise InvalidParameterError(f"Sigma must be positive definite, smallest eigenvalue {values.min():.3g}")
    if basis is None:
        return np.sqrt(values), 1 / np.sqrt(values)
    return np.asarray((basis * np.sqrt(values)) @ basis.T), np.asarray((basis / np.sqrt(values)) @ basis.T)


def congruent(factor: Array, matrix: Array) -> Array:
    """factor·matrix·factor for symmetric matrices; diagonal where both are."""
    if factor.ndim == matrix.ndim == 1:
        return np.asarray(factor * matrix * factor)
    left = dense(factor)
    product = left @ dense(matrix) @ left
    return np.asarray((product + product.T) / 2)


def whitened(Sigma: Array, Delta: Array) -> Array:
    """Δ̃ = Σ^{-1/2}ΔΣ^{-1/2}. Raises InvalidParameterError for what is no mixture: Σ singular or Σ ± Δ not ⪰ 0."""
    tilde = congruent(roots(Sigma)[1], Delta)
    largest = float(np.abs(spectrum(tilde)).max())
    if largest > 1 + SLACK:
        raise InvalidParameterError(
            f"Delta leaves no mixture: Sigma ± Delta must be positive semidefinite, "
            f"and ‖Σ^(-1/2)ΔΣ^(-1/2)‖ = {largest:.4g} is above 1"
        )
    return tilde


def whitened_weights(Sigma: Array, Gamma: Array) -> Array:
    """Σ^{1/2}ΓΣ^{1/2}. Raises InvalidParameterError where its trace, Tr(ΓΣ), is not 1 (B2)."""
    if abs(inner(Gamma, Sigma) - 1) > SLACK:
        raise InvalidParameterError(
            f"Gamma must have Tr(Gamma Sigma) = 1, got {inner(Gamma, Sigma):.6g}; divide it by that"
        )
    return congruent(roots(Sigma)[0], Gamma)


def strengths(Sigma: Array, Delta: Array) -> Array:
    """The singular values of Δ̃, largest first."""
    return np.sort(np.abs(spectrum(whitened(Sigma, Delta))))[::-1]


def isotropy(Delta: Array) -> float:
    """t = Tr(Δ)²/(d‖Δ‖_F²), in [0, 1]."""
    scaled = Delta / np.abs(Delta).max()
    return trace(scaled) ** 2 / (len(Delta) * inner(scaled, scaled))


def zeta1(Sigma: Array, Gamma: Array) -> float:
    """d·Tr(ΣΓΣΓ)/2."""
    tilde = whitened_weights(Sigma, Gamma)
    return len(Sigma) * inner(tilde, tilde) / 2


def zeta2(Delta: Array, Gamma: Array) -> float:
    """d·Tr(ΔΓ)²/4."""
    return len(Delta) * inner(Delta, Gamma) ** 2 / 4


def _exists(Sigma: Array, Delta: Array) -> bool:
    values = spectrum(Sigma)
    low = min(spectrum(dense(Sigma) + sign * dense(Delta))[-1] for sign in (1, -1))
    return bool(values[-1] > 0 and low >= -SLACK * values[0])


def _bounded(Sigma: Array) -> bool:
    values = spectrum(Sigma)
    return bool(M1_CONSTANTS[0] <= values[-1] and values[0] <= M1_CONSTANTS[1])


def _scaled(Delta: Array) -> bool:
    return bool(M2_CONSTANTS[0] <= len(Delta) ** 0.5 * np.abs(spectrum(Delta)).max() <= M2_CONSTANTS[1])


ZETA_1 = Auxiliary(symbol=zeta_1, meaning="ζ₁ = d·Tr(ΣΓΣΓ)/2", value=zeta1, latex=r"\zeta_1(d)")
ZETA_2 = Auxiliary(symbol=zeta_2, meaning="ζ₂ = d·Tr(ΔΓ)²/4", value=zeta2, latex=r"\zeta_2(d)")
ENERGY = Auxiliary(symbol=energy, meaning="‖Δ‖_F²", value=lambda Delta: inner(Delta, Delta), latex=r"\|\Delta\|_F^2")
TRACE_RATIO = Auxiliary(
    symbol=trace_ratio,
    meaning="Tr(Δ)²/(d‖Δ‖_F²)",
    value=lambda Delta: isotropy(Delta),
    latex=r"\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}",
)

EXISTS = Assumption(name="mg", sentence="the two covariances Σ ± Δ are positive semidefinite, Σ regular", holds=_exists)
POSSIBLE = Assumption(
    name="mg",
    sentence="the two covariances I ± Δ are positive semidefinite",
    holds=lambda Delta: _exists(np.ones(len(Delta)), Delta),
    required=True,
)
M1 = Assumption(
    name="M1", sentence="c₁I ⪯ Σ ⪯ c₂I", holds=_bounded, threshold=f"c₁ = {M1_CONSTANTS[0]:g}, c₂ = {M1_CONSTANTS[1]:g}"
)
M2 = Assumption(
    name="M2", sentence="‖Δ‖_op = Θ(1/√d)", holds=_scaled,
    threshold=f"{M2_CONSTANTS[0]:g} ≤ √d‖Δ‖_op ≤ {M2_CONSTANTS[1]:g}",
)  # fmt: skip
B2 = Assumption(
    name="B2",
    sentence="Tr(ΓΣ) = 1 and ‖d·Γ‖_op ≤ C",
    holds=lambda Sigma, Gamma: abs(inner(Gamma, Sigma) - 1) <= SLACK and len(Gamma) * spectrum(Gamma)[0] <= B2_CONSTANT,
    threshold=f"C = {B2_CONSTANT:g}",
)
