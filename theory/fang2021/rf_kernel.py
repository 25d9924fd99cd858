"""The kernel of random features and its limit: k_m(x, x') = (1/m) Σ_j h(θ̃_j, x) h(θ̃_j, x') → k_∞(x, x').

For unit inputs with c = <x, x'>, θ̃ ~ N(0, I), and (u, v) the standard normals (θ̃ᵀx, θ̃ᵀx') of correlation c:

    k_∞ = E[σ(u)σ(v)] = σ̂(c),    E k_m = k_∞ at every m,    Var k_m = (E[σ(u)²σ(v)²] − σ̂(c)²)/m.

k_m is the mean of m independent terms, which gives both; so the root mean square of k_m − k_∞ is exactly of order
m^(−1/2): `rate`, over the kernel matrix of a set of points in Frobenius norm. σ̂ and the second moment are closed forms,
or the trapezoid rule with a computed error: `theory._mathematics.dual_activations`.

Source: Fang, Dong, Zhang 2021, section III, between Eqs. (6) and (7).
"""

import sympy as sp

from lazy_assay.theory import (
    Abbreviation,
    Auxiliary,
    Claim,
    Decoy,
    Eq,
    Identity,
    Limit,
    Quantity,
    Rate,
    Source,
    of_order,
)
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS, dual, dual_of_slope, second_moment
from lazy_assay.theory._mathematics.two_layer import ACTIVATION, CONVENTION, CORRELATION, POINTS, WIDTH, m
from lazy_assay.theory.fang2021 import PAPER

K = sp.Symbol("k_m")
S = sp.Symbol("V")
DISTANCE = sp.Function("Delta")(m)


def kernel(correlation: float, activation: str) -> float:
    """k_∞ = σ̂(c)."""
    return float(dual(activation, correlation))


def _of_slopes(correlation: float, activation: str) -> float:
    return float(dual_of_slope(activation, correlation))


def _at_coincidence(activation: str) -> float:
    return kernel(1.0, activation)


def second(correlation: float, activation: str) -> float:
    """E[σ(u)²σ(v)²]."""
    return float(second_moment(activation, correlation))


def variance(correlation: float, activation: str, m: int) -> float:
    """Variance of k_m."""
    return (second(correlation, activation) - kernel(correlation, activation) ** 2) / m


limit = Auxiliary(
    symbol=sp.Symbol("sigma_hat"), meaning="σ̂(c) = E[σ(u)σ(v)]", value=kernel, latex=r"\hat\sigma(x^\top x')"
)
# σ̂ in closed form, activation by activation; the others have none, and their own letter.
FORMS = {name: it.forms["dual"] for name, it in ACTIVATIONS.items() if "dual" in it.forms}
KINDS = {name: sp.Symbol(f"i_{name}", integer=True, nonnegative=True) for name in FORMS}
OTHERS = Auxiliary(
    symbol=sp.Symbol("sigma_rest"),
    meaning="σ̂(c) of " + ", ".join(name for name in ACTIVATIONS if name not in FORMS) + ", else 0",
    value=lambda correlation, activation: 0.0 if activation in FORMS else kernel(correlation, activation),
    latex=r"\hat\sigma_{\mathrm{else}}(x^\top x')",
)
DUAL = sp.Add(*(KINDS[name] * form for name, form in FORMS.items()), OTHERS.symbol)


def _named(name: str) -> Auxiliary:
    return Auxiliary(
        symbol=KINDS[name],
        meaning=f"1 where σ is {name}, else 0",
        value=lambda activation: float(activation == name),
        latex=rf"1_{{\mathrm{{{name}}}}}",
    )


square = Auxiliary(
    symbol=sp.Symbol("q"),
    meaning="E[σ(u)²σ(v)²]",
    value=second,
    latex=r"\mathbb{E}[h_0(\tilde\theta^\top x)^2h_0(\tilde\theta^\top x')^2]",
)
CLAIM = Claim(
    module=__name__,
    title="The kernel of random features has a limit",
    source=Source(paper=PAPER, locator="section III, between Eqs. (6) and (7)"),
    convention=CONVENTION + " Unit inputs.",
    parts=(
        Limit(
            name="kernel",
            sentence="The kernel of m random features has the limiting kernel as its mean, at every m.",
            quantity=Quantity(
                symbol=K, meaning="mean of k_m over weights", units="squared feature", latex=r"\mathbb{E}k_m(x,x')"
            ),
            statement=Eq(K, DUAL),
            latex=r"\mathbb{E}k_m(x,x')=\hat\sigma(x^\top x')",
            abbreviations=(
                Abbreviation(
                    latex=r"\hat\sigma(x^\top x')", meaning="E[σ(u)σ(v)], activation by activation", stands_for=DUAL
                ),
            ),
            rate=1 / sp.sqrt(m),
            parameters=(CORRELATION, ACTIVATION, WIDTH),
            auxiliary=(*map(_named, KINDS), OTHERS),
            published=kernel,
            decoys=(
                Decoy(
                    name="slopes",
                    sentence="E[σ'(u)σ'(v)], the tangent kernel's factor",
                    published=_of_slopes,
                ),
                Decoy(
                    name="one input",
                    sentence="E[σ(u)²], the kernel at coincident inputs",
                    published=_at_coincidence,
                ),
            ),
        ),
        Identity(
            name="fluctuation",
            ours=True,
            sentence="The kernel of m random features scatters about its limit with variance (E[σ²σ²] − σ̂²)/m.",
            quantity=Quantity(
                symbol=S,
                meaning="mean of (k_m − k_∞)²",
                units="fourth power of a feature",
                low=0,
                latex=r"\operatorname{Var}k_m(x,x')",
            ),
            statement=Eq(S, (square.symbol - limit.symbol**2) / m),
            latex=(
                r"\operatorname{Var}k_m(x,x')=\frac{1}{m}\left(\mathbb{E}[h_0(\tilde\theta^\top x)^2h_0("
                r"\tilde\theta^\top x')^2]-\hat\sigma(x^\top x')^2\right)"
            ),
            parameters=(CORRELATION, ACTIVATION, WIDTH),
            auxiliary=(limit, square),
            published=variance,
            finite=variance,
            decoys=(
                Decoy(
                    name="not centred",
                    sentence="the second moment without the square of the mean",
                    published=lambda correlation, activation, m: second(correlation, activation) / m,
                    finite=lambda correlation, activation, m: second(correlation, activation) / m,
                ),
                Decoy(
                    name="one more",
                    sentence="m + 1 features",
                    published=lambda correlation, activation, m: variance(correlation, activation, m + 1),
                    finite=lambda correlation, activation, m: variance(correlation, activation, m + 1),
                ),
            ),
        ),
        Rate(
            name="rate",
            sentence="The kernel matrix of a set of points comes to its limit at the order m^(−1/2), and no faster.",
            quantity=Quantity(
                symbol=DISTANCE,
                meaning="root mean square of ‖K_m − K_∞‖_F",
                units="squared feature",
                latex=r"\|K_m-K_\infty\|_F",
            ),
            statement=Eq(DISTANCE, of_order(m ** sp.Rational(-1, 2))),
            parameters=(ACTIVATION, WIDTH, POINTS),
            published=lambda: -0.5,
            towards="infinity",
            sharp=True,
            decoys=(
                Decoy(name="1/m", sentence="O(1/m), the variance for its root", published=lambda: -1.0),
                Decoy(name="m^(−1/4)", sentence="half the order", published=lambda: -0.25),
            ),
        ),
    ),
)
