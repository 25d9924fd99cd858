"""Section VI, below Eq. (24): the variance of a neuron at the optimum, among all laws that represent the function.

"If we consider using the L_2 regularization for u, and assume that h(θ, x) is batch-normalized as (1/n) Σ_i h(θ, x_i)²
= 1 for all θ, then … when fully optimized, ‖u‖_2 is nearly a constant with respect to the distribution ρ(u, θ). It
implies that the variance of (24) achieved by NN training is nearly minimized among all ρ' such that f(ρ', x) = f(ρ,
x)."

`normalised`. With ‖·‖_n² the mean over the n points, V(ρ) = ∫‖αuh − f(ρ)‖_n² dρ = ∫α²u²‖h‖_n² dρ − ‖f‖_n² = α²∫u²dρ −
‖f‖_n². So R = (λ/2)∫u²dρ is (λ/2α²)(V + ‖f‖_n²), and among all ρ' with the same f *at the data* φ = loss + R orders
the laws as V does: the global minimiser of φ has *exactly* the least V. No constancy of |u| is needed for that, and
both of the paper's *nearly* can go. Away from the data f(ρ') is another function, and nothing is said.

`trained`. A law on given features is p_j ≥ 0, Σp_j = 1, and u_j: f = αHc with c_j = p_ju_j. ∫u²dρ = Σ c_j²/p_j ≥
(Σ|c_j|)² by Cauchy–Schwarz, with equality at p_j ∝ |c_j|, |u_j| = ‖c‖_1 on the whole support: *exactly* constant. So
the least V is α²‖c‖_1² − ‖f‖_n², and φ's minimum over c is that of (1/2n)‖αHc − y‖² + (λ/2)‖c‖_1²: [58]'s ℓ1 norm, for
any h. `among` bounds V of every other law with the minimiser's f at the data from below.

Where h is not normalised (the control) the least ∫u²dρ is not the least V. Descent from a finite m may stop short of
the minimiser: on given features φ is convex in (p, pu), and does not.

Source: Fang, Dong, Zhang 2021, section VI, the paragraph below Eq. (24).
"""

from collections.abc import Callable

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Eq,
    Formula,
    Identity,
    InvalidParameterError,
    Parameter,
    Quantity,
    Source,
)
from lazy_assay.theory._mathematics.two_layer import (
    LABELS,
    POINTS,
    REGULARISATION,
    SCALE,
    THETA,
    Array,
    U,
    alpha,
    features,
)
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._lasso import squared_lasso_coefficients

# No relu: a neuron that no point activates has nothing to normalise.
ACTIVATION = Parameter(
    "activation",
    sp.Symbol("sigma"),
    "activation, h(θ, x) = σ(θᵀx) over its root mean square at the points",
    Choice(("abs", "erf", "sin", "tanh", "softplus", "sigmoid")),
)
NORMALISATION = Parameter(
    "normalisation", sp.Symbol("N"), "whether features are normalised at the points", Choice(("batch", "none"))
)
NORMALISED = Assumption(
    name="normalised",
    sentence="(1/n) Σ_i h(θ, x_i)² = 1 for every θ",
    holds=lambda normalisation: normalisation == "batch",
)


def normalised(theta: Array, points: Array, activation: str) -> Array:
    """h_j(x_i), (n, m), of mean square one in every column."""
    found = features(theta, points, activation)
    size = np.sqrt(np.square(found).mean(axis=0))
    if not size.all():
        raise InvalidParameterError("a neuron is zero at every point and cannot be normalised; leave it out")
    return np.asarray(found / size)


def squared_function(theta: Array, u: Array, alpha: float, points: Array, activation: str) -> float:
    """‖f‖_n²."""
    return float(np.square(alpha * normalised(theta, points, activation) @ u / len(u)).mean())


def equal_masses(theta: Array, u: Array, alpha: float, points: Array, activation: str) -> float:
    """α² mean u_j² − ‖f‖_n², f = (α/m) Σ u_j h_j."""
    return float(alpha**2 * (u**2).mean()) - squared_function(theta, u, alpha, points, activation)


def minimiser(theta: Array, alpha: float, points: Array, labels: Array, activation: str, lambda_: float) -> Array:
    """c_j = p_ju_j of the global minimiser of φ, (m,): ∫u²dρ is at least ‖c‖_1²."""
    return squared_lasso_coefficients(alpha * normalised(theta, points, activation), labels, lambda_)


def _of_minimiser(read: Callable[[Array, Array], float]) -> Formula:
    """α² times a function of the minimiser's c and Hc."""

    def formula(theta: Array, alpha: float, points: Array, labels: Array, activation: str, lambda_: float) -> float:
        c = minimiser(theta, alpha, points, labels, activation, lambda_)
        return float(alpha**2 * read(c, normalised(theta, points, activation) @ c))

    return formula


least_variance = _of_minimiser(lambda c, f: float(np.abs(c).sum() ** 2 - np.square(f).mean()))
_equal_masses = _of_minimiser(lambda c, f: float(len(c) * (c @ c) - np.square(f).mean()))
_not_centred = _of_minimiser(lambda c, f: float(np.abs(c).sum() ** 2))


