"""The part `concentration` of Theorem 5: over draws of W the tangent model's risk spreads by √V/d.

R = 1/(1 + X), X ≈ ½a₀/(1 + a₁/a₀) with a₀ = ‖Δ‖² − ‖P⊥ΔP⊥‖² (`_tangent_mixture`). a₀ alone fluctuates at leading order:
with P⊥ = α + F, Tr(P⊥ΔP⊥Δ) = const + Tr(FA) + Tr(FD₀FD₀), D₀ = Δ − τ, A = 2τD₀ + 2αD₀², and entries of F of variance
c/2 off and c on the diagonal, Var a₀ = c(‖A‖² − Tr(A)²/d) + c²(‖D₀‖⁴ + Tr D₀⁴). As d → ∞, e = √d·δ of moments m_n,
α = (1−ρ)₊, e₀ = e − m₁ and d·c → 2α(1−α),

    d² Var R → [2α(1−α)·Var(2m₁e₀ + 2αe₀²) + 4α²(1−α)²(m₂ − m₁²)²] / (4(1 + κm₂/2)⁴),

0 for ρ ≥ 1, where no W is left. Finite size: Var R = R⁴X²ε²·Var a₀/a₀², with X = 1/E R − 1, Var a₀ exact for Haar P and
ε = d log X/d log a₀ to first order in 1/d (`_haar_variance`). What is left is of the order 1/d².
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Decoy, Eq, InvalidParameterError, Limit, Part, Quantity
from lazy_assay.theory.ghorbani2019._concentration import CONSTANT
from lazy_assay.theory.ghorbani2019._haar_variance import elasticity, variance
from lazy_assay.theory.ghorbani2019._mixture import energy, isotropy, trace_ratio, whitened
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, aspect, d, inner, rho, spectrum
from lazy_assay.theory.ghorbani2019._tangent_mixture import mean_risk

forms, left = sp.Symbol("v_A", nonnegative=True), sp.Max(0, 1 - rho)
SMALLEST, SHARE = 16, 30.0
QUANTITY = Quantity(
    symbol=sp.Symbol("V_2", nonnegative=True),
    meaning="d² times the variance of the risk over draws of W",
    low=0,
    latex=r"d^2\operatorname{Var}(R)",
)
KAPPA = 1 - left**2 * (1 - trace_ratio) - left * trace_ratio
PAIRS = 4 * left**2 * (1 - left) ** 2 * (energy * (1 - trace_ratio)) ** 2
STATEMENT = (2 * left * (1 - left) * forms + PAIRS) / (4 * (1 + KAPPA * energy / 2) ** 4)


def form_variance(rho: float, Delta: Array) -> float:
    """Var(2m₁e₀ + 2αe₀²) over Δ's spectrum."""
    e = spectrum(Delta) * len(Delta) ** 0.5
    centred = e - e.mean()
    return float((2 * e.mean() * centred + 2 * max(1 - rho, 0.0) * centred**2).var())


def _spread(rho: float, Delta: Array, forms: float) -> float:
    alpha, t, size = max(1 - rho, 0.0), isotropy(Delta), inner(Delta, Delta)
    kappa = 1 - alpha**2 * (1 - t) - alpha * t
    pairs = 4 * alpha**2 * (1 - alpha) ** 2 * (size * (1 - t)) ** 2
    return (2 * alpha * (1 - alpha) * forms + pairs) / (4 * (1 + kappa * size / 2) ** 4)


def limit(rho: float, Delta: Array) -> float:
    """V."""
    return _spread(rho, Delta, form_variance(rho, Delta))


def finite(d: int, N: int, Delta: Array) -> float:
    """d² Var R_NT at this d and N; 0 for N ≥ d."""
    if d < SMALLEST:
        raise InvalidParameterError(f"the spread over weights is predicted from d = {SMALLEST} on, got d = {d}")
    if d <= N:
        return 0.0
    delta, k = spectrum(whitened(np.ones(d), Delta)), d - N
    y = k * N / (d * (d + 2) * (d - 1))
    seen = float(delta @ delta) * (1 - k / d + y * d) - y * float(delta.sum()) ** 2
    risk, of_a0 = mean_risk(d, N, Delta), variance(d, k, delta)
    moved = elasticity(d, k, delta, seen, of_a0)
    return d**2 * of_a0 * (moved * (1 / risk - 1) / seen) ** 2 * risk**4


def allowance(d: int, N: int, Delta: Array) -> float:
    """What `finite` may be off by: 30/d² of it (benchmarks/calibrate_spread.py)."""
    return SHARE / d**2 * finite(d, N, Delta)


def of_theorem_5(whole: Part) -> Limit:
    """The part, with the parameters, letters and assumptions of `whole`."""
    letter = Auxiliary(
        symbol=forms,
        meaning="variance of 2m₁e₀ + 2(1−ρ)₊e₀² over the spectrum e of √d·Δ, e₀ = e − m₁",
        value=lambda rho, Delta: form_variance(rho, Delta),
        latex=r"v_\Delta",
    )
    return Limit(
        name="concentration",
        sentence="Over draws of the weights the tangent model's risk concentrates: its standard deviation vanishes "
        "like 1/d.",
        quantity=QUANTITY,
        statement=Eq(QUANTITY.symbol, STATEMENT),
        latex=r"d^2\operatorname{Var}(R)=\frac{4\|\Delta\|_F^4\left(1-\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right)^2(1-\rho)_+^2\left(1-(1-\rho)_+\right)^2+2v_\Delta(1-\rho)_+\left(1-(1-\rho)_+\right)}{4\left(1+\left\{1-(1-\rho)_+^2\left(1-\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right)-(1-\rho)_+\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right\}\|\Delta\|_F^2/2\right)^4}+o_d(1)",
        rate=1 / d,
        parameters=whole.parameters,
        auxiliary=(*whole.auxiliary, letter),
        assumptions=whole.assumptions,
        published=limit,
        finite=finite,
        finite_allowance=allowance,
        limit_of=aspect,
        decoys=(
            Decoy(
                name="pairs of directions alone",
                sentence="Tr(FA) left out: as if Tr(Δ) and the spread of Δ did not meet",
                published=lambda rho, Delta: _spread(rho, Delta, 0.0),
            ),
            Decoy(
                name=CONSTANT,
                sentence="a spread that stays as d grows",
                published=limit,
                finite=lambda d, N, Delta: d**2 * finite(d, N, Delta),
            ),
        ),
    )
