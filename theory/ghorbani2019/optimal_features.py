"""Section 2.1: the best covariance of the weights, at every number of neurons per dimension; Γ* ∝ B for many.

Eq. (12) is 1 − ⟨Γ,B⟩²/(‖B‖²(δ + ‖Γ‖²)) with δ = 1/(ρd). Over all Γ ⪰ 0 of trace 1 it is at least

    R ≥ 1 − (‖(B − cI)₊‖² + ρdc²)/‖B‖²,    ρdc = Tr(B − cI)₊,

with equality at Γ ∝ (B − cI)₊: a level c is taken off B and what lies below it gets no weight (water-filling).

Proof. Let ⟨Γ,B⟩ ≥ 0 and c ≥ 0. Then ⟨Γ,B⟩ = ⟨Γ,B − cI⟩ + c ≤ ⟨Γ,(B − cI)₊⟩ + c ≤ √(‖Γ‖² + δ)·√(‖(B − cI)₊‖² + c²/δ)
(Γ ⪰ 0 of trace 1; Cauchy–Schwarz). Both are equalities where Γ = (B − cI)₊/s, s = Tr(B − cI)₊, and c/√δ = √δ·s: the
level above. It is unique, since ρdc grows and the trace falls; and c = max_n (b₁ + … + b_n)/(ρd + n) over B's
eigenvalues from the largest on, for any n gives a lower bound of c. Where ⟨Γ,B⟩ < 0 the same holds with −B: the bound
is the better of the two signs. For B ⪰ cI the level is c = Tr(B)/(d(1+ρ)) and the bound t/(1+ρ), t = Tr(B)²/(d‖B‖²).

The paper's sentence: "For large ρ = N/d, the optimal distribution of the weight vectors uses covariance Γ* ∝ B". True
as ρ → ∞, where c → 0 (for B ⪰ 0). Γ* = B/Tr B has risk t/(t+ρ), (1+ρ)/(t+ρ) times t/(1+ρ): more than the least at
every finite ρ unless t = 1. Remark: the paper says "large ρ", so this is no erratum; "optimal features Γ = Γ* ∝ B"
under Eq. (12) is to be read in that sense. Source: Ghorbani et al. 2019, section 1.1 and section 2.1, the paragraphs
after Eqs. (11) and (12).
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Assumption, Auxiliary, Bound, Claim, Decoy, Eq, Identity, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._deterministic_equivalent import finite_risk
from lazy_assay.theory.ghorbani2019._finite_range import FEATURES_FROM, features_allowance, features_hold
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    CONVENTION,
    COVARIANCE,
    DIMENSION,
    NEURONS,
    RF_RISK,
    RHO,
    SEMIDEFINITE_TARGET,
    TARGET,
    TRACE_RATIO,
    Array,
    aspect,
    concentration,
    d,
    isotropy,
    overlap,
    rho,
    spectrum,
    trace,
    trace_ratio,
)
from lazy_assay.theory.ghorbani2019.corollary1 import STATEMENT as COROLLARY_1
from lazy_assay.theory.ghorbani2019.corollary1 import limit

above = sp.Symbol("m_c", nonnegative=True)
level_squared = sp.Symbol("k_c", nonnegative=True)


def _level(rho: float, values: Array) -> float:
    """c with ρdc = Σ(b − c)₊, of eigenvalues from the largest on; 0 where none is positive."""
    counts = np.arange(1, len(values) + 1)
    return max(0.0, float((np.cumsum(values) / (rho * len(values) + counts)).max()))


def _shares(rho: float, values: Array) -> tuple[float, float]:
    """‖(B − cI)₊‖²/‖B‖² and dc²/‖B‖², of eigenvalues from the largest on."""
    c, size = _level(rho, values), float(values @ values)
    return float((np.maximum(values - c, 0.0) ** 2).sum()) / size, len(values) * c**2 / size


def shares(rho: float, B: Array) -> tuple[float, float]:
    """The same for the sign of B that features see better."""
    values = spectrum(B)
    values = values / np.abs(values).max()
    return max((_shares(rho, values), _shares(rho, -values[::-1])), key=lambda pair: pair[0] + rho * pair[1])


def least(rho: float, B: Array) -> float:
    """The least risk of Eq. (12) over all covariances of trace 1, for B of any signs; in (0, 1)."""
    first, second = shares(rho, B)
    return max(0.0, 1 - first - rho * second)


def best(rho: float, B: Array) -> Array:
    """The covariance that attains it: (±B − cI)₊ over its trace; 1-d where B is."""
    values = spectrum(B)
    better = max((1, -1), key=lambda sign: float(np.dot(_shares(rho, np.sort(sign * values)[::-1]), (1, rho))))
    scale = float(np.abs(values).max())
    c = _level(rho, np.sort(better * values / scale)[::-1])
    entries, basis = (B, None) if B.ndim == 1 else np.linalg.eigh(B)
    kept = np.maximum(better * entries / scale - c, 0.0)
    kept = kept / kept.sum()
    return np.asarray(kept if basis is None else (basis * kept) @ basis.T)


def least_finite(d: int, N: int, B: Array) -> float:
    """The finite-size risk at the best covariance of the limit: the least, up to O(1/d²)."""
    return finite_risk(d, N, B, best(N / d, B), "quadratic")


def aligned(B: Array) -> Array:
    """Γ* = B/Tr B."""
    return B / trace(B)


def _isotropic(B: Array) -> Array:
    return np.ones(len(B)) / len(B)


def _absolute(B: Array) -> Array:
    """|B|/Tr|B|: Γ* where B is not semidefinite, so that the decoy has a covariance."""
    values, basis = (B, None) if B.ndim == 1 else np.linalg.eigh(B)
    kept = np.abs(values) / np.abs(values).sum()
    return np.asarray(kept if basis is None else (basis * kept) @ basis.T)


def excess(rho: float, B: Array) -> float:
    """R(Γ*)·(1+ρ)/t."""
    return (1 + rho) / (isotropy(B) + rho)


def derived_excess() -> sp.Expr:
    """Eq. (12) at Γ* = B/Tr B, where d⟨Γ,B⟩²/‖B‖² and d‖Γ‖² are both 1/t, over t/(1+ρ)."""
    at_aligned = COROLLARY_1.rhs.subs({overlap: 1 / trace_ratio, concentration: 1 / trace_ratio})
    return sp.simplify(at_aligned * (1 + rho) / trace_ratio)


BEST_RANGE = Assumption(
    name="finite size",
    sentence=f"at Γ ∝ (B − cI)₊ the finite-size prediction holds from {FEATURES_FROM} on; N = 1, N > d(d+1)/2 exact",
    holds=lambda d, N, B: features_hold(d, N, best(N / d, B), "quadratic"),
    threshold="calibrated from there on",
    required=True,
)
LEAST = Bound(
    sentence="No covariance of the weights does better than Γ ∝ (B − cI)₊, B less a level that the number of neurons "
    "per dimension sets.",
    quantity=RF_RISK,
    statement=sp.Ge(RF_RISK.symbol, 1 - above - rho * level_squared),
    latex=(
        r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}\geq 1-"
        r"\frac{\|(B-cI)_+\|_F^2}{\|B\|_F^2}-\rho\frac{d c^2}{\|B\|_F^2}"
    ),
    rate=1 / d,
    parameters=(RHO, DIMENSION, NEURONS, TARGET, COVARIANCE),
    auxiliary=(
        Auxiliary(
            symbol=above,
            meaning="‖(B − cI)₊‖_F²/‖B‖_F², ρdc = Tr(B − cI)₊",
            value=lambda rho, B: shares(rho, B)[0],
            latex=r"\frac{\|(B-cI)_+\|_F^2}{\|B\|_F^2}",
        ),
        Auxiliary(
            symbol=level_squared,
            meaning="dc²/‖B‖_F²",
            value=lambda rho, B: shares(rho, B)[1],
            latex=r"\frac{d c^2}{\|B\|_F^2}",
        ),
    ),
    published=least,
    finite=least_finite,
    finite_allowance=lambda d, N, B: features_allowance(d, N, best(N / d, B), "quadratic"),
    assumptions=(BEST_RANGE,),
    limit_of=aspect,
    side="above",
    decoys=(
        Decoy(
            name="isotropic weights are best",
            sentence="the risk at Γ = I/d as the least",
            published=lambda rho, B: limit(rho, B, _isotropic(B)),
            finite=lambda d, N, B: finite_risk(d, N, B, _isotropic(B), "quadratic"),
        ),
        Decoy(
            name="Γ ∝ B is best at every ρ",
            sentence="the risk at Γ* = B/Tr B as the least: 1/(1 + ρd‖Γ*‖²)",
            published=lambda rho, B: limit(rho, B, _absolute(B)),
            finite=lambda d, N, B: finite_risk(d, N, B, _absolute(B), "quadratic"),
        ),
    ),
)
LARGE_RATIO = Identity(
    name="large_ratio",
    sentence="For many neurons per dimension Γ* ∝ B is optimal: its risk is (1+ρ)/(t+ρ) times t/(1+ρ), the least where "
    "B is at least its level.",
    quantity=Quantity(
        symbol=sp.Symbol("x"),
        meaning="risk at Γ* = B/Tr(B) over the least risk t/(1+ρ)",
        low=1,
        latex=r"\frac{R_{\mathrm{RF},N}(f_*;\Gamma_*)}{\inf_\Gamma R_{\mathrm{RF},N}(f_*;\Gamma)}",
    ),
    statement=Eq(sp.Symbol("x"), (1 + rho) / (trace_ratio + rho)),
    latex=(
        r"\frac{R_{\mathrm{RF},N}(f_*;\Gamma_*)}{\inf_\Gamma R_{\mathrm{RF},N}(f_*;\Gamma)}"
        r"=\frac{1+\rho}{\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}"
        r"+\rho}"
    ),
    parameters=(RHO, SEMIDEFINITE_TARGET),
    auxiliary=(TRACE_RATIO,),
    published=excess,
    derivation=derived_excess,
    decoys=(Decoy(name="optimal at every ρ", sentence="no excess: R(Γ*) is the least", published=lambda rho, B: 1.0),),
)
CLAIM = Claim(
    module=__name__,
    title="The best covariance of random features",
    source=Source(paper=PAPER, locator="section 1.1; section 2.1, paragraphs after Eqs. (11) and (12)"),
    convention=CONVENTION,
    parts=(LEAST, LARGE_RATIO),
)