def _of_ridge(theta: Array, alpha: float, points: Array, labels: Array, activation: str, lambda_: float) -> float:
    """V of the minimiser over u at equal masses: ridge regression with (λ/2m)Σu_j²."""
    H, m = normalised(theta, points, activation), len(theta)
    K = alpha**2 * H @ H.T / m + lambda_ * len(labels) * np.eye(len(labels))
    u = alpha * H.T @ np.linalg.solve(K, labels)
    return equal_masses(theta, u, alpha, points, activation)


V, norm = sp.Symbol("V"), sp.Symbol("c_1", positive=True)
moment, size = sp.Symbol("u_2", positive=True), sp.Symbol("F", positive=True)
VARIANCE = Quantity(
    symbol=V,
    meaning="∫‖αuh − f(ρ)‖_n² dρ",
    units="squared output",
    latex=r"\int\|\alpha u h-f(\rho)\|_n^2\,\mathrm{d}\rho",
)
AT_MINIMISER = (
    Auxiliary(
        symbol=norm,
        meaning="‖c‖_1 of the minimiser",
        value=lambda theta, alpha, points, labels, activation, lambda_: float(
            np.abs(minimiser(theta, alpha, points, labels, activation, lambda_)).sum()
        ),
        latex=r"\|c\|_1",
    ),
    Auxiliary(
        symbol=size,
        meaning="‖f‖_n² of the minimiser",
        value=_of_minimiser(lambda c, f: float(np.square(f).mean())),
        latex=r"\|f\|_n^2",
    ),
)
LEAST = alpha**2 * norm**2 - size
GIVEN = (THETA, SCALE, POINTS, LABELS, ACTIVATION, REGULARISATION, NORMALISATION)
CLAIM = Claim(
    module=__name__,
    title="The optimal law of neurons has the least variance of all that represent the function",
    source=Source(paper=PAPER, locator="section VI, below Eq. (24)"),
    convention="h(θ, x) = σ(θᵀx) over its root mean square at the points; L(v, y) = ½(v − y)² under the mean over the "
    "n points, which is also what ‖·‖_n² is; one output, R = (λ/2)∫u²dρ.",
    parts=(
        Identity(
            name="normalised",
            sentence="For normalised features a neuron's variance is α²∫u²dρ − ‖f‖_n².",
            quantity=VARIANCE,
            statement=Eq(V, alpha**2 * moment - size),
            latex=r"\int\|\alpha u h-f(\rho)\|_n^2\,\mathrm{d}\rho=\alpha^2\int u^2\,\mathrm{d}\rho-\|f\|_n^2",
            parameters=(THETA, U, SCALE, POINTS, ACTIVATION, NORMALISATION),
            auxiliary=(
                Auxiliary(
                    symbol=moment,
                    meaning="∫u²dρ",
                    value=lambda u: float((u**2).mean()),
                    latex=r"\int u^2\,\mathrm{d}\rho",
                ),
                Auxiliary(symbol=size, meaning="‖f‖_n²", value=squared_function, latex=r"\|f\|_n^2"),
            ),
            assumptions=(NORMALISED,),
            published=equal_masses,
            decoys=(
                Decoy(
                    name="not centred",
                    sentence="α²∫u²dρ",
                    published=lambda u, alpha: alpha**2 * float((u**2).mean()),
                ),
                Decoy(
                    name="α once",
                    sentence="α∫u²dρ − ‖f‖_n²",
                    published=lambda theta, u, alpha, points, activation: (
                        alpha * float((u**2).mean()) - squared_function(theta, u, alpha, points, activation)
                    ),
                ),
            ),
        ),
        Identity(
            name="trained",
            sentence="The minimiser of loss and decay of u over laws on given features has V = α²‖c‖_1² − ‖f‖_n².",
            quantity=VARIANCE,
            statement=Eq(V, LEAST),
            latex=r"\int\|\alpha u h-f(\rho)\|_n^2\,\mathrm{d}\rho=\alpha^2\|c\|_1^2-\|f\|_n^2",
            parameters=GIVEN,
            auxiliary=AT_MINIMISER,
            assumptions=(NORMALISED,),
            published=least_variance,
            decoys=(
                Decoy(name="equal masses", sentence="u_j = m c_j: the masses are not trained", published=_equal_masses),
                Decoy(name="not centred", sentence="α²‖c‖_1²", published=_not_centred),
                Decoy(name="kernel", sentence="the ridge solution with equal masses", published=_of_ridge),
            ),
        ),
        Bound(
            name="among",
            companion="trained",
            sentence="No other law with the minimiser's values at the data has a smaller variance: exactly the least.",
            quantity=VARIANCE,
            statement=sp.Ge(V, LEAST),
            latex=r"\int\|\alpha u h-f(\rho)\|_n^2\,\mathrm{d}\rho\geq\alpha^2\|c\|_1^2-\|f\|_n^2",
            parameters=GIVEN,
            auxiliary=AT_MINIMISER,
            assumptions=(NORMALISED,),
            published=least_variance,
            side="above",
            decoys=(
                Decoy(name="equal masses", sentence="u_j = m c_j: the masses are not trained", published=_equal_masses),
                Decoy(name="not centred", sentence="α²‖c‖_1²", published=_not_centred),
            ),
        ),
    ),
)
