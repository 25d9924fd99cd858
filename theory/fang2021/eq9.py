"""Eq. (9) and the learning rates (11), (12), (13): the tangent model's parameters in the coefficients β^u and β^θ.

The derivation is in `theory._mathematics.tangent_training`: linearised descent keeps to (9) exactly, with
β^u/β^θ = η_u/η_θ. `ratio`: that ratio is m/α under (11), (α/m)η_u = η_θ; 1/α under (12), αη_u = η_θ; 1 under (13). So
what the paper says of (12) and (13) holds: "β^u moves very little compared to β^θ", "both … at the same order". Where
features of points are dependent (9) has many β for the same weights, which the paper does not say; the ratio is then
that of what the weights do determine (`readable`; derived beside the descent).

`rescaled`. "The same learning rate for the rescaled parameter αu/m and θ" is not (11). With v = αu/m descent at rate η
moves v by −η∇_vL, ∇_vL = (m/α)∇_uL, so u = (m/α)v by −η(m/α)²∇_uL: η_u = η(m/α)², and β^u/β^θ = (m/α)². (11) says
(m/α)η: the chain rule used once where it acts twice, on the gradient and on the step. At α = √m: mη, not √m·η.

`expanded`. The display after (9) is (8) with (9) put in; the term of u is printed with h(θ̃_i, x_i), i the index of a
point; it is h(θ̃_j, x_i). `kernel_form`. The next display, f_m([β^u, β^θ], x), has lost the first term of the last one,
f_0(x) = (α/m) Σ_j ũ_j h(θ̃_j, x), of order one at α = √m: it holds for initialisations with zero output alone, and
(10) and (14) inherit that.

Source: Fang, Dong, Zhang 2021, section IV, Eqs. (9), (11), (12), (13).
"""

from collections.abc import Mapping

import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Choice,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Formula,
    Gravity,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory._mathematics.kernel_functions import Descent
from lazy_assay.theory._mathematics.matrices import entry
from lazy_assay.theory._mathematics.readout import readout
from lazy_assay.theory._mathematics.tangent_letters import K_theta, K_u, auxiliary, k_theta, k_u, one, out_x, out_z, y
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory._mathematics.two_layer import (
    ACTIVATION,
    CENTRES,
    CONVENTION,
    LABELS,
    OUTPUT,
    POINTS,
    SCALE,
    THETA,
    WIDTH,
    Array,
    U,
    alpha,
    features,
    m,
    n,
)
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._readable import READABLE

RULE = Parameter("rule", sp.Symbol("rule"), "which display sets the learning rates", Choice(("11", "12", "13")),
                 latex=r"\mathrm{rule}")  # fmt: skip
ETA_U = Parameter("eta_u", sp.Symbol("eta_u", positive=True), "step size of u", Real(0))
ETA_THETA = Parameter("eta_theta", sp.Symbol("eta_theta", positive=True), "step size of θ", Real(0))
STEPS = Parameter("steps", sp.Symbol("T", positive=True, integer=True), "steps of gradient descent", Integer(1))
RATIO = Quantity(
    symbol=sp.Symbol("beta_ratio"),
    meaning="<β^u, β^θ>/<β^θ, β^θ>",
    units="dimensionless",
    latex=r"\frac{\beta^u}{\beta^\theta}",
)
GIVEN = (THETA, U, SCALE, POINTS, LABELS, CENTRES, ACTIVATION, ETA_U, ETA_THETA, STEPS)


def ratio(rule: str, alpha: float, m: int) -> float:
    """β^u/β^θ = η_u/η_θ."""
    return {"11": m / alpha, "12": 1 / alpha, "13": 1.0}[rule]


def _exchanged(rule: str, alpha: float, m: int) -> float:
    return {"11": 1 / alpha, "12": m / alpha, "13": alpha}[rule]


def _inverted(rule: str, alpha: float, m: int) -> float:
    return {"11": alpha / m, "12": alpha, "13": 1.0 + 1 / m}[rule]


def _read(offset: float, which: tuple[float, float]) -> Formula:
    """The trained tangent model, summed over Z, with f_0 and the two kernels' parts multiplied by given factors."""

    def formula(
        theta: Array,
        u: Array,
        alpha: float,
        points: Array,
        labels: Array,
        centres: Array,
        activation: str,
        eta_u: float,
        eta_theta: float,
        steps: int,
    ) -> float:
        start = Start(theta, u, alpha, points, labels, centres, activation)
        beta_u, beta_theta = start.coefficients(eta_u, eta_theta, steps)
        return start.value(which[0] * beta_u, which[1] * beta_theta, offset)

    return formula


