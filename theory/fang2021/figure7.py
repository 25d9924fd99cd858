"""Figure 7: the scale α takes the same network from mean field to the tangent kernel.

"As α → ∞, the dynamics of MF becomes similar to that of NTK under suitable conditions, and the solution becomes closer
and closer to the initialization. When we reduce α, the final solution becomes farther apart from the initialization.
This migrates from the NTK regime to the MF regime." The figure is a drawing without numbers; these are ours.

Compared is what is comparable: the same training loss, in the time in which outputs move by O(1), one step being
η·m/max(α, α²) (equal numbers of steps say nothing across α). u ~ N(0, 1) in pairs of opposite sign, so that f(0) = 0.

A neuron moves by δ_j ~ D/α while the outputs move by D = O(1) (`_distances`; with f(0) = 0 at every α and m). So at α =
m^p, 0 ≤ p ≤ 1/2,

* `distance`: the mean distance of a neuron's θ from its start is of order m^(−p): no smaller at any width for α = 1,
  mean field, m^(−1/2) for α = √m, the tangent kernel's regime.
* `kernel`: K = (1/m) Σ_j k(w_j) changes by the mean over neurons of Dk·δ_j + O(δ²). δ_j is odd in u_j to first order,
  and k even: in pairs of opposite u the first order cancels, and K changes by O(1/α²) = m^(−2p).
* `kernel_scale`: for the same reason like α^(−2) at one width, for α large against one.
* `farther`: between α = 1/4 and 16, over the whole way, every fourfold α is closer to the initialisation.

Without pairs the first order is a mean over m random signs, O(1/(α√m)): beside α^(−2) that is of the same order at α =
√m, and at one width it takes over as α grows; and f(0) ≠ 0 must be unlearned (`figure2`).
Next order: relative O(1/α). Rates, sharp. Source: Fang, Dong, Zhang 2021, section V, Figure 7 and the text on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Formula, Observation, Parameter, Quantity, Rate, Real, Source
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._distances import ALPHA, WIDTH, alpha, m

p = sp.Symbol("p", nonnegative=True)
order = sp.Function("O")
EXPONENT = Parameter("exponent", p, "p in α = m^p", Real(0, 0.5, closed_low=True, closed_high=True))
DISTANCE = Quantity(
    symbol=sp.Function("Delta")(m),
    meaning="mean distance of a neuron's θ from its start, at matched training loss",
    units="that of θ",
    latex=r"\|\theta_j-\tilde\theta_j\|_2",
)


def _change(size: sp.Symbol) -> Quantity:
    return Quantity(
        symbol=sp.Function("kappa")(size),
        meaning="‖K − K(0)‖/‖K(0)‖ of the tangent kernel, at matched training loss",
        latex=r"\frac{\|K-K_0\|_F}{\|K_0\|_F}",
    )


def _times(factor: int) -> Formula:
    return lambda exponent: -factor * exponent


def _none() -> float:
    return 0.0


def _in_width(name: str, sentence: str, quantity: Quantity, factor: int, other: int) -> Rate:
    return Rate(
        name=name,
        sentence=sentence,
        quantity=quantity,
        statement=Eq(quantity.symbol, order(m ** (-factor * p))),
        parameters=(EXPONENT, WIDTH),
        published=_times(factor),
        towards="infinity",
        sharp=True,
        decoys=(
            Decoy(name="mean field", sentence="no smaller at any width, whatever α is", published=_none),
            Decoy(name=f"m^(−{other}p)", sentence="one order for the other", published=_times(other)),
        ),
    )


CLAIM = Claim(
    module=__name__,
    title="The scale of the output takes a network from mean field to its tangent kernel",
    source=Source(paper=PAPER, locator="section V, Figure 7 and the text on it"),
    convention="tanh, u ~ N(0, 1) in pairs of opposite sign, unit inputs, normal labels, ½ the mean squared error, "
    "compared where the loss first is 5 % of the first one; steps of η·m/max(α, α²).",
    parts=(
        _in_width(
            "distance", "At α = m^p a neuron's θ moves by order m^(−p): not at all less at α = 1.", DISTANCE, 1, 2
        ),
        _in_width("kernel", "At α = m^p the tangent kernel changes by order m^(−2p).", _change(m), 2, 1),
        Rate(
            name="kernel_scale",
            sentence="At one width the tangent kernel changes by order α^(−2).",
            quantity=_change(alpha),
            statement=Eq(_change(alpha).symbol, order(alpha**-2)),
            parameters=(ALPHA,),
            published=lambda: -2.0,
            towards="infinity",
            sharp=True,
            decoys=(
                Decoy(name="first order", sentence="α^(−1), as without pairs", published=lambda: -1.0),
                Decoy(name="third order", sentence="α^(−3)", published=lambda: -3.0),
            ),
        ),
        Observation(
            name="farther",
            sentence="When α is reduced the solution is farther from the initialisation: from 16 to 4 to 1 to 1/4.",
            quantity=Quantity(
                symbol=sp.Symbol("Delta"), meaning="mean distance of a neuron's θ from its start", units="that of θ"
            ),
        ),
    ),
)
