"""Theorem 2.4: a lazy model converges to the minimiser at a linear rate, at every time.

R m-strongly convex with M-Lipschitz gradient, minimal at y*, κ = M/m; σ > 0 the least singular value of Dh(w0)ᵀ; Dh
Lipschitz. If ‖h(w0)‖ ≤ C0 = σ³/(32 κ^{3/2} ‖Dh(w0)‖ Lip(Dh)) and α > ‖y*‖/C0, then for all t ≥ 0

    ‖αh(w(t)) − y*‖ ≤ √κ ‖αh(w0) − y*‖ exp(−m σ² t/4).

Derivation. While ‖w − w0‖ ≤ σ/(2 Lip(Dh)), the least singular value of Dh(w)ᵀ is at least σ/2 and ‖Dh(w)‖ at most
(3/2)‖Dh(w0)‖, as σ ≤ ‖Dh(w0)‖. Then d/dt (R − R*) = −‖Dhᵀ∇R‖² ≤ −(σ²/4)‖∇R‖² ≤ −(m σ²/2)(R − R*), and with
(m/2)‖y − y*‖² ≤ R − R* ≤ (M/2)‖y − y*‖² follows the displayed bound. The weights: ‖w'‖ ≤ (3/2)‖Dh(w0)‖ M ‖y − y*‖/α,
so ‖w − w0‖ ≤ 6 κ^{3/2} ‖Dh(w0)‖ ‖αh(w0) − y*‖/(α σ²), which stays below σ/(2 Lip(Dh)) if ‖αh(w0) − y*‖/α is less than
σ³/(12 κ^{3/2} ‖Dh(w0)‖ Lip(Dh)). The hypothesis gives at most 2 C0 = σ³/(16 …): the theorem follows, and would with a
C0 that is 4/3 as large.

So would a faster rate. As far as ρσ/Lip(Dh) from w0 the least singular value is (1 − ρ)σ at least and ‖Dh‖ at most
(1 + ρ)‖Dh(w0)‖: ‖y − y*‖ falls like exp(−m(1 − ρ)²σ²t), and w moves less than ((1 + ρ)/(16(1 − ρ)²))σ/Lip(Dh). At ρ =
0.08 that is below ρσ/Lip(Dh), so that the hypothesis gives the rate 0.92² m σ² ≥ (21/25) m σ², three times m σ²/4.

Parts. `envelope` is the bound at a time t. `every_time` is the bound at all times up to t at once: sup over s ≤ t of
exp(m σ² s/4)‖αh(w(s)) − y*‖ is at most √κ‖αh(w0) − y*‖.

A test vector where all constants are known: h(w) = w₊² − w₋², entry by entry on R³, at w0 = 1: Dh = 2(diag w₊, −diag
w₋), σ = ‖Dh(w0)‖ = 2√2, Lip(Dh) = 2, C0 = 1/8 at κ = 1. There w₊w₋ is conserved, so DhDhᵀ = 4√(h² + 4) ⪰ 8, and the
residual falls at least as exp(−8 m t), four times as fast as stated: the bound is sharp at t = 0 and loose later.
Source: Chizat, Oyallon, Bach 2019, Theorem 2.4.
"""

import math
import sys
from collections.abc import Callable

import sympy as sp

from lazy_assay.theory import Assumption, Bound, Claim, Decoy, Parameter, Quantity, Real, Source, Stronger
from lazy_assay.theory.chizat2019 import PAPER
from lazy_assay.theory.chizat2019.theorem2_2 import ALPHA

t, sigma, D, L, e0, y0, h0, m, M = sp.symbols("t sigma_min D_0 L e_0 Y H_0 m M", positive=True)
residual = sp.Function("e")(t)
weighted = sp.Symbol("E")
NONNEGATIVE = Real(0.0, closed_low=True)
PARAMETERS = (
    ALPHA,
    Parameter("t", t, "time of the gradient flow", NONNEGATIVE),
    Parameter("sigma_min", sigma, "least singular value of Dh(w0)ᵀ", Real(0.0)),
    Parameter("Dh_norm", D, "‖Dh(w0)‖", Real(0.0)),
    Parameter("Dh_lipschitz", L, "Lipschitz constant of Dh", Real(0.0)),
    Parameter("initial_error", e0, "‖αh(w0) − y*‖", NONNEGATIVE, "output", latex=r"\|\alpha h(w_0)-y^*\|"),
    Parameter("target_norm", y0, "‖y*‖", NONNEGATIVE, "output"),
    Parameter("initial_output_norm", h0, "‖h(w0)‖", NONNEGATIVE, "output"),
    Parameter("convexity", m, "m, strong convexity of R", Real(0.0)),
    Parameter("smoothness", M, "M, Lipschitz constant of ∇R", Real(0.0)),
)