def printed_index(
    theta: Array,
    u: Array,
    alpha: float,
    points: Array,
    labels: Array,
    centres: Array,
    activation: str,
    eta_u: float,
    eta_theta: float,
    steps: int,
) -> float:
    """(1/m) Σ_j Σ_i β_i^u h(θ̃_i, x_i) h(θ̃_j, x) in place of Σ_i β_i^u k^u(x, x_i); neurons are counted modulo m."""
    start = Start(theta, u, alpha, points, labels, centres, activation)
    beta_u, beta_theta = start.coefficients(eta_u, eta_theta, steps)
    H = features(theta, points, activation)
    own = sum(beta_u[i] * H[i, i % len(theta)] for i in range(len(points)))
    mean = features(theta, centres, activation).mean(axis=1)
    return start.value(0 * beta_u, beta_theta) + float((own * mean).sum())


def trained(
    theta: Array,
    u: Array,
    alpha: float,
    points: Array,
    labels: Array,
    centres: Array,
    activation: str,
    eta_u: float,
    eta_theta: float,
    steps: int,
) -> float:
    """f_0 + k^uβ^u + k^θβ^θ, summed over Z: one step moves the outputs along −K r, K = (α²/mn)(η_u k^u + η_θ k^θ)."""
    start = Start(theta, u, alpha, points, labels, centres, activation)
    scale = alpha**2 / (len(theta) * len(points))
    return readout(start, Descent(1.0, steps), scale * eta_u, scale * eta_theta)


scale, gap = alpha**2 / (m * n), y - out_x
K = scale * ETA_U.symbol * K_u + scale * ETA_THETA.symbol * K_theta
k = scale * ETA_U.symbol * k_u + scale * ETA_THETA.symbol * k_theta
lost = entry(k * (one - (one - K) ** STEPS.symbol) * K.I * gap)
p = out_z + lost
misread = Auxiliary(
    symbol=sp.Symbol("p_i"),
    meaning="the display with h(θ̃_i, x_i)",
    value=printed_index,
    latex=r"f_{\mathrm{display}}(x)",
)
POWERS: Mapping[str, tuple[int, int]] = {"11": (1, -1), "12": (0, -1), "13": (0, 0)}
of_m = Auxiliary(symbol=sp.Symbol("a"), meaning="1, 0, 0 under (11), (12), (13)", value=lambda rule: POWERS[rule][0])
of_alpha = Auxiliary(symbol=sp.Symbol("b"), meaning="−1, −1, 0 likewise", value=lambda rule: POWERS[rule][1])
CHAIN_RULE = Erratum(
    gravity=Gravity.CONSTANT,
    locator="section IV, Eq. (11)",
    printed="the same learning rate for the rescaled parameter αu/m and θ: (α/m)η_u = η, η_θ = η",
    corrected="(α/m)²η_u = η, η_θ = η",
    derivation="v = αu/m moves by −η∂L/∂v = −η(m/α)∂L/∂u, so u moves by (m/α) times that, −η(m/α)²∂L/∂u.",
    evidence="descent on (αu/m, θ) at one rate, read off in β^u and β^θ",
    printed_form=Eq(sp.Symbol("eta_u"), sp.Symbol("eta") * m / alpha),
    corrected_form=Eq(sp.Symbol("eta_u"), sp.Symbol("eta") * (m / alpha) ** 2),
    charitable=(
        "It is right where αu/m is moved by η times the gradient in u; nobody who trains αu/m "
        "as a parameter does that: its gradient is taken in αu/m."
    ),
)
NEURON = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section IV, the display after Eq. (9)",
    printed="Σ_i β_i^u h(θ̃_i, x_i) h(θ̃_j, x)",
    corrected="Σ_i β_i^u h(θ̃_j, x_i) h(θ̃_j, x)",
    derivation="(9) gives u_j − ũ_j with h(θ̃_j, x_i); i counts points, and there are n of them, not m.",
    evidence="the trained tangent model's outputs",
)
OFFSET = Erratum(
    gravity=Gravity.CONDITION,
    locator="section IV, f_m([β^u, β^θ], x) after Eq. (9), f_∞, and Eqs. (10), (14)",
    printed="f_m([β^u, β^θ], x) = Σ_i [β_i^u k_m^u(x, x_i) + k_m^θ(x, x_i) β_i^θ]",
    corrected="f_m = f_0(x) + Σ_i […] with f_0 = (α/m) Σ_j ũ_j h(θ̃_j, x), a random function of order α/√m",
    derivation="the display before it has the term αũ_jh(θ̃_j, x), which no β makes up for away from the data.",
    evidence="the trained tangent model's outputs, from normal initial weights",
    charitable=(
        "Right where the first output is zero (paired start), and as α/√m → 0; at the α = √m "
        "of the section the term is of order one."
    ),
)


