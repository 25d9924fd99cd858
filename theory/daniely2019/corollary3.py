"""Corollary 3: E_ω|f(x) − f_ω(x)|² ≤ C²‖f‖²_k/q at every x, and what lies behind it.

`exact_mean`: with f = Σ c_j k(·, z_j), q E|f(x) − f_ω(x)|² = Var <f̌(ω), ψ(ω, x)> = cᵀ(A − B)c exactly
(`_approximation`): here at one x, or in the mean over points.

`bound`: the printed chain is right: Var ≤ E<f̌, ψ>² ≤ C²E|f̌|² = C²‖f‖²_k by ‖ψ‖ ≤ C. Every D is √d-bounded, so the
corollary is Theorem 4 with R = √d; a D on a single point is where the two agree, and where abs makes it sharp.

How near: abs and f = k(·, z) − k(·, z'), z and z' at angles ±θ of x. f(x) = 0; f̌ is not 0 where their signs differ,
with chance 2θ/π, and there <f̌, ψ> = ±2 cos θ. ‖f‖² = 2 − 2 cos 2θ (1 − 4θ/π), so that the mean over the bound is
cos²θ (4θ/π)/(1 − cos 2θ (1 − 4θ/π)), which is 1 − O(θ): 0.80 at θ = 10°, 0.95 at 2°.

`sgd`: "SGD on top of a random q-embedding … L_D(f̂) ≤ L_D(f*) + O(‖f*‖_k/√q)". For a convex L-Lipschitz loss (L = 1
below) the mean iterate of T steps of size η from 0 has E L(f̂) ≤ L(f_ω) + E‖v_ω‖²/(2ηT) + ηL²C²/2, where v_ω =
(f̌(ω_1), …, f̌(ω_q))/√q makes f_ω and E‖v_ω‖² = ‖f‖²_k; with η = ‖f‖/(LC√T)

    E L(f̂) ≤ L(f) + LC‖f‖_k(1/√q + 1/√T).

The printed O(‖f*‖/√q) so needs T ≥ q steps, which the paper does not say there. At T = 1 the mean iterate is 0, and for
abs, f = c k(·, x), D on x alone and labels f(x) its loss is |c| = ‖f‖_k: the bound, as q grows.

The distributions are uniform on points. Source: Daniely 2020, section 2.6, Corollary 3 and the paragraph after it.
"""

from typing import Any

import sympy as sp

from lazy_assay.theory import Auxiliary, Bound, Choice, Claim, Decoy, Eq, Identity, Integer, Parameter, Quantity, Source
from lazy_assay.theory._mathematics.dual_activations import SCALED
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._approximation import Array, bound_arguments, exact_mean, spread
from lazy_assay.theory.daniely2019._parameters import (
    BOUND,
    CENTRES,
    COEFFICIENTS,
    DIMENSION,
    ERROR,
    FEATURES,
    NAMES,
    NORM,
    POINTS,
    C,
    f_norm,
    q,
    sigma,
)

V = sp.Symbol("V", nonnegative=True)
T = sp.Symbol("T", integer=True, positive=True)
STEPS = Parameter("steps", T, "steps of SGD", Integer(1))
# With scaled versions of |u|: by |u| the bounds are attained, and C is 1 in it.
ACTIVATION = Parameter("activation", sigma, "activation σ", Choice((*NAMES, *SCALED)))
CONFIGURATION = (CENTRES, COEFFICIENTS, FEATURES, ACTIVATION, POINTS)
EXCESS = Quantity(
    symbol=sp.Symbol("e"),
    meaning="E L_D(f̂) − L_D(f)",
    units="loss",
    latex=r"(\mathbb{E}\mathcal{L}_{\mathcal{D}}(\hat f)-\mathcal{L}_{\mathcal{D}}(f))",
)


def bound(q: int, C: float, f_norm: float) -> float:
    """C²‖f‖²/q, the squared bound."""
    return C**2 * f_norm**2 / q


