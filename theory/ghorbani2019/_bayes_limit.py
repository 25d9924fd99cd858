"""Parts of `bayes`: the limit of the Bayes error, the strict gap that wide networks leave, and M2's remark.

Limit. Whitened, p± = N(0, 1 ∓ δ_j) and ℓ = Σ_j (artanh δ_j − z_j²δ_j/(1 − δ_j²)). Given y = 1, E ℓ = Σ(artanh δ −
δ/(1+δ)) = Σδ² + O(δ³) and Var ℓ = 2Σ(δ/(1+δ))²: with δ = O(1/√d) and D = ‖Δ̃‖_F², ℓ tends in law to N(yD, 2D). The
MMSE of y given such an ℓ is

    m(D) = E[1 − tanh²(ℓ/2)], ℓ ~ N(D, 2D),    = e^{−D/4} E sech(√(D/2)·g), g ~ N(0, 1)

(the second from p = √(p₊p₋)·sech(ℓ/2)). At finite d it is off by O(1/d): the terms of order δ³ are odd in ℓ.

Gap. For N ≥ d the tangent model and the network both fit every quadratic form of x, and in the limit the best of them
is linear in ℓ: ℓ/(2 + D), of risk 1 − D²/(D² + 2D) = 1/(1 + D/2), as Theorems 5 and 6 say. E[y|ℓ] = tanh(ℓ/2) is the
best of all, so by Pythagoras

    1/(1 + D/2) − m(D) = E[(tanh(ℓ/2) − ℓ/(2 + D))²] > 0 for every D > 0,

as tanh is not linear on any set of positive measure: the Bayes error is not achieved, however wide the network. For
N < d the risks are larger still.

M2's remark. With Z = ∫√(p₊p₋) = Π(1 − δ²)^{1/4}, MMSE = Z·E_q sech(ℓ/2) and E_q cosh(ℓ/2) = 1/Z, q = √(p₊p₋)/Z. As
sech ≤ 1, and by Jensen,

    Π(1 − δ²)^{1/2} = Z² ≤ MMSE ≤ Z ≤ e^{−‖Δ̃‖²/4} at every d:

the error vanishes where ‖Δ̃‖_F → ∞ ("it is easy to distinguish the two classes"), and tends to 1 where ‖Δ̃‖_F → 0 ("no
non-trivial classifier exists": ‖Δ‖_op = o(1/√d) gives ‖Δ‖_F = o(1)).
"""

from collections.abc import Callable

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Bound, Decoy, Eq, Limit, Quantity
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory.ghorbani2019._mixture import DELTA, EXISTS, M1, M2, SIGMA, whitened
from lazy_assay.theory.ghorbani2019._mixture_equivalent import quadratic_gain
from lazy_assay.theory.ghorbani2019._quadratic_target import DIMENSION, NEURONS, Array, d, inner, spectrum

energy = sp.Symbol("D", positive=True)
half = sp.Symbol("l", real=True)
j, delta = sp.Symbol("j", integer=True, nonnegative=True), letter("delta", d, 1)
UNITS = "share of E y² = 1"
ERROR = Quantity(
    symbol=sp.Symbol("V"),
    meaning="E[1 − tanh²(ℓ/2)], the posterior variance of y",
    units=UNITS,
    low=0,
    high=1,
    latex=r"\mathrm{MMSE}",
)
GAP = Quantity(
    symbol=sp.Symbol("G"),
    meaning="risk of the tangent model or the network with N ≥ d, less the Bayes error",
    units=UNITS,
    latex=r"\mathrm{GAP}",
)
RANGE = 10.0


def whitened_energy(Sigma: Array, Delta: Array) -> float:
    """D = ‖Δ̃‖_F²."""
    tilde = whitened(Sigma, Delta)
    return inner(tilde, tilde)


