"""Theorem 2.2: with h(w0) = 0 and a fixed time T, the flow of F(w) = R(αh(w))/α² is lazy as α → ∞.

    sup_{t≤T} ‖w − w0‖ ≤ √(T R(αh(w0)))/α,   sup ‖w − w̄‖ = O(α⁻²),   sup ‖αh(w) − αh̄(w̄)‖ = O(α⁻¹).

The constant. ‖w(t) − w0‖ ≤ ∫‖w'‖ ≤ √t (∫‖w'‖²)^½ by Cauchy–Schwarz, and along w' = −∇F, ∫₀ᵗ‖w'‖² = F(w0) − F(w(t)) ≤
F(w0) = R(αh(w0))/α². It needs no assumption on h(w0): only its order in α does.

The orders, with their constants, are the first terms of the expansion in `_perturbation`: generically none of them
vanishes, so each rate is confronted as *sharp*, and what is faster than stated would be noticed as well.

A paired start (every neuron twice, with opposite output weights: the doubling h(a, b) = g(a) − g(b) of the paper at a =
b, up to a change of signs) makes the last rate O(α⁻²). Let S swap the halves: h∘S = −h and S w0 = w0. Then F_{−α}(Sw) =
R(−αh(Sw))/α² = R(αh(w))/α² = F_α(w), so w_{−α}(t) = S w_α(t), and (−α)h(w_{−α}(t)) = αh(w_α(t)): the trained output is
an *even* function of α. Its expansion in 1/α has no odd terms, and the first correction r1/α is one. `symmetry` states
the evenness itself, which holds for gradient descent at every α and every number of steps, up to rounding.

Where h(w0) ≠ 0 (the negative control), R(αh(w0)) grows like α², and all three rates fail: ‖w − w0‖ tends to a constant.

Convention: R(y) = ½‖y − y*‖²; the rates are measured on gradient descent against linearised gradient descent, which
have the same expansion and a closed form, (1 − ηλ)^k. Source: Chizat, Oyallon, Bach 2019, Theorem 2.2.
"""

import math
from collections.abc import Callable

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Bound,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Rate,
    Real,
    Source,
    of_order,
)
from lazy_assay.theory.chizat2019 import PAPER
from lazy_assay.theory.chizat2019._networks import (
    ACTIVATION,
    INITIALISATION,
    LABELS,
    OUTPUT_WEIGHTS,
    POINTS,
    WEIGHTS,
    Array,
    descended,
    jacobian,
    start,
)

alpha, T, R0 = sp.symbols("alpha T R_0", positive=True)
eta = sp.Symbol("eta", positive=True)
K = sp.Symbol("K", integer=True, positive=True)
trained = sp.Symbol("y_alpha")
ALPHA = Parameter("alpha", alpha, "scale of the model", Real(0.0))
TIME = Parameter("T", T, "time of the gradient flow", Real(0.0), "1/(output per weight)²")
INITIAL_LOSS = Parameter(
    "initial_loss", R0, "R(αh(w0))", Real(0.0, closed_low=True), "squared output", latex=r"R(\alpha h(w_0))"
)
STEP_SIZE = Parameter("step_size", eta, "step size of gradient descent on R(αh)/α²", Real(0.0, 1.0))
STEPS = Parameter("steps", K, "number of steps", Integer(1))
DISTANCE, PARAMETERS, OUTPUT = (sp.Function(name)(alpha) for name in ("D", "Delta_w", "Delta_y"))

ZERO_OUTPUT = Assumption(
    name="zero output",
    sentence="h(w0) = 0: the model is centred, or its neurons come in pairs",
    holds=lambda initialisation: initialisation != "independent",
)
PAIRED = Assumption(
    name="paired start",
    sentence="every neuron comes twice, with opposite output weights",
    holds=lambda initialisation: initialisation == "paired",
)
NETWORK = (POINTS, LABELS, WEIGHTS, OUTPUT_WEIGHTS, ACTIVATION)


def distance_bound(alpha: float, T: float, initial_loss: float) -> float:
    """√(T R(αh(w0)))/α, a bound of ‖w(t) − w0‖ for all t ≤ T."""
    return math.sqrt(T * initial_loss) / alpha


def output(
    points: Array,
    labels: Array,
    W: Array,
    u: Array,
    activation: str,
    initialisation: str,
    alpha: float,
    step_size: float,
    steps: int,
) -> float:
    """αh at the first point after training at scale α; by the symmetry also what training at −α gives."""
    state, offset = start(points, W, u, activation, initialisation)
    return float(descended(points, labels, state, offset, activation, len(u), alpha, step_size, steps)[0])


def _reflected(
    points: Array,
    labels: Array,
    W: Array,
    u: Array,
    activation: str,
    initialisation: str,
    alpha: float,
    step_size: float,
    steps: int,
) -> float:
    """2ȳ − y_α: what −α would give, were the whole correction to the linear model odd in α."""
    state, _ = start(points, W, u, activation, initialisation)
    J, r = jacobian(points, state, activation, len(u)), -labels
    for _ in range(steps):
        r = r - step_size * J @ (J.T @ r)
    told = output(points, labels, W, u, activation, initialisation, alpha, step_size, steps)
    return float(2 * (r + labels)[0] - told)


def _constant(exponent: float) -> Callable[[], float]:
    return lambda: exponent


