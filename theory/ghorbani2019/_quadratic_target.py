"""Letters that several statements about the quadratic target share: f*(x) = b0 + <x, Bx> with E f* = 0, x ~ N(0, I_d).

Risks are divided by ||f*||² = 2||B||_F² everywhere (the paper does so in Eq. 11 and 13 only).
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from lazy_assay.theory import Assumption, Auxiliary, Choice, Covariance, Integer, Parameter, Quantity, Real, Symmetric

Array = np.ndarray

rho = sp.Symbol("rho", positive=True)
d = sp.Symbol("d", integer=True, positive=True)
N = sp.Symbol("N", integer=True, positive=True)
B = sp.Symbol("B", commutative=False)
Gamma = sp.Symbol("Gamma", commutative=False)
sigma = sp.Symbol("sigma", commutative=False)
# Traces are scalars in the statements; each is a declared auxiliary symbol with its value.
trace_ratio = sp.Symbol("t", nonnegative=True)
overlap = sp.Symbol("q", nonnegative=True)
concentration = sp.Symbol("g", positive=True)

CONVENTION = (
    "Risks are divided by ‖f*‖² = 2‖B‖_F², so the trivial predictor has risk 1; a 1-d array stands for "
    "a diagonal matrix."
)

RHO = Parameter("rho", rho, "neurons per dimension, N/d", Real(low=0))
DIMENSION = Parameter("d", d, "input dimension", Integer(1))
NEURONS = Parameter("N", N, "number of neurons", Integer(1))
TARGET = Parameter("B", B, "matrix of the quadratic target f*", Symmetric(scale_free=True))
SEMIDEFINITE_TARGET = Parameter(
    "B", B, "matrix of the quadratic target f*, positive semidefinite", Symmetric(semidefinite=True, scale_free=True)
)
COVARIANCE = Parameter("Gamma", Gamma, "covariance of the first-layer weights", Covariance(along="B"))

RF_RISK = Quantity(
    symbol=sp.Symbol("R_RF"),
    meaning="population risk of random features over ‖f*‖²",
    units="share of ‖f*‖²",
    low=0,
    high=1,
    latex=r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}",
)
NT_RISK = Quantity(
    symbol=sp.Symbol("R_NT"),
    meaning="population risk of the neural tangent model over ‖f*‖²",
    units="share of ‖f*‖²",
    low=0,
    high=1,
    latex=r"\frac{R_{\mathrm{NT},N}(f_*)}{\|f_*\|_{L^2}^2}",
)
NN_RISK = Quantity(
    symbol=sp.Symbol("R_NN"),
    meaning="population risk of the trained network over ‖f*‖²",
    units="share of ‖f*‖²",
    low=0,
    high=1,
    latex=r"\frac{R_{\mathrm{NN},N}(f_*)}{\|f_*\|_{L^2}^2}",
)


def dense(matrix: Array) -> Array:
    """A 1-d array as the diagonal matrix that it stands for."""
    return np.diag(matrix) if matrix.ndim == 1 else matrix


def spectrum(matrix: Array) -> Array:
    """Eigenvalues of a symmetric matrix, largest first, shape (d,)."""
    return np.sort(matrix if matrix.ndim == 1 else np.linalg.eigvalsh(matrix))[::-1]


def trace(matrix: Array) -> float:
    """Tr(matrix)."""
    return float(matrix.sum() if matrix.ndim == 1 else np.trace(matrix))


def inner(first: Array, second: Array) -> float:
    """<first, second> = Tr(first·second), of symmetric matrices or diagonals."""
    if first.ndim == second.ndim:
        return float((first * second).sum())
    return float((np.diag(dense(first)) * np.diag(dense(second))).sum())


def isotropy(B: Array) -> float:
    """t = Tr(B)²/(d‖B‖_F²), in [0, 1]; one exactly for B ∝ I."""
    return trace(B) ** 2 / (len(B) * inner(B, B))


def aspect(d: int, N: int) -> dict[str, float]:
    """The published limit's rho at finite sizes: N/d."""
    return {"rho": N / d}


TRACE_RATIO = Auxiliary(
    symbol=trace_ratio,
    meaning="Tr(B)²/(d‖B‖_F²)",
    value=lambda B: isotropy(B),
    latex=r"\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}",
)
OVERLAP = Auxiliary(
    symbol=overlap,
    meaning="d⟨Γ,B⟩²/‖B‖_F²",
    value=lambda B, Gamma: len(B) * inner(Gamma, B) ** 2 / inner(B, B),
    latex=r"\frac{d\langle\Gamma,B\rangle^2}{\|B\|_F^2}",
)
CONCENTRATION = Auxiliary(
    symbol=concentration,
    meaning="d‖Γ‖_F²",
    value=lambda Gamma: len(Gamma) * inner(Gamma, Gamma),
    latex=r"d\|\Gamma\|_F^2",
)

# A2 asks for a constant C. Every covariance drawn here has ‖d·Gamma‖ ≤ 8; the allowances were calibrated on isotropic
# and linear spectra alone, where it is below 2.
A2_CONSTANT = 8.0
A2 = Assumption(
    name="A2",
    sentence="Tr(Γ) = 1 and ‖d·Γ‖_op ≤ C",
    holds=lambda Gamma: abs(trace(Gamma) - 1) < 1e-9 and len(Gamma) * spectrum(Gamma)[0] <= A2_CONSTANT,
    threshold=f"C = {A2_CONSTANT:g}",
)


def activation_parameter(options: tuple[str, ...]) -> Parameter:
    """The parameter `activation` with the names that a statement admits."""
    return Parameter("activation", sigma, "activation, centred: σ − E σ(G)", Choice(options))
