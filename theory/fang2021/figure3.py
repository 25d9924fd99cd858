"""Figure 3 (α = √m): distance from the initialisation against the width m, under each convention of step sizes.

"When m increases, the solution of the neural networks becomes closer to the initialization, and this phenomenon happens
both with the practical learning rate η_u/η_θ = m/α and with the NTK theoretical learning rate η_u/η_θ = 1." The law of
`_distances` at α = √m, δθ ~ m^(−1/2)/(r + c) and δu ~ m^(−1/2) r/(r + c) with r = η_u/η_θ, gives for the mean over
neurons

    convention                      r        δθ         δu         all of θ, u (Frobenius, √m times as much)
    theoretical, Eq. (13)           1        m^(−1/2)   m^(−1/2)   1, 1: no smaller at any width
    practical, Eq. (11)             m/α=√m   m^(−1)     m^(−1/2)   m^(−1/2), 1
    Eq. (12), α η_u = η_θ           1/√m     m^(−1/2)   m^(−1)     1, m^(−1/2)

So every layer comes closer under every convention in the mean, and the paper's sentence on the figure holds; as m
grows, u alone learns under (11) and θ alone under (12) ("k^u is not effective"). The total distance of the layer that
learns does not fall: "closer" is true of each neuron, not of the parameter vector. At α = √m the first output is of
order one whatever m, so the paper's own initialisation has the same exponents. Next order: relative O(m^(−1/2)), from c
beside r and from the curvature of f (α = √m).

Erratum. "The large learning rate η_u will move u to be far away from the initialization ũ, violating the standard NTK
requirement of u ≈ ũ" (below (11)). δu ~ (D/α) r/(r + c) is at most D/α for every r = η_u/η_θ, however large: a neuron's
u comes closer like m^(−1/2) at α = √m, as under (13), and as the paper's own Figure 3 has it. Read charitably, u moves
*farther than θ*, by √m; and all of u together moves by O(1), which is no less under (13) (`theoretical_u_total`).
That it learns alone is what (11) does: training is that of random features.

Rates, sharp. Source: Fang, Dong, Zhang 2021, section IV, Figure 3 and the paragraph on it, Eqs. (11)–(13).
"""

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Erratum, Gravity, Rate, Source, of_order
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._distances import CONVENTION, WIDTH, distance, m

NAMES = {"theoretical": "η_u = η_θ (13)", "practical": "η_u = (m/α) η_θ (11)", "slow_u": "α η_u = η_θ (12)"}
# Exponents of the mean distances of θ and of u.
EXPONENTS = {
    "theoretical": {"theta": sp.Rational(-1, 2), "u": sp.Rational(-1, 2)},
    "practical": {"theta": sp.Integer(-1), "u": sp.Rational(-1, 2)},
    "slow_u": {"theta": sp.Rational(-1, 2), "u": sp.Integer(-1)},
}
LETTERS = {"theta": "θ", "u": "u"}


FAR = Erratum(
    gravity=Gravity.RESULT,
    locator="section IV, the sentences below Eq. (11)",
    printed="The large learning rate η_u will move u to be far away from the initialization ũ, violating the standard "
    "NTK requirement of u ≈ ũ.",
    corrected="The large learning rate η_u makes u move √m times as far as θ; each u_j stays within O(m^(−1/2)) of ũ_j "
    "at α = √m all the same, as under (13), and the requirement of u ≈ ũ is kept.",
    derivation="A loss that falls by a given amount asks for outputs that move by D = O(1). (r k^u + k^θ) L' moves "
    "them, so that the time it takes is m D/(α²(r + c)) up to constants, and δu ~ r η_θ t α/m ~ (D/α) r/(r + c) ≤ D/α "
    "for every ratio r of the learning rates.",
    charitable="Read as 'farther than θ', or of all of u, whose distance is O(1) under (13) as well, the sentence "
    "holds; then it violates nothing.",
    evidence="part practical_u: exponent −1/2 from m = 64 to 1024; the paper's own Figure 3 (practical learning rate)",
)


def _decoy(exponent: sp.Rational, sentence: str) -> Decoy:
    value = float(exponent)
    return Decoy(name=f"m^({exponent})", sentence=sentence, published=lambda: value)


def _rate(convention: str, layer: str, exponent: sp.Rational, total: bool) -> Rate:
    quantity, value = distance(m, LETTERS[layer], total), float(exponent)
    words = "Frobenius distance of all" if total else "mean distance of a neuron's"
    statement = Eq(quantity.symbol, of_order(m**exponent))
    return Rate(
        name=f"{convention}_{layer}_total" if total else f"{convention}_{layer}",
        sentence=f"At α = √m and {NAMES[convention]} the {words} {LETTERS[layer]} is of order m^({exponent}).",
        quantity=quantity,
        statement=statement,
        parameters=(WIDTH,),
        published=lambda: value,
        towards="infinity",
        sharp=True,
        decoys=(
            _decoy(exponent + sp.Rational(1, 2), "a factor √m more: sum for mean, or the wrong layer"),
            _decoy(exponent - sp.Rational(1, 2), "a factor √m less"),
        ),
        errata=(FAR,) if (convention, layer, total) == ("practical", "u", False) else (),
    )


CLAIM = Claim(
    module=__name__,
    title="Distance from the initialisation against the width",
    source=Source(paper=PAPER, locator="section IV, Figure 3, Eqs. (11)–(13)"),
    convention=CONVENTION,
    parts=(
        *(
            _rate(convention, layer, exponent, total=False)
            for convention, layers in EXPONENTS.items()
            for layer, exponent in layers.items()
        ),
        *(
            _rate("theoretical", layer, exponent + sp.Rational(1, 2), total=True)
            for layer, exponent in EXPONENTS["theoretical"].items()
        ),
    ),
)