# Symbols of distances, as the theorem writes them.
_SIGNS = {
    DISTANCE: r"\sup_{t\leq T}\|w_\alpha(t)-w_0\|",
    PARAMETERS: r"\sup_{t\leq T}\|w_\alpha(t)-\bar w_\alpha(t)\|",
    OUTPUT: r"\sup_{t\leq T}\|\alpha h(w_\alpha(t))-\alpha\bar h(\bar w_\alpha(t))\|",
}


def _rate(
    name: str, sentence: str, symbol: sp.Expr, meaning: str, order: int, decoys: dict[str, float], needs: Assumption
) -> Rate:
    return Rate(
        name=name,
        ours=name == "paired_output",
        sentence=sentence,
        quantity=Quantity(symbol=symbol, meaning=meaning, latex=_SIGNS[symbol]),
        statement=Eq(symbol, of_order(alpha**-order)),
        latex=rf"{_SIGNS[symbol]}=O(\alpha^{{-{order}}})",
        parameters=(ALPHA, INITIALISATION, ACTIVATION, STEP_SIZE, STEPS),
        assumptions=(needs,),
        published=lambda: float(-order),
        towards="infinity",
        sharp=True,
        decoys=tuple(
            Decoy(name=decoy, sentence=f"of order α^{exponent:g}", published=_constant(exponent))
            for decoy, exponent in decoys.items()
        ),
    )


CLAIM = Claim(
    module=__name__,
    title="Lazy training of a scaled model",
    source=Source(paper=PAPER, locator="Theorem 2.2"),
    convention="R(y) = ½‖y − y*‖², a sum over points. Two-layer networks c Σ u_j σ(⟨w_j, x⟩), c = N^(−1/2), all "
    "weights trained.",
    parts=(
        Bound(
            name="bound",
            sentence="The weights move at most √(T R(αh(w0)))/α in a time T.",
            quantity=Quantity(
                symbol=DISTANCE,
                meaning="sup over t ≤ T of ‖w(t) − w0‖",
                units="weight",
                low=0,
                latex=r"\sup_{t\leq T}\|w_\alpha(t)-w_0\|",
            ),
            statement=sp.Le(DISTANCE, sp.sqrt(T * R0) / alpha),
            latex=r"\sup_{t\leq T}\|w_\alpha(t)-w_0\|\leq\frac{\sqrt{T\,R(\alpha h(w_0))}}{\alpha}",
            parameters=(ALPHA, TIME, INITIAL_LOSS, INITIALISATION, *NETWORK),
            published=distance_bound,
            decoys=(
                Decoy(
                    name="of order α⁻²",
                    sentence="α² in place of α",
                    published=lambda alpha, T, initial_loss: math.sqrt(T * initial_loss) / alpha**2,
                ),
                Decoy(
                    name="proportional to time",
                    sentence="T in place of its root, as if the speed stayed below the root of the loss",
                    published=lambda alpha, T, initial_loss: T * math.sqrt(initial_loss) / alpha,
                ),
            ),
        ),
        _rate(
            "distance",
            "The weights move by O(1/α).",
            DISTANCE,
            "sup over steps of ‖w − w0‖",
            1,
            {"faster": -2.0, "slower": -0.5},
            ZERO_OUTPUT,
        ),
        _rate(
            "parameters",
            "The weights stay within O(1/α²) of those of the linear model.",
            PARAMETERS,
            "sup over steps of ‖w − w̄‖",
            2,
            {"faster": -3.0, "as the distance": -1.0},
            ZERO_OUTPUT,
        ),
        _rate(
            "output",
            "The output of a centred model stays within O(1/α) of the linear model's, and no closer.",
            OUTPUT,
            "sup over steps of ‖αh(w) − αh̄(w̄)‖",
            1,
            {"as with a paired start": -2.0, "slower": -0.5},
            ZERO_OUTPUT,
        ),
        _rate(
            "paired_output",
            "With a paired start the output stays within O(1/α²) of the linear model's.",
            OUTPUT,
            "sup over steps of ‖αh(w) − αh̄(w̄)‖",
            2,
            {"faster": -3.0, "as without pairs": -1.0},
            PAIRED,
        ),
        Identity(
            name="symmetry",
            ours=True,
            sentence="With a paired start training at scale −α gives the output of training at α, exactly.",
            quantity=Quantity(
                symbol=trained,
                meaning="αh at the first point after training at −α",
                units="output",
                latex=r"-\alpha h(w_{-\alpha}(t))",
            ),
            statement=Eq(trained, sp.Symbol("y_plus")),
            # Within the step sizes at which descent on these networks stays finite.
            parameters=(
                Parameter("alpha", alpha, "scale of the model", Real(0.25, 64.0)),
                Parameter("step_size", eta, "step size of gradient descent on R(αh)/α²", Real(0.0, 0.15)),
                INITIALISATION,
                STEPS,
                *NETWORK,
            ),
            auxiliary=(
                Auxiliary(
                    symbol=sp.Symbol("y_plus"),
                    meaning="αh at the first point, at scale α",
                    value=output,
                    latex=r"\alpha h(w_\alpha(t))",
                    opaque="what a network is after steps of descent, a recursion through it",
                ),
            ),
            assumptions=(PAIRED,),
            published=output,
            decoys=(
                Decoy(name="odd correction", sentence="the linear model less the correction", published=_reflected),
                Decoy(
                    name="opposite",
                    sentence="the output changes its sign with α",
                    published=lambda points, labels, W, u, activation, initialisation, alpha, step_size, steps: (
                        -output(points, labels, W, u, activation, initialisation, alpha, step_size, steps)
                    ),
                ),
            ),
        ),
    ),
)
