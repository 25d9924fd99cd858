"""Eq. (13): the three regimes side by side, each line derived again from the theorem behind it.

    RF: 1 − ρ/(1+ρ) t;    NT: (1−ρ)₊² + ρ(1−ρ)₊ t;    NN: 1 − Σ_{i≤N} λ_i²/‖B‖²;    t = Tr(B)²/(d‖B‖_F²).

RF is Corollary 1 at Γ = I/d, where d⟨B,Γ⟩²/‖B‖² = t and d‖Γ‖² = 1. NT is Theorem 2 with the terms in t collected:
(1−ρ) − (1−ρ)² = ρ(1−ρ). NN is Theorem 3 over ‖f*‖² = 2‖B‖². All three follow as printed; there is no erratum here
(the mixture's Eq. (17) differs). `predict` takes the regime and what that regime needs; the other arguments may be
given and are ignored. Source: Ghorbani et al. 2019, section 2.3, Eq. (13).
"""

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Identity, Part, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    CONVENTION,
    NEURONS,
    NN_RISK,
    NT_RISK,
    RF_RISK,
    RHO,
    TARGET,
    TRACE_RATIO,
    Array,
    N,
    concentration,
    d,
    inner,
    isotropy,
    overlap,
    rho,
    spectrum,
    trace_ratio,
)
from lazy_assay.theory.ghorbani2019.corollary1 import STATEMENT as COROLLARY_1
from lazy_assay.theory.ghorbani2019.theorem2 import LIMIT as THEOREM_2
from lazy_assay.theory.ghorbani2019.theorem3 import B_SEMIDEFINITE, EIGENVALUES, eigenvalues, i, norm, tail
from lazy_assay.theory.ghorbani2019.theorem3 import CLAIM as THEOREM_3

# Σ_{i≤N} λ_i(B)², indices from 0.
head = sp.Sum(eigenvalues[i, 0] ** 2, (i, 0, sp.Min(N, d) - 1))
beyond = sp.Max(0, 1 - rho)


def random_features(rho: float, B: Array) -> float:
    """First line."""
    return 1 - rho / (1 + rho) * isotropy(B)


def neural_tangent(rho: float, B: Array) -> float:
    """Second line."""
    left = max(1 - rho, 0.0)
    return left**2 + rho * left * isotropy(B)


def network(N: int, B: Array) -> float:
    """Third line."""
    return 1 - float((spectrum(B)[:N] ** 2).sum()) / inner(B, B)


def right_hand_side(part: Part) -> sp.Expr:
    """Of a part that states an equation."""
    assert isinstance(part.statement, sp.Eq)
    return part.statement.rhs


def _corollary1_isotropic() -> sp.Expr:
    return COROLLARY_1.rhs.subs({overlap: trace_ratio, concentration: 1})


def _theorem2() -> sp.Expr:
    """Collected with u = (1−ρ)₊: u² + t(u − u²), and u − u² = ρu on both sides of ρ = 1."""
    u = sp.Symbol("u", nonnegative=True)
    collected = sp.collect(sp.expand(right_hand_side(THEOREM_2).subs(beyond, u)), trace_ratio)
    inside = sp.expand(collected.subs(u, 1 - rho) - (u**2 + rho * u * trace_ratio).subs(u, 1 - rho))
    outside = sp.expand(collected.subs(u, 0))
    assert inside == 0
    assert outside == 0
    return (u**2 + rho * u * trace_ratio).subs(u, beyond)


def _theorem3() -> sp.Expr:
    return sp.expand(right_hand_side(THEOREM_3.parts[0]).subs(tail, norm - head))


CLAIM = Claim(
    module=__name__,
    title="The three regimes compared, quadratic target",
    source=Source(paper=PAPER, locator="section 2.3, Eq. (13)"),
    convention=CONVENTION,
    selector="regime",
    parts=(
        Identity(
            name="RF",
            sentence="Isotropic random features: Corollary 1 at Γ = I/d.",
            quantity=RF_RISK,
            statement=Eq(RF_RISK.symbol, 1 - rho / (1 + rho) * trace_ratio),
            latex=(
                r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}\approx 1"
                r"-\frac{\rho}{1+\rho}\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}"
            ),
            parameters=(RHO, NEURONS, TARGET),
            auxiliary=(TRACE_RATIO,),
            published=random_features,
            derivation=_corollary1_isotropic,
            decoys=(
                Decoy(
                    name="1 + 2ρ",
                    sentence="ρ/(1+2ρ) for ρ/(1+ρ)",
                    published=lambda rho, B: 1 - rho / (1 + 2 * rho) * isotropy(B),
                ),
            ),
        ),
        Identity(
            name="NT",
            sentence="The tangent model: Theorem 2, terms in t collected.",
            quantity=NT_RISK,
            statement=Eq(NT_RISK.symbol, beyond**2 + rho * beyond * trace_ratio),
            latex=r"\frac{R_{\mathrm{NT},N}(f_*)}{\|f_*\|_{L^2}^2}\approx(1-\rho)_+^2+\rho(1-\rho)_+\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}",
            parameters=(RHO, NEURONS, TARGET),
            auxiliary=(TRACE_RATIO,),
            published=neural_tangent,
            derivation=_theorem2,
            decoys=(
                Decoy(
                    name="ρ lost",
                    sentence="(1−ρ)₊² + (1−ρ)₊t",
                    published=lambda rho, B: max(1 - rho, 0.0) ** 2 + max(1 - rho, 0.0) * isotropy(B),
                ),
            ),
        ),
        Identity(
            name="NN",
            sentence="The trained network: Theorem 3, normalised.",
            quantity=NN_RISK,
            statement=Eq(NN_RISK.symbol, 1 - head / norm),
            latex=(
                r"\frac{R_{\mathrm{NN},N}(f_*)}{\|f_*\|_{L^2}^2}\approx 1"
                r"-\frac{\sum_{i=1}^{d\wedge N}\lambda_i(B)^2}{\|B\|_F^2}"
            ),
            parameters=(RHO, NEURONS, TARGET),
            assumptions=(B_SEMIDEFINITE,),
            auxiliary=(EIGENVALUES,),
            published=network,
            derivation=_theorem3,
            decoys=(
                Decoy(
                    name="‖f*‖² taken as ‖B‖²",
                    sentence="1 − 2Σ_{i≤N}λ_i²/‖B‖²",
                    published=lambda N, B: 1 - 2 * float((spectrum(B)[:N] ** 2).sum()) / inner(B, B),
                ),
            ),
        ),
    ),
)
