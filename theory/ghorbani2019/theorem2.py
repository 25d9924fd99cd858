"""Theorem 2: the risk of the neural tangent model with quadratic activation and isotropic weights.

    E[R_NT] → (1−ρ)₊² (1 − t) + (1−ρ)₊ t,    t = Tr(B)²/(d‖B‖_F²),    as N, d → ∞ with N/d → ρ.

Three parts. `limit` is the theorem with its exact finite-size mean. `every_weight` is what lies behind it: for every W,
R_NT(W) = ‖P⊥BP⊥‖_F²/‖B‖_F² with P⊥ the projection orthogonal to span(W). `cauchy_schwarz` is the remark below the
theorem: E[R_NT] ≤ (1−ρ)₊, with equality at B ∝ I.

Every W. With σ(x) = x² the class is {c + <x, Ax> : A = Σ (w_i a_iᵀ + a_i w_iᵀ)}, and the A that it reaches are those
with P⊥AP⊥ = 0. For Gaussian x the centred forms <x,Ax> − Tr A have inner product 2<A, A'>, so the best A is B −
P⊥BP⊥ and what is left is 2‖P⊥BP⊥‖_F².

The mean, exactly, at every N and d ≥ 2. P⊥ is a uniformly random projection of rank k = (d−N)₊, so E[P_ij P_kl P_mn
P_pq]-type moments are Haar integrals. Write E‖PBP‖² = E Tr(PBPB) = a ‖B‖² + b (‖B‖² + Tr(B)²): by invariance E[P_ab
P_cd] = α δ_ab δ_cd + β (δ_ac δ_bd + δ_ad δ_bc), and Tr(PBPB) = Σ P_ab B_bc P_cd B_da contracts to α‖B‖² + β(‖B‖² +
Tr(B)²). Contracting the moment with δ_ab δ_cd and with δ_ac δ_bd gives α d² + 2βd = k² and α d + β(d² + d) = k, so β
= k(d−k)/(d(d+2)(d−1)) and α = k/d − β(d+1); for k = d, 0 both limits are right.

The 1/d coefficient. With k = d(1−ρ): β = ρ(1−ρ)/d + O(1/d²), so E[R] − limit = ρ(1−ρ)(1−t)/d + O(1/d²).

Convention: divided by ‖f*‖² = 2‖B‖_F². Source: Ghorbani et al. 2019, section 2.2, Theorem 2 and the paragraph after it.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Bound,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Limit,
    Neurons,
    Parameter,
    Quantity,
    Source,
)
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    CONVENTION,
    NEURONS,
    NT_RISK,
    RHO,
    TARGET,
    TRACE_RATIO,
    Array,
    aspect,
    d,
    dense,
    inner,
    isotropy,
    rho,
    trace,
    trace_ratio,
)
from lazy_assay.theory.ghorbani2019._span import orthogonal

DIMENSION = Parameter("d", d, "input dimension", Integer(2))
WEIGHTS = Parameter(
    "W", sp.Symbol("W", commutative=False), "first-layer weights, one column a neuron, (d, N)", Neurons("d", "N")
)
beyond = sp.Max(0, 1 - rho)


def limit(rho: float, B: Array) -> float:
    """Published limit, in [0, 1]."""
    left, t = max(1 - rho, 0.0), isotropy(B)
    return left**2 * (1 - t) + left * t


def mean(d: int, N: int, B: Array) -> float:
    """Exact mean over W at every N ≥ 1, d ≥ 2."""
    k = max(d - N, 0)
    beta = k * (d - k) / (d * (d + 2) * (d - 1))
    alpha = k / d - beta * (d + 1)
    return alpha + beta + beta * trace(B) ** 2 / inner(B, B)


def risk_given_weights(W: Array, B: Array) -> float:
    """‖P⊥BP⊥‖_F²/‖B‖_F² for weights W of shape (d, N)."""
    matrix = dense(B)
    outside = orthogonal(W)
    left = outside.T @ matrix @ outside
    return inner(left, left) / inner(matrix, matrix)


def _one_sided(W: Array, B: Array) -> float:
    """‖P⊥B‖²: the projection forgotten on one side."""
    matrix = dense(B)
    Q = np.linalg.qr(W)[0]
    left = matrix - Q @ (Q.T @ matrix)
    return inner(left, left) / inner(matrix, matrix)


def worst_case(rho: float) -> float:
    """(1−ρ)₊."""
    return max(1 - rho, 0.0)


def worst_case_finite(d: int, N: int) -> float:
    """(1 − N/d)₊: the exact mean at B ∝ I, where a + b + b d = k/d."""
    return max(1 - N / d, 0.0)


left_over, target = letter("P", d, d), letter("B", d, d)
GIVEN = (
    Auxiliary(
        symbol=left_over,
        meaning="P⊥ = I − WW⁺, the projection on what is orthogonal to the weights",
        value=lambda W: np.eye(len(W)) - W @ np.linalg.pinv(W),
        latex=r"P_\perp",
    ),
    Auxiliary(symbol=target, meaning="B", value=lambda B: dense(B)),
)
LIMIT = Limit(
    name="limit",
    sentence="Averaged over isotropic weights, the tangent model's risk depends on ρ and on Tr(B)²/(d‖B‖²) alone.",
    quantity=NT_RISK,
    statement=Eq(NT_RISK.symbol, beyond**2 * (1 - trace_ratio) + beyond * trace_ratio),
    latex=r"\mathbb{E}\left[\frac{R_{\mathrm{NT},N}(f_*)}{\|f_*\|_{L^2}^2}\right]=(1-\rho)_+^2\left(1-\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}\right)+(1-\rho)_+\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}+o_d(1)",
    rate=1 / d,
    parameters=(RHO, DIMENSION, NEURONS, TARGET),
    auxiliary=(TRACE_RATIO,),
    published=limit,
    finite=mean,
    limit_of=aspect,
    coefficient=lambda rho, B: rho * max(1 - rho, 0.0) * (1 - isotropy(B)),
    decoys=(
        Decoy(
            name="trace term dropped",
            sentence="(1−ρ)₊² alone, as if Tr(B) did not matter",
            published=lambda rho: max(1 - rho, 0.0) ** 2,
        ),
        Decoy(name="not squared", sentence="(1−ρ)₊ for both terms", published=lambda rho: max(1 - rho, 0.0)),
        Decoy(
            name="one more neuron",
            sentence="d − N − 1 directions left instead of d − N",
            published=limit,
            finite=lambda d, N, B: mean(d, N + 1, B),
        ),
    ),
)
EVERY_WEIGHT = Identity(
    name="every_weight",
    sentence="For every W the tangent model fits all of B but its block orthogonal to the weights.",
    quantity=Quantity(
        symbol=NT_RISK.symbol,
        meaning="population risk given W over ‖f*‖²",
        units="share of ‖f*‖²",
        low=0,
        high=1,
        latex=r"\frac{R_{\mathrm{NT},N}(f_*)}{\|f_*\|_{L^2}^2}",
    ),
    statement=Eq(
        NT_RISK.symbol,
        sp.Trace(left_over * target * left_over * target) / sp.Trace(target * target),
    ),
    latex=(
        r"\frac{R_{\mathrm{NT},N}(f_*)}{\|f_*\|_{L^2}^2}=\frac{\operatorname{Tr}(P_\perp B P_"
        r"\perp B)}{\operatorname{Tr}(B B)}"
    ),
    parameters=(DIMENSION, NEURONS, TARGET, WEIGHTS),
    auxiliary=GIVEN,
    published=risk_given_weights,
    decoys=(Decoy(name="projected once", sentence="‖P⊥B‖_F² in place of ‖P⊥BP⊥‖_F²", published=_one_sided),),
)
CAUCHY_SCHWARZ = Bound(
    name="cauchy_schwarz",
    sentence="The mean risk is at most (1−ρ)₊, and reaches it where B is proportional to the identity.",
    quantity=NT_RISK,
    statement=sp.Le(NT_RISK.symbol, beyond),
    latex=r"\mathbb{E}\left[\frac{R_{\mathrm{NT},N}(f_*)}{\|f_*\|_{L^2}^2}\right]\leq(1-\rho)_++o_d(1)",
    rate=1 / d,
    parameters=(RHO, DIMENSION, NEURONS, TARGET),
    published=worst_case,
    finite=worst_case_finite,
    limit_of=aspect,
    side="below",
    decoys=(
        Decoy(
            name="squared",
            sentence="(1−ρ)₊² as the worst case",
            published=lambda rho: max(1 - rho, 0.0) ** 2,
            finite=lambda d, N: max(1 - N / d, 0.0) ** 2,
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Risk of the neural tangent model",
    source=Source(paper=PAPER, locator="section 2.2, Theorem 2"),
    convention=CONVENTION,
    parts=(LIMIT, EVERY_WEIGHT, CAUCHY_SCHWARZ),
)