# C0 is a product of powers, each rounded: what a comparison with it may be off by.
ROUNDED_UP = 1 + 16 * sys.float_info.epsilon


def C0(sigma_min: float, Dh_norm: float, Dh_lipschitz: float, convexity: float, smoothness: float) -> float:
    """σ³/(32 κ^{3/2} ‖Dh(w0)‖ Lip(Dh))."""
    condition = smoothness / convexity
    return sigma_min**3 / (32 * condition * math.sqrt(condition) * Dh_norm * Dh_lipschitz)


def constant(initial_error: float, convexity: float, smoothness: float) -> float:
    """√κ ‖αh(w0) − y*‖."""
    return math.sqrt(smoothness / convexity) * initial_error


def envelope(
    alpha: float,
    t: float,
    sigma_min: float,
    Dh_norm: float,
    Dh_lipschitz: float,
    initial_error: float,
    target_norm: float,
    initial_output_norm: float,
    convexity: float,
    smoothness: float,
) -> float:
    """√κ ‖αh(w0) − y*‖ exp(−m σ² t/4). `predict` takes what the hypothesis speaks of, and refuses where it fails."""
    return constant(initial_error, convexity, smoothness) * math.exp(-convexity * sigma_min**2 * t / 4)


def whole(
    alpha: float,
    t: float,
    sigma_min: float,
    Dh_norm: float,
    Dh_lipschitz: float,
    initial_error: float,
    target_norm: float,
    initial_output_norm: float,
    convexity: float,
    smoothness: float,
) -> float:
    """√κ ‖αh(w0) − y*‖, refused where the hypothesis fails."""
    return constant(initial_error, convexity, smoothness)


def _without_curvature(t: float, sigma_min: float, initial_error: float, convexity: float, smoothness: float) -> float:
    return constant(initial_error, convexity, smoothness) * math.exp(-(sigma_min**2) * t)


def _with_rate(factor: float, largest: bool = False, steep: bool = False) -> Callable[..., float]:
    def wrong(
        t: float, sigma_min: float, Dh_norm: float, initial_error: float, convexity: float, smoothness: float
    ) -> float:
        size, curvature = Dh_norm if largest else sigma_min, smoothness if steep else convexity
        return constant(initial_error, convexity, smoothness) * math.exp(-factor * curvature * size**2 * t)

    return wrong