def bound_at(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """The same at a configuration."""
    return bound(**arguments_of(centres, coefficients, q, activation, points))


def arguments_of(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> dict[str, Any]:
    """q, C and ‖f‖ of a configuration."""
    known = bound_arguments(centres, coefficients, q, activation, points)
    return {name: known[name] for name in ("q", "C", "f_norm")}


def variance(centres: Array, coefficients: Array, activation: str, points: Array) -> float:
    """cᵀ(A − B)c: the variance of one random feature's function in the mean over points."""
    second, squared, _ = spread(activation, centres, coefficients, points)
    return second - squared


def second_moment(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """cᵀAc/q: the mean not subtracted."""
    return spread(activation, centres, coefficients, points)[0] / q


def sgd_bound(q: int, C: float, f_norm: float, steps: int) -> float:
    """C‖f‖(1/√q + 1/√T)."""
    return C * f_norm * float(q**-0.5 + steps**-0.5)


def sgd_bound_at(centres: Array, coefficients: Array, q: int, activation: str, points: Array, steps: int) -> float:
    """The same at a configuration."""
    return sgd_bound(**arguments_of(centres, coefficients, q, activation, points), steps=steps)


def exact_part(parameters: tuple[Parameter, ...]) -> Identity:
    """The exact mean behind a bound: one part of Corollary 3 and of Theorem 4."""
    return Identity(
        name="exact_mean",
        ours=True,
        sentence="The mean squared error of f_ω is the variance of one feature's function over q.",
        quantity=ERROR,
        statement=Eq(ERROR.symbol, V / q),
        latex=r"\mathbb{E}_\omega\|f-f_\omega\|_{2,\mathcal{D}}^2=\frac{V}{q}",
        parameters=parameters,
        auxiliary=(Auxiliary(symbol=V, meaning="cᵀ(A − B)c", value=variance, latex=r"V"),),
        published=exact_mean,
        finite=exact_mean,
        decoys=(
            Decoy(
                name="mean not subtracted",
                sentence="cᵀAc/q: the second moment in place of the variance",
                published=second_moment,
                finite=second_moment,
            ),
            Decoy(
                name="2q independent features",
                sentence="half the variance, as if the neurons of a pair were independent",
                published=lambda centres, coefficients, q, activation, points: (
                    exact_mean(centres, coefficients, q, activation, points) / 2
                ),
                finite=lambda centres, coefficients, q, activation, points: (
                    exact_mean(centres, coefficients, q, activation, points) / 2
                ),
            ),
        ),
    )


BOUND_PART = Bound(
    name="bound",
    companion="exact_mean",
    sentence="At every input the mean squared error of f_ω is at most C²‖f‖²/q.",
    quantity=ERROR,
    statement=sp.Le(ERROR.symbol, C**2 * f_norm**2 / q),
    latex=r"\mathbb{E}_\omega\|f-f_\omega\|_{2,\mathcal{D}}^2\leq\frac{C^2\|f\|_k^2}{q}",
    parameters=(*CONFIGURATION, BOUND, NORM, DIMENSION),
    published=bound,
    finite=bound_at,
    limit_of=arguments_of,
    decoys=(
        Decoy(name="1/q²", sentence="C²‖f‖²/q²", published=lambda q, C, f_norm: bound(q, C, f_norm) / q),
        Decoy(
            name="d features in one",
            sentence="C²‖f‖²/(qd) for every D: Theorem 4 without its R",
            published=lambda q, C, f_norm, d: bound(q, C, f_norm) / d,
            finite=lambda centres, coefficients, q, activation, points: (
                bound_at(centres, coefficients, q, activation, points) / points.shape[1]
            ),
        ),
    ),
)
SGD = Bound(
    name="sgd",
    sentence="SGD of T steps on a random embedding comes within C‖f‖(1/√q + 1/√T) of the loss of f.",
    quantity=EXCESS,
    statement=sp.Le(EXCESS.symbol, C * f_norm * (1 / sp.sqrt(q) + 1 / sp.sqrt(T))),
    latex=(
        r"\mathbb{E}\mathcal{L}_{\mathcal{D}}(\hat f)-\mathcal{L}_{\mathcal{D}}(f)\leq C\|f\|_k"
        r"\left(\frac{1}{\sqrt{q}}+\frac{1}{\sqrt{T}}\right)"
    ),
    parameters=(*CONFIGURATION, STEPS, BOUND, NORM, DIMENSION),
    published=sgd_bound,
    finite=sgd_bound_at,
    limit_of=lambda centres, coefficients, q, activation, points, steps: (
        arguments_of(centres, coefficients, q, activation, points) | {"steps": steps}
    ),
    decoys=(
        Decoy(
            name="1/q and 1/T",
            sentence="C‖f‖(1/q + 1/T)",
            published=lambda q, C, f_norm, steps: C * f_norm * (1 / q + 1 / steps),
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Function approximation by random features",
    source=Source(paper=PAPER, locator="section 2.6, Corollary 3"),
    convention="Squared bounds; the NTK scheme; f = Σ c_j k(·, z_j); D uniform on given points (one: pointwise).",
    main=("exact_mean",),
    parts=(exact_part((*CONFIGURATION, DIMENSION)), BOUND_PART, SGD),
)