def _average(D: float, function: Callable[[Array], Array]) -> float:
    """E function(g), g ~ N(0, 1), by the trapezoid rule.

    The integrands are analytic for |Im g| < π/√(2D): the step leaves about e^{−60}, the cut e^{−50}.
    """
    step = min(0.1, 0.3 / (2 * D) ** 0.5)
    nodes = np.arange(-RANGE, RANGE + step / 2, step)
    return float(step * (function(nodes) @ np.exp(-(nodes**2) / 2)) / (2 * np.pi) ** 0.5)


def limiting_error(D: float) -> float:
    """m(D) by the affinity: e^{−D/4} E sech(√(D/2) g)."""
    return float(np.exp(-D / 4)) * _average(D, lambda g: 1 / np.cosh((D / 2) ** 0.5 * g))


def posterior_variance(D: float, mean: float = 1.0) -> float:
    """m(D) by the posterior: E[1 − tanh²(ℓ/2)], ℓ ~ N(D, 2D); `mean` scales D (for decoys)."""
    size = mean * D
    return _average(size, lambda g: np.cosh((size + (2 * size) ** 0.5 * g) / 2) ** -2.0)


def limiting_gap(D: float) -> float:
    """E[(tanh(ℓ/2) − ℓ/(2 + D))²]: a mean of squares, so positive as it is computed."""

    def square(g: Array) -> Array:
        ratio = D + (2 * D) ** 0.5 * g
        return np.asarray((np.tanh(ratio / 2) - ratio / (2 + D)) ** 2)

    return _average(D, square)


def limit(Sigma: Array, Delta: Array) -> float:
    """m(‖Δ̃‖_F²)."""
    return limiting_error(whitened_energy(Sigma, Delta))


def gap(Sigma: Array, Delta: Array) -> float:
    """The limit of the gap."""
    return limiting_gap(whitened_energy(Sigma, Delta))


def best_quadratic(Sigma: Array, Delta: Array) -> float:
    """1/(1 + ½Σ δ²/(1 + δ²)): the least risk of a quadratic form at every d."""
    return 1 / (1 + quadratic_gain(whitened(Sigma, Delta)))


def affinity_squared(Sigma: Array, Delta: Array) -> float:
    """Z² = Π(1 − δ²)^{1/2}."""
    delta = spectrum(whitened(Sigma, Delta))
    return float(np.prod(np.maximum(1 - delta**2, 0.0) ** 0.5))


ENERGY = Auxiliary(
    symbol=energy,
    meaning="‖Δ̃‖_F²",
    value=lambda Sigma, Delta: whitened_energy(Sigma, Delta),
    latex=r"\|\tilde\Delta\|_F^2",
)
EIGENVALUES = Auxiliary(
    symbol=delta,
    meaning="eigenvalues of Δ̃",
    value=lambda Sigma, Delta: spectrum(whitened(Sigma, Delta))[:, None],
    latex=r"\delta",
)
# E[1 − tanh²(ℓ/2)], ℓ ~ N(D, 2D).
density = sp.exp(-((half - energy) ** 2) / (4 * energy)) / sp.sqrt(4 * sp.pi * energy)
least_error = sp.Integral((1 - sp.tanh(half / 2) ** 2) * density, (half, -sp.oo, sp.oo))
FORM = (
    r"\int_{-\infty}^{\infty}\left(1-\tanh^2\frac{\ell}{2}\right)\frac{1}{\sqrt{4\pi\|\tilde\Delta\|_F^2}}"
    r"\exp\left(-\frac{(\ell-\|\tilde\Delta\|_F^2)^2}{4\|\tilde\Delta\|_F^2}\right)\mathrm{d}\ell"
)


