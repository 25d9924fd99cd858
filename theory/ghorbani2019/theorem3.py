"""Theorem 3: one-pass SGD on the quadratic network reaches the best risk that N neurons can have.

    lim_{t→∞} lim_{ε→0} R_NN(ℓ = t/ε, ε) = inf L = 2 Σ_{i>N} λ_i(B)²,    B ⪰ 0, λ_1 ≥ λ_2 ≥ …

The infimum is Eckart–Young: L(W, c) = 2‖B − WWᵀ‖_F² + (Tr(B − WWᵀ) + b0 − c)², the offset kills the second term, and
WWᵀ is any positive semidefinite matrix of rank ≤ N. For an indefinite B the same argument leaves Σ over all but the
N largest positive eigenvalues: B ⪰ 0 is needed.

What a run leaves above the infimum, for the budget (all over ‖f*‖² = 2‖B‖²):

* Time. Near the minimiser the slowest direction that the risk sees has curvature μ, the least of 8(λ_N − λ_{N+1})
(mixing
  of a fitted with an unfitted eigenvector, from L'' = 8λ_i − 8λ_j along u_j v_iᵀ) and the least eigenvalue of
  diag(16λ_i, 0) + 2ggᵀ, g = (2√λ_i, 1) (radial directions and the offset). The risk closes like e^{−2μt} once near;
  a random start has overlap r with the right subspace, of bounded density at 0, so the mean gap is at most about Σ E
  min(1, e^{−2μt}/r²) ~ d e^{−μt}: `time_gap`.
* Step size. At the minimiser the stochastic gradient is g_W = −4 r x xᵀW, g_c = −2r with residual r = zᵀΛ₂z − Tr Λ₂
(z: the unfitted
  coordinates, Λ₂ their eigenvalues). The stationary covariance Σ of SGD solves HΣ + ΣH = ε S to leading order, so
  the excess is Tr(HΣ)/2 = (ε/4) Tr S (S vanishes on the flat rotations W → WO). Isserlis: E r² = 2s, s = Tr Λ₂²; E
  r²‖z‖² = s(2(d−N) + 8); E‖y‖²yᵀΛ₁y = (N+2)T, T = Tr Λ₁. Hence Tr S = s(32T(d+6) + 8), and over 2‖B‖² the floor is ε
  (s/‖B‖²)(4T(d+6) + 1): `noise_floor`. It is 0 for N ≥ d, where the residual vanishes.

Convention: divided by ‖f*‖². Source: Ghorbani et al. 2019, section 2.3, Theorem 3.
"""

import math

import numpy as np
import sympy as sp

from lazy_assay.theory import Assumption, Auxiliary, Claim, Decoy, Eq, Limit, Parameter, Source, Symmetric
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    CONVENTION,
    DIMENSION,
    NEURONS,
    NN_RISK,
    Array,
    B,
    N,
    d,
    inner,
    spectrum,
)

TARGET = Parameter("B", B, "matrix of the quadratic target f*", Symmetric(scale_free=True))
i = sp.Symbol("i", integer=True, nonnegative=True)
eigenvalues = letter("lambda", d, 1)
# Indices from 0: ‖B‖_F² = Σ λ_i², and what N of them leave.
norm, tail = (sp.Sum(eigenvalues[i, 0] ** 2, (i, first, d - 1)) for first in (0, N))
EIGENVALUES = Auxiliary(
    symbol=eigenvalues,
    meaning="eigenvalues of B, largest first",
    value=lambda B: spectrum(B)[:, None],
    latex=r"\lambda",
)


def infimum(N: int, B: Array) -> float:
    """Σ_{i>N} λ_i²/‖B‖²."""
    return float((spectrum(B)[N:] ** 2).sum() / inner(B, B))


def slowest_curvature(N: int, B: Array) -> float:
    """μ: the least curvature that the risk sees at its minimiser, in units of the gradient flow's rate."""
    values = spectrum(B)
    fitted = values[: min(N, len(values))]
    fitted = fitted[fitted > 0]
    g = np.append(2 * np.sqrt(fitted), 1.0)
    radial = np.linalg.eigvalsh(np.diag(np.append(16 * fitted, 0.0)) + 2 * np.outer(g, g))[0]
    mixing = [8 * (values[N - 1] - values[N])] if len(values) > N else []
    return float(min([radial, *mixing]))


def steepest_curvature(B: Array) -> float:
    """The largest curvature at any minimiser: gradient descent is stable below 2 over it."""
    values = np.maximum(spectrum(B), 0)
    g = np.append(2 * np.sqrt(values), 1.0)
    return float(np.linalg.eigvalsh(np.diag(np.append(16 * values, 0.0)) + 2 * np.outer(g, g))[-1])


def time_gap(d: int, N: int, B: Array, time: float) -> float:
    """Mean risk above the infimum after gradient-flow time t: d e^{−μt} (module docstring)."""
    return d * math.exp(-slowest_curvature(N, B) * time)


def noise_floor(d: int, N: int, B: Array, step_size: float) -> float:
    """Stationary excess risk of one-pass SGD at step size ε, to leading order in ε (module docstring)."""
    fitted = spectrum(B)[:N].sum()
    return step_size * infimum(N, B) * float(4 * fitted * (d + 6) + 1)


B_SEMIDEFINITE = Assumption(
    name="B ⪰ 0",
    sentence="the target's matrix is positive semidefinite (the second layer is fixed to 1)",
    holds=lambda B: spectrum(B)[-1] >= -1e-12 * abs(spectrum(B)[0]),
    required=True,
)
EIGENGAP = Assumption(
    name="eigengap",
    sentence="training time is finite: the N-th and the next eigenvalue differ",
    holds=lambda N, B: slowest_curvature(N, B) > 0,
    threshold="λ_N > λ_{N+1}; a check runs to a time that the gap sets",
)
CLAIM = Claim(
    module=__name__,
    title="One-pass SGD reaches the best quadratic network",
    source=Source(paper=PAPER, locator="section 2.3, Theorem 3"),
    convention=CONVENTION,
    parts=(
        Limit(
            sentence="Trained long enough with steps small enough, the network fits the N leading "
            "eigendirections of B.",
            quantity=NN_RISK,
            statement=Eq(NN_RISK.symbol, tail / norm),
            latex=r"\frac{R_{\mathrm{NN},N}(f_*)}{\|f_*\|_{L^2}^2}=\frac{\sum_{i=N+1}^{d}\lambda_i(B)^2}{\|B\|_F^2}",
            parameters=(DIMENSION, NEURONS, TARGET),
            auxiliary=(EIGENVALUES,),
            assumptions=(B_SEMIDEFINITE, EIGENGAP),
            published=infimum,
            finite=infimum,
            decoys=(
                Decoy(name="one neuron fewer", sentence="the sum from i = N", published=lambda N, B: infimum(N - 1, B)),
                Decoy(
                    name="eigenvalues not squared",
                    sentence="Σ_{i>N} λ_i / Σ λ_i",
                    published=lambda N, B: float(spectrum(B)[N:].sum() / spectrum(B).sum()),
                ),
            ),
        ),
    ),
)