HYPOTHESIS = (
    Assumption(
        name="curvatures",
        sentence="M ≥ m: a function's curvature is no smaller than its least",
        holds=lambda convexity, smoothness: smoothness >= convexity,
        required=True,
    ),
    Assumption(
        name="singular values",
        sentence="σ_min ≤ ‖Dh(w0)‖ (up to rounding): no matrix has these two",
        holds=lambda sigma_min, Dh_norm: sigma_min <= Dh_norm * (1 + 1e-9),
        required=True,
    ),
    Assumption(
        name="residual",
        sentence="‖αh(w0) − y*‖ lies within α‖h(w0)‖ of ‖y*‖ (up to rounding): no vectors have these norms",
        holds=lambda alpha, initial_error, target_norm, initial_output_norm: (
            abs(initial_error - target_norm) <= alpha * initial_output_norm + target_norm * 1e-9
        ),
        required=True,
    ),
    Assumption(
        name="small output",
        sentence="‖h(w0)‖ ≤ C0 = σ_min³/(32 κ^{3/2} ‖Dh(w0)‖ Lip(Dh)); centre the model",
        holds=lambda sigma_min, Dh_norm, Dh_lipschitz, initial_output_norm, convexity, smoothness: (
            initial_output_norm <= C0(sigma_min, Dh_norm, Dh_lipschitz, convexity, smoothness)
        ),
        required=True,
    ),
    Assumption(
        name="large scale",
        sentence="α > ‖y*‖/C0, C0 = σ_min³/(32 κ^{3/2} ‖Dh(w0)‖ Lip(Dh)); scale the model up",
        holds=lambda alpha, sigma_min, Dh_norm, Dh_lipschitz, target_norm, convexity, smoothness: (
            # Strictly beyond, and not by the rounding of C0's powers: at α = ‖y*‖/C0 the theorem says nothing.
            alpha * C0(sigma_min, Dh_norm, Dh_lipschitz, convexity, smoothness) > target_norm * ROUNDED_UP
        ),
        required=True,
    ),
)
FASTER = Stronger(
    statement=sp.Le(residual, sp.sqrt(M / m) * e0 * sp.exp(-sp.Rational(21, 25) * m * sigma**2 * t)),
    why="the rate (21/25) m σ² under the same hypothesis",
)
CLAIM = Claim(
    module=__name__,
    title="Convergence of a lazy model at a linear rate",
    source=Source(paper=PAPER, locator="Theorem 2.4"),
    convention="Time of the gradient flow of R(αh(w))/α²; singular values of Dh as a map from weights to outputs.",
    main=("envelope",),
    parts=(
        Bound(
            name="envelope",
            sentence="The distance to the minimiser falls at least as fast as exp(−m σ² t/4), at every time.",
            quantity=Quantity(
                symbol=residual,
                meaning="‖αh(w(t)) − y*‖",
                units="output",
                low=0,
                latex=r"\|\alpha h(w_\alpha(t))-y^*\|",
            ),
            statement=sp.Le(residual, sp.sqrt(M / m) * e0 * sp.exp(-m * sigma**2 * t / 4)),
            latex=r"\|\alpha h(w_\alpha(t))-y^*\|\leq\sqrt{M/m}\,\|\alpha h(w_0)-y^*\|\,e^{-m\sigma_{\min}^2t/4}",
            parameters=PARAMETERS,
            assumptions=HYPOTHESIS,
            published=envelope,
            stronger=(FASTER,),
            decoys=(
                Decoy(
                    name="rate of the loss",
                    sentence="exp(−2mσ²t): the loss of the linear model falls at that rate, its root does not",
                    published=_with_rate(2.0),
                ),
                Decoy(
                    name="smoothness in the rate",
                    sentence="M in place of m, and no 4",
                    published=_with_rate(1.0, steep=True),
                ),
                Decoy(
                    name="largest singular value",
                    sentence="‖Dh‖ in place of σ, and no 4",
                    published=_with_rate(1.0, largest=True),
                ),
                Decoy(
                    name="convexity forgotten",
                    sentence="exp(−σ²t), as if every R had curvature one, and no 4",
                    published=_without_curvature,
                ),
            ),
        ),
        Bound(
            name="every_time",
            sentence="At no time up to t does the distance to the minimiser lie above the envelope.",
            quantity=Quantity(
                symbol=weighted,
                meaning="sup over s ≤ t of exp(m σ² s/4)‖αh(w(s)) − y*‖",
                units="output",
                low=0,
                latex=r"\sup_{s\leq t}e^{m\sigma_{\min}^2s/4}\|\alpha h(w_\alpha(s))-y^*\|",
            ),
            statement=sp.Le(weighted, sp.sqrt(M / m) * e0),
            latex=(
                r"\sup_{s\leq t}e^{m\sigma_{\min}^2s/4}\|\alpha h(w_\alpha(s))"
                r"-y^*\|\leq\sqrt{M/m}\,\|\alpha h(w_0)-y^*\|"
            ),
            parameters=PARAMETERS,
            assumptions=HYPOTHESIS,
            published=whole,
            decoys=(
                Decoy(
                    name="inverse condition number",
                    sentence="√(m/M) in place of √(M/m)",
                    published=lambda initial_error, convexity, smoothness: (
                        math.sqrt(convexity / smoothness) * initial_error
                    ),
                ),
                Decoy(
                    name="one percent less",
                    sentence="1 % less than stated, with the square loss",
                    published=lambda initial_error: 0.99 * initial_error,
                ),
            ),
        ),
    ),
)