def parts(bayes_risk: Callable[[Array, Array], float]) -> tuple[Limit, Limit, Bound, Bound]:
    """The four parts; `bayes_risk` is the exact Bayes error at finite d."""

    def finite_gap(Sigma: Array, Delta: Array) -> float:
        return best_quadratic(Sigma, Delta) - bayes_risk(Sigma, Delta)

    wide = Limit(
        name="gap",
        sentence="However wide, the tangent model and the network stay above the Bayes error by a gap that only "
        "‖Δ̃‖_F² sets, positive for all its values.",
        quantity=GAP,
        statement=Eq(GAP.symbol, 1 / (1 + energy / 2) - least_error),
        latex=rf"\mathrm{{GAP}}=\frac{{1}}{{1+\|\tilde\Delta\|_F^2/2}}-{FORM}+o_d(1)",
        rate=1 / d,
        parameters=(DIMENSION, NEURONS, SIGMA, DELTA),
        auxiliary=(ENERGY,),
        assumptions=(EXISTS, M1, M2),
        published=gap,
        finite=finite_gap,
        limit_of=lambda d: {},
        decoys=(
            Decoy(
                name="achieved", sentence="no gap", published=lambda Sigma, Delta: 0.0, finite=lambda Sigma, Delta: 0.0
            ),
            Decoy(
                name="a factor 2 lost",
                sentence="1/(1 + D) for the risk of the networks",
                published=lambda Sigma, Delta: 1 / (1 + whitened_energy(Sigma, Delta)) - limit(Sigma, Delta),
            ),
        ),
    )
    error = Limit(
        name="limit",
        sentence="The Bayes error tends to that of a Gaussian log-likelihood ratio of mean ‖Δ̃‖_F² "
        "and twice that variance.",
        quantity=ERROR,
        statement=Eq(ERROR.symbol, least_error),
        latex=rf"\mathrm{{MMSE}}={FORM}+o_d(1)",
        rate=1 / d,
        parameters=(DIMENSION, SIGMA, DELTA),
        auxiliary=(ENERGY,),
        assumptions=(EXISTS, M1, M2),
        published=limit,
        finite=bayes_risk,
        limit_of=lambda d: {},
        decoys=(
            Decoy(
                name="half the information",
                sentence="ℓ ~ N(D/2, D)",
                published=lambda Sigma, Delta: posterior_variance(whitened_energy(Sigma, Delta), 0.5),
            ),
            Decoy(
                name="the best quadratic form",
                sentence="1/(1 + D/2), as if it achieved the Bayes error",
                published=lambda Sigma, Delta: 1 / (1 + whitened_energy(Sigma, Delta) / 2),
                finite=best_quadratic,
            ),
        ),
    )
    separable = Bound(
        name="separable",
        sentence="The Bayes error is at most exp(−‖Δ̃‖_F²/4): it vanishes where Δ is large on the scale of M2.",
        quantity=ERROR,
        statement=sp.Le(ERROR.symbol, sp.exp(-energy / 4)),
        latex=r"\mathrm{MMSE}\leq\exp\left(-\|\tilde\Delta\|_F^2/4\right)",
        parameters=(DIMENSION, SIGMA, DELTA),
        auxiliary=(ENERGY,),
        assumptions=(EXISTS,),
        published=lambda Sigma, Delta: float(np.exp(-whitened_energy(Sigma, Delta) / 4)),
        side="below",
        decoys=(
            Decoy(
                name="twice the exponent",
                sentence="exp(−‖Δ̃‖_F²/2)",
                published=lambda Sigma, Delta: float(np.exp(-whitened_energy(Sigma, Delta) / 2)),
            ),
        ),
    )
    indistinct = Bound(
        name="indistinct",
        sentence="The Bayes error is at least Π(1 − δ²)^{1/2}: it tends to 1 where Δ is small on the scale of M2.",
        quantity=ERROR,
        statement=sp.Ge(ERROR.symbol, sp.Product(sp.sqrt(1 - delta[j, 0] ** 2), (j, 0, d - 1))),
        latex=r"\mathrm{MMSE}\geq\prod_{j=1}^{d}(1-\delta_j^2)^{1/2}",
        parameters=(DIMENSION, SIGMA, DELTA),
        auxiliary=(EIGENVALUES,),
        assumptions=(EXISTS,),
        published=affinity_squared,
        side="above",
        decoys=(
            Decoy(
                name="Z for Z²",
                sentence="the affinity itself as the least error",
                published=lambda Sigma, Delta: affinity_squared(Sigma, Delta) ** 0.5,
            ),
        ),
    )
    return wide, error, separable, indistinct