# f_0 and the coefficients of (9) put into (8), after T steps.
_EXPANDED = (
    r"\left[\frac{\alpha^2\eta_u}{mn}k_m^u(x,X)+\frac{\alpha^2\eta_\theta}{mn}k_m^\theta(x,X)\right]"
    r"\left(I-\left(I-\frac{\alpha^2\eta_u}{mn}K_m^u-\frac{\alpha^2\eta_\theta}{mn}K_m^\theta\right)^T\right)"
    r"\left(\frac{\alpha^2\eta_u}{mn}K_m^u+\frac{\alpha^2\eta_\theta}{mn}K_m^\theta\right)^{-1}\left(y-f_0(X)\right)"
)


def _outputs(
    name: str, sentence: str, printed: Formula, wrong: sp.Expr, erratum: Erratum, *more: Auxiliary
) -> Identity:
    return Identity(
        name=name,
        sentence=sentence,
        quantity=OUTPUT,
        statement=Eq(OUTPUT.symbol, p),
        latex=f"f(x)=f_0(x)+{_EXPANDED}",
        printed_statement=Eq(OUTPUT.symbol, wrong),
        printed_latex=f"f(x)={_EXPANDED if wrong == lost else misread.latex}",
        parameters=GIVEN,
        auxiliary=(*auxiliary(p), *more),
        published=trained,
        printed=printed,
        errata=(erratum,),
        decoys=(
            Decoy(name="θ not trained", sentence="f_0 + k^uβ^u", published=_read(1.0, (1.0, 0.0))),
            Decoy(name="u not trained", sentence="f_0 + k^θβ^θ", published=_read(1.0, (0.0, 1.0))),
        ),
    )


CLAIM = Claim(
    module=__name__,
    title="Trained parameters of the tangent model, in coefficients of the data",
    source=Source(paper=PAPER, locator="section IV, Eqs. (9), (11), (12), (13)"),
    convention=CONVENTION,
    parts=(
        Identity(
            name="ratio",
            sentence="β^u/β^θ is m/α, 1/α and 1 under the learning rates (11), (12) and (13).",
            quantity=RATIO,
            statement=Eq(RATIO.symbol, m**of_m.symbol * alpha**of_alpha.symbol),
            latex=r"\frac{\beta^u}{\beta^\theta}=m^a\alpha^b",
            parameters=(RULE, SCALE, WIDTH, THETA, U, POINTS, LABELS, ACTIVATION, STEPS),
            auxiliary=(of_m, of_alpha),
            assumptions=(READABLE,),
            published=ratio,
            decoys=(
                Decoy(name="(11) and (12) exchanged", sentence="1/α, m/α, α", published=_exchanged),
                Decoy(name="inverted", sentence="α/m, α, 1 + 1/m", published=_inverted),
            ),
        ),
        Identity(
            name="rescaled",
            sentence="One learning rate for αu/m and θ makes β^u/β^θ = (m/α)².",
            quantity=RATIO,
            statement=Eq(RATIO.symbol, (m / alpha) ** 2),
            latex=r"\frac{\beta^u}{\beta^\theta}=\left(\frac{m}{\alpha}\right)^2",
            printed_statement=Eq(RATIO.symbol, m / alpha),
            printed_latex=r"\frac{\beta^u}{\beta^\theta}=\frac{m}{\alpha}",
            parameters=(SCALE, WIDTH, THETA, U, POINTS, LABELS, ACTIVATION, STEPS),
            assumptions=(READABLE,),
            published=lambda alpha, m: (m / alpha) ** 2,
            printed=lambda alpha, m: m / alpha,
            errata=(CHAIN_RULE,),
            decoys=(
                Decoy(name="the other way", sentence="(α/m)²", published=lambda alpha, m: (alpha / m) ** 2),
                Decoy(name="m", sentence="m, as if α were √m", published=lambda m: float(m)),
            ),
        ),
        _outputs(
            "expanded",
            "Descent on the tangent model keeps to (9); put into (8) it gives f_0 + k^uβ^u + k^θβ^θ.",
            printed_index,
            misread.symbol,
            NEURON,
            misread,
        ),
        _outputs(
            "kernel_form",
            "The kernel representation of the tangent model has the initial output as an offset.",
            _read(0.0, (1.0, 1.0)),
            lost,
            OFFSET,
        ),
    ),
)
