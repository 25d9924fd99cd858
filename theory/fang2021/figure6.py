"""Figure 6: a teacher of four sigmoid neurons, learned by students of width m, with noise and without.

"With m = 4, we will get stuck at a local minimum … When we increase m, we achieve more and more accurate learning of
the target function … many particles have a very small u, which means they are 'wasted neurons' … We show in (f) the
effect of using noisy gradient on this problem … there is a significant reduction of wasted neurons, and the final
solution are nearly aligned with the directions of the four target neurons … a small portion of wasted neurons, which
will decrease with wider NNs or larger noises."

`wider` compares m = 4 with m = 40, at one time of (20). No more is asked of larger widths.

What the stationary law says of noise. With confinement (λ_u/2)u² the law of u given θ is N(−a(θ)/λ_u, λ_p/λ_u): it has
a density at u = 0, so that P(|u| < t) > 0 at every λ_p > 0, and where a(θ)²/λ_u² falls below λ_p/λ_u noise makes small
u likelier, not rarer. Without a regulariser, as printed, a ≡ 0 at an interpolating optimum and there is no stationary
law at all: u and θ diffuse, and a share of small u falls only because all spread. So "will decrease with … larger
noises" follows from nothing; what moves at a given time is measured, one part each: waste, alignment with the teacher's
directions, and the test error. In two dimensions a random line is near one of four more often than not if "near" is
generous: alignment is counted within π/n, the angle between neighbours among n lines, which the n inputs can tell.
Source: Fang, Dong, Zhang 2021, section V, Figure 6 and the paragraphs on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Remark, Source
from lazy_assay.theory.fang2021 import PAPER

ERROR = Quantity(
    symbol=sp.Symbol("log_E"),
    meaning="natural logarithm of the mean squared distance from the teacher at fresh inputs",
    units="natural logarithm of a ratio",
)
WASTE = Quantity(
    symbol=sp.Symbol("W"), meaning="share of neurons with |u_j|‖h_j‖ below 0.1", units="share of the neurons"
)
ALIGNED = Quantity(
    symbol=sp.Symbol("A"),
    meaning="share of neurons whose line lies within π/n of one of the teacher's",
    units="share of the neurons",
)
GIBBS = Remark(
    locator="section V, last sentence on Figure 6",
    sentence="“A small portion of wasted neurons, which will decrease with … larger noises”: the stationary law of u "
    "given θ is N(−a/λ_u, λ_p/λ_u), which has mass near 0 at every noise, and more of it where a is small against "
    "√(λ_p λ_u). Without a regulariser, as printed, there is no stationary law.",
)
CLAIM = Claim(
    module=__name__,
    title="Students of a teacher of four neurons: width and noise",
    source=Source(paper=PAPER, locator="section V, Figure 6 and the paragraphs on it"),
    convention="f = (1/m) Σ u_j σ(θ_jᵀx), x ~ N(0, 100² I) in 2 dimensions, noise 0.1 on 60 targets, θ, u ~ N(0, 1), "
    "no regulariser, steps of −½∇g with N(0, λ_p) (temperature λ_p), read at time 300 of (20).",
    parts=(
        Observation(
            name="wider",
            sentence="At m = 4 the test error is more than three times that at m = 40.",
            quantity=ERROR,
        ),
        Observation(
            name="noise_reduces_waste",
            sentence="With noise, λ_p = 10⁻³, fewer neurons are wasted than without, at m = 110.",
            quantity=WASTE,
            remarks=(GIBBS,),
        ),
        Observation(
            name="more_noise_less_waste",
            sentence="With more noise, λ_p = 3·10⁻³, fewer neurons are wasted than with λ_p = 10⁻⁴, at m = 110.",
            quantity=WASTE,
            remarks=(GIBBS,),
        ),
        Observation(
            name="noise_aligns",
            sentence="With noise, λ_p = 10⁻³, more neurons are aligned with the teacher's directions, at m = 110.",
            quantity=ALIGNED,
        ),
        Observation(
            name="noise_costs_error",
            ours=True,
            sentence="With more noise, λ_p = 3·10⁻³, the test error is larger than without, at m = 40.",
            quantity=ERROR,
        ),
    ),
)
