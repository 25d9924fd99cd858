"""Section 2.1: for many neurons per dimension the best covariance of the weights is Γ* ∝ B.

By Cauchy–Schwarz in (11) the risk is 0 for Γ ∝ B and positive for every other covariance. At finite ρ the statement
holds up to O(1/ρ): with δ = 1/(ρd), Eq. (12) is 1 − ⟨Γ,B⟩²/(‖B‖²(δ + ‖Γ‖²)). Without the constraint Γ ⪰ 0,
stationarity under Tr Γ = 1 gives Γ = aB + bI, so the least risk that any covariance can have at this ρ is a
one-dimensional minimum, and what Γ* misses of it is the allowance of this bound: `shortfall`.
Source: Ghorbani et al. 2019, section 1.1 and the paragraph after Eq. (11).
"""

import numpy as np
import sympy as sp

from theory import Auxiliary, Bound, Claim, Decoy, Parameter, Source
from theory.ghorbani2019 import PAPER
from theory.ghorbani2019._deterministic_equivalent import finite_risk
from theory.ghorbani2019._finite_range import ALIGNED_RANGE, features_allowance
from theory.ghorbani2019._quadratic_target import (
    CONVENTION,
    COVARIANCE,
    DIMENSION,
    NEURONS,
    RF_RISK,
    RHO,
    SEMIDEFINITE_TARGET,
    Array,
    aspect,
    d,
    inner,
    rho,
    trace,
)
from theory.ghorbani2019.corollary1 import limit

aligned_concentration = sp.Symbol("g_star", positive=True)


def aligned(B: Array) -> Array:
    """Γ* = B/Tr B."""
    return B / trace(B)


def least(rho: float, B: Array) -> float:
    """The risk at Γ*: Eq. (12) there is 1/(1 + ρ d‖Γ*‖²)."""
    return limit(rho, B, aligned(B))


def least_finite(d: int, N: int, B: Array) -> float:
    """The finite-size risk at Γ*."""
    return finite_risk(d, N, B, aligned(B), "quadratic")


def _isotropic(B: Array) -> Array:
    return np.ones(len(B)) / len(B)


def shortfall(d: int, N: int, B: Array) -> float:
    """What Γ* misses, at ρ = N/d, of the least risk that any Γ of trace 1 can have; at least 0 and O(1/ρ)."""
    delta, n = 1 / N, d
    mean = trace(B) / n

    def risk(share: float) -> float:
        # Γ = share·B/Tr B + (1 − share)·I/d: the family that holds the optimum.
        cross = share * inner(B, B) / trace(B) + (1 - share) * mean
        norm = share**2 * inner(B, B) / trace(B) ** 2 + (1 - share**2) / n
        return 1 - cross**2 / (inner(B, B) * (delta + norm))

    from scipy.optimize import minimize_scalar

    found = minimize_scalar(risk, bounds=(0.0, 10.0), method="bounded", options={"xatol": 1e-10})
    return max(0.0, risk(1.0) - float(found.fun))


STATEMENT = sp.Ge(RF_RISK.symbol, 1 / (1 + rho * aligned_concentration))
CLAIM = Claim(
    module=__name__,
    title="The best covariance of random features",
    source=Source(paper=PAPER, locator="section 2.1, paragraph after Eq. (11)"),
    convention=CONVENTION,
    parts=(
        Bound(
            sentence="For many neurons per dimension no covariance of the weights does better than Γ* ∝ B.",
            quantity=RF_RISK,
            statement=STATEMENT,
            rate=1 / d,
            parameters=(
                RHO,
                DIMENSION,
                NEURONS,
                SEMIDEFINITE_TARGET,
                Parameter("Gamma", COVARIANCE.symbol, "covariance that is tried", COVARIANCE.domain),
            ),
            auxiliary=(
                Auxiliary(
                    symbol=aligned_concentration,
                    meaning="d‖Γ*‖_F² with Γ* = B/Tr(B)",
                    value=lambda B: len(B) * inner(B, B) / trace(B) ** 2,
                ),
            ),
            published=least,
            finite=least_finite,
            finite_allowance=lambda d, N, B: features_allowance(d, N, aligned(B), "quadratic"),
            assumptions=(ALIGNED_RANGE,),
            limit_of=aspect,
            side="above",
            decoys=(
                Decoy(
                    name="isotropic weights are best",
                    sentence="the risk at Γ = I/d as the least",
                    published=lambda rho, B: limit(rho, B, _isotropic(B)),
                    finite=lambda d, N, B: finite_risk(d, N, B, _isotropic(B), "quadratic"),
                ),
            ),
        ),
    ),
)
