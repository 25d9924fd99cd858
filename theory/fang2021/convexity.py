"""Eq. (16): the training objective is convex in the measure, where the loss is convex in the output.

For ρ_s = (1 − s)ρ_0 + sρ_1 outputs are f_s = (1 − s)f_0 + sf_1 and R(ρ_s) = (1 − s)R(ρ_0) + sR(ρ_1), both linear in the
measure. With Δf = f_1 − f_0 and all means over the n points,

    d²φ(ρ_s)/ds² = mean Δfᵀ L''(f_s, y) Δf                                        (`curvature`),
    φ(ρ_s) ≤ (1 − s)φ(ρ_0) + sφ(ρ_1)  if L is convex in v                         (`mixture`),
    φ(ρ_s) = (1 − s)φ(ρ_0) + sφ(ρ_1) − ½ s(1 − s) mean ‖Δf‖²  for L = ½‖v − y‖²   (`squared`).

Nothing is asked of r: "convex with respect to ρ if both the loss function L(·), and the regularizer R(·) are convex" is
true, and R = ∫ r dρ always is; a function r that is not convex in (u, θ) does as well.

It says nothing of (20): particles move along straight lines of the measure nowhere, and along straight lines in their
parameters, neuron by neuron at equal m, φ is not convex (`parameters`): networks of neurons in another order are the
same measure, and half way between two orders stands another function.

Not strictly: for σ(cz) = cσ(z), c > 0, the neurons (u/c, cθ) are another measure with the same outputs, so that with
r = 0 φ is constant all along the mixture (`rescaled`). With the entropy term it is strictly convex, as benefit (i)
says: the gap of H = ∫ p log p to its chord is (1 − s)KL(p_0|p_s) + s KL(p_1|p_s), and KL(p|q) ≥ ½‖p − q‖_1² (Pinsker)
with p_0 − p_s = s(p_0 − p_1), p_1 − p_s = (1 − s)(p_1 − p_0) makes it at least ½ s(1 − s)‖p_1 − p_0‖_1² (`entropy`).

Source: Fang, Dong, Zhang 2021, section V, Eq. (16) and the sentence below it; benefit (i) of entropy regularisation.
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Balance,
    Choice,
    Claim,
    Decoy,
    Eq,
    Observation,
    Parameter,
    Quantity,
    Real,
    Remark,
    Source,
)
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._mean_field import ACTIVATION, CONVENTION, HOMOGENEOUS

s = sp.Symbol("s", positive=True)
PHI, BEND, GAP = (sp.Symbol(name, real=True) for name in ("phi_s", "B", "H"))
P_0, P_1, DELTA, CURVED, W, V = sp.symbols("phi_0 phi_1 Delta C W V", real=True)
SHARE = Parameter("s", s, "share of ρ_1 in ρ_s", Real(0, 1))
LOSS = Parameter("loss", sp.Symbol("L"), "loss L(v, y)", Choice(("squared", "cross_entropy", "bounded")))
FIRST = Parameter("first", P_0, "φ(ρ_0)", Real(), "objective", latex=r"\phi(\rho_0)")
SECOND = Parameter("second", P_1, "φ(ρ_1)", Real(), "objective", latex=r"\phi(\rho_1)")
DISTANCE = Parameter(
    "gap",
    DELTA,
    "mean over points of ‖f_1 − f_0‖²",
    Real(0),
    "squared output",
    latex=r"\frac{1}{n}\sum_i\|f(\rho_1,x_i)-f(\rho_0,x_i)\|_2^2",
)
CURVATURE = Parameter(
    "curvature",
    CURVED,
    "mean over points of Δfᵀ L''(f_s, y) Δf",
    Real(),
    "objective",
    latex=r"\frac{1}{n}\sum_i\Delta f(x_i)^\top L''(f(\rho_s,x_i),y_i)\Delta f(x_i)",
)
SPREAD = Parameter("spread", W, "∫ ‖w‖² dρ_0 + ∫ ‖w‖² dρ_1", Real(0), "squared weight")
VARIATION = Parameter("variation", V, "‖p_1 − p_0‖_1²", Real(0), latex=r"\|p_1-p_0\|_1^2")
OBJECTIVE = Quantity(symbol=PHI, meaning="φ(ρ_s)", units="objective", latex=r"\phi(\rho_s)")
CONVEX = Assumption(
    name="convex loss",
    sentence="L(v, y) is convex in v",
    holds=lambda loss: loss != "bounded",
    threshold="the squared loss and the cross-entropy, of the losses here",
)
SQUARED = Assumption(name="squared loss", sentence="L(v, y) = ½‖v − y‖²", holds=lambda loss: loss == "squared")
EULER = Assumption(
    name="homogeneous",
    sentence="σ(cz) = cσ(z) for c > 0",
    holds=lambda activation: activation in HOMOGENEOUS,
    threshold="relu and abs, of the activations here",
)
LINEAR_ANYWAY = Remark(
    locator="section V, below Eq. (16)",
    sentence="“… if both the loss function L(·), and the regularizer R(·) are convex” asks for more than it needs: "
    "R(ρ) = ∫ r dρ is linear in ρ, and so convex, whatever r(u, θ) is (part mixture: r with cosines in it).",
)
NO_DESCENT = Remark(
    locator="section V, below Eq. (16)",
    sentence="Convexity in ρ is along mixtures of measures. (20) moves particles and is no descent along mixtures, so "
    "that convexity alone says nothing of where it ends; along straight lines in the parameters φ is not convex.",
)


def chord(first: float, second: float, s: float) -> float:
    """(1 − s)φ(ρ_0) + sφ(ρ_1)."""
    return (1 - s) * first + s * second


def sagging(first: float, second: float, gap: float, s: float) -> float:
    """The chord less ½ s(1 − s) mean ‖Δf‖²."""
    return chord(first, second, s) - s * (1 - s) * gap / 2


CLAIM = Claim(
    module=__name__,
    title="The objective is convex in the measure",
    source=Source(paper=PAPER, locator="section V, Eq. (16) and the sentence below it"),
    convention=CONVENTION,
    parts=(
        Balance(
            name="mixture",
            sentence="Along a mixture of measures φ lies on or below its chord, for every convex loss and any r.",
            quantity=OBJECTIVE,
            statement=sp.Le(PHI, (1 - s) * P_0 + s * P_1),
            latex=r"\phi(\rho_s)\leq(1-s)\phi(\rho_0)+s\phi(\rho_1)",
            parameters=(FIRST, SECOND, DISTANCE, SHARE, LOSS),
            measured=("first", "second", "gap"),
            side="below",
            assumptions=(CONVEX,),
            published=chord,
            remarks=(LINEAR_ANYWAY, NO_DESCENT),
            decoys=(
                Decoy(
                    name="strongly convex",
                    sentence="½ s(1 − s) mean ‖Δf‖² below it, as for the squared loss, for every loss",
                    published=sagging,
                ),
                Decoy(
                    name="the smaller",
                    sentence="the smaller of the two ends",
                    published=lambda first, second: min(first, second),
                ),
            ),
        ),
        Balance(
            name="squared",
            ours=True,
            sentence="For the squared loss φ lies ½ s(1 − s) mean ‖Δf‖² below its chord, exactly.",
            quantity=OBJECTIVE,
            statement=Eq(PHI, (1 - s) * P_0 + s * P_1 - s * (1 - s) * DELTA / 2),
            latex=r"\phi(\rho_s)=(1-s)\phi(\rho_0)+s\phi(\rho_1)-\frac{1}{2}s(1-s)\frac{1}{n}\sum_i\|f(\rho_1,x_i)-f(\rho_0,x_i)\|_2^2",
            parameters=(FIRST, SECOND, DISTANCE, SHARE, LOSS),
            measured=("first", "second", "gap"),
            assumptions=(SQUARED,),
            published=sagging,
            decoys=(
                Decoy(
                    name="no half",
                    sentence="s(1 − s) mean ‖Δf‖²",
                    published=lambda first, second, gap, s: sagging(first, second, 2 * gap, s),
                ),
                Decoy(
                    name="s²",
                    sentence="s² for s in the chord",
                    published=lambda first, second, gap, s: chord(first, second, s**2) - s * (1 - s) * gap / 2,
                ),
            ),
        ),
        Balance(
            name="curvature",
            ours=True,
            sentence="The second derivative of φ along a mixture is the mean of Δfᵀ L'' Δf: r has no part in it.",
            quantity=Quantity(
                symbol=BEND,
                meaning="d²φ(ρ_s)/ds²",
                units="objective",
                latex=r"\frac{\mathrm{d}^2\phi(\rho_s)}{\mathrm{d}s^2}",
            ),
            statement=Eq(BEND, CURVED),
            parameters=(CURVATURE, DISTANCE, SHARE, LOSS),
            measured=("curvature", "gap"),
            published=lambda curvature: curvature,
            decoys=(
                Decoy(name="L'' = 1", sentence="mean ‖Δf‖² for every loss", published=lambda gap: gap),
                Decoy(name="half", sentence="½ mean Δfᵀ L'' Δf", published=lambda curvature: curvature / 2),
            ),
        ),
        Observation(
            name="parameters",
            ours=True,
            sentence="Half way between two trained networks on a straight line in the parameters, φ is often above its "
            "chord; half way along their mixture it never is (tanh, 6 neurons, 6 points).",
            quantity=Quantity(symbol=sp.Symbol("q"), meaning="share of midpoints above the chord", low=0, high=1),
        ),
        Balance(
            name="rescaled",
            ours=True,
            sentence="Not strictly: with r = 0 and neurons (u/c, cθ) for (u, θ), φ is constant along the mixture.",
            quantity=OBJECTIVE,
            statement=Eq(PHI, P_0),
            parameters=(FIRST, SPREAD, SHARE, ACTIVATION),
            measured=("first", "spread"),
            assumptions=(EULER,),
            published=lambda first: first,
            decoys=(
                Decoy(
                    name="strictly convex",
                    sentence="¹⁄₁₆ s(1 − s)(∫‖w‖²dρ_0 + ∫‖w‖²dρ_1) below",
                    published=lambda first, spread, s: first - s * (1 - s) * spread / 16,
                ),
            ),
        ),
        Balance(
            name="entropy",
            sentence="With ∫ p log p strictly: its gap to the chord is at least ½ s(1 − s)‖p_1 − p_0‖_1².",
            quantity=Quantity(
                symbol=GAP,
                meaning="chord of ∫ p log p less its value",
                units="nats",
                low=0,
                latex=r"((1-s)\int p_0\log p_0+s\int p_1\log p_1-\int p_s\log p_s)",
            ),
            statement=sp.Ge(GAP, s * (1 - s) * V / 2),
            latex=r"(1-s)\int p_0\log p_0+s\int p_1\log p_1-\int p_s\log p_s\geq\frac{1}{2}s(1-s)\|p_1-p_0\|_1^2",
            parameters=(VARIATION, SHARE),
            measured=("variation",),
            side="above",
            published=lambda variation, s: s * (1 - s) * variation / 2,
            decoys=(
                Decoy(
                    name="twice",
                    sentence="s(1 − s)‖p_1 − p_0‖_1²",
                    published=lambda variation, s: s * (1 - s) * variation,
                ),
            ),
        ),
    ),
)
