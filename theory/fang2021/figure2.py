"""Figure 2 (η_u/η_θ = 1, m = 10⁴): distance from the initialisation against the scale α, at one width m.

"When the scaling parameter α increases, the NN training process belongs to a smaller and smaller neighborhood of the
initialization"; by Eq. (9), θ − θ̃ and u − ũ carry a factor 1/α. The law of `_distances`, δ ~ D/α, gives

* `theta`, `u` (zero first output): D is constant and δ ~ α⁻¹, for the mean over neurons and for the Frobenius distance
  alike. Next order: relative O(δ) from the curvature of f, O(1/α) again.
* `initial_loss` (the paper's own u, θ ~ N(0, σ²)): the first output is ~ N(0, σ⁴α²h²/m), and for α ≫ √m the softmax
  loss is max_j (f_j − f_y) up to log k: it grows like α¹.
* `own_theta`, `own_u`: for α ≫ √m, D ~ α/√m must be unlearned and δ → C/√m, of order α⁰. For α ≪ √m, δ ~ α⁻¹ as with
  zero output. Next order: a mean loss τ leaves a point wrong by up to nτ, so that D falls short of C α/√m by up to nτ:
  a relative nτ √m/α.

Erratum: with the paper's initialisation the neighbourhood does not shrink without end as α grows: past α ~ √m it
keeps a radius of order 1/√m. (The text before Eq. (9) says itself that NTK needs α = O(√m); at m = 10⁴ that is 100.)
Rates, sharp. Source: Fang, Dong, Zhang 2021, section IV, Figure 2 and the paragraph on it, Eq. (9).
"""

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Erratum, Gravity, Quantity, Rate, Source, of_order
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._distances import ALPHA, CONVENTION, alpha, distance

FLOOR = Erratum(
    gravity=Gravity.CONDITION,
    locator="section IV, paragraph on Figure 2; Eq. (9) and the sentence below the kernels",
    printed="when the scaling parameter α increases, the NN training process belongs to a smaller and smaller "
    "neighborhood of the initialization",
    reading="u, θ ~ N(0, σ²) as in the experiments, at a fixed m; by Eq. (9) the distance falls like 1/α",
    corrected="it falls like 1/α up to α ~ √m, and tends to C/√m beyond; 1/α at every α where the first output is zero",
    derivation="The first output has deviation of order α/√m; the outputs must move by D ~ max(1, α/√m) to reach a "
    "given loss, and a neuron moves by D/α. For α ≫ √m the softmax loss is homogeneous in the outputs' scale, so "
    "D √m/α tends to a constant.",
    evidence="parts own_theta and own_u: slope 0 for α from 16√m to 64√m; parts theta and u: slope −1; part "
    "initial_loss: the first loss grows like α",
    charitable=("Right at every α where the first output is zero, and from the paper's own start up to α of order √m."),
)
STEEPER = Decoy(name="inverse square", sentence="α⁻²", published=lambda: -2.0)
SLOWER = Decoy(name="inverse root", sentence="α^(−1/2), as against the width", published=lambda: -0.5)


def _lazy(name: str, layer: str) -> Rate:
    quantity = distance(alpha, layer)
    return Rate(
        name=name,
        sentence=f"With zero first output the mean distance of {layer} falls like 1/α.",
        quantity=quantity,
        statement=Eq(quantity.symbol, of_order(1 / alpha)),
        parameters=(ALPHA,),
        published=lambda: -1.0,
        towards="infinity",
        sharp=True,
        decoys=(STEEPER, SLOWER),
    )


def _own(name: str, layer: str) -> Rate:
    quantity = distance(alpha, layer)
    return Rate(
        name=name,
        sentence=f"With the paper's own initialisation the mean distance of {layer} does not fall beyond α ~ √m.",
        quantity=quantity,
        statement=Eq(quantity.symbol, of_order(1)),
        printed_statement=Eq(quantity.symbol, of_order(1 / alpha)),
        parameters=(ALPHA,),
        published=lambda: 0.0,
        printed=lambda: -1.0,
        towards="infinity",
        sharp=True,
        decoys=(SLOWER,),
        errata=(FLOOR,),
    )


FIRST_LOSS = Quantity(
    symbol=sp.Function("L_0")(alpha), meaning="softmax loss before training", units="nats", latex=r"L_0"
)
CLAIM = Claim(
    module=__name__,
    title="Distance from the initialisation against the scale",
    source=Source(paper=PAPER, locator="section IV, Figure 2"),
    convention=CONVENTION,
    parts=(
        _lazy("theta", "θ"),
        _lazy("u", "u"),
        _own("own_theta", "θ"),
        _own("own_u", "u"),
        Rate(
            name="initial_loss",
            sentence="With the paper's own initialisation the first softmax loss grows like α beyond α ~ √m.",
            quantity=FIRST_LOSS,
            statement=Eq(FIRST_LOSS.symbol, of_order(alpha)),
            parameters=(ALPHA,),
            published=lambda: 1.0,
            towards="infinity",
            sharp=True,
            decoys=(
                Decoy(name="bounded", sentence="α⁰, as where the first output is zero", published=lambda: 0.0),
                Decoy(name="variance", sentence="α², as the first output's variance", published=lambda: 2.0),
            ),
        ),
    ),
)
