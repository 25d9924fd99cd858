"""Section VII.B: deep networks in the mean-field scaling, with i.i.d. weights of a law that does not depend on m.

"[69], [70] investigated the continuous limit of DNNs under the initialization that all weights were i.i.d. realizations
of a fixed distribution (with finite variance) independent of the number of hidden units. Unfortunately, in such
setting, all neurons in a middle layer will have the same output value at initialization, and this property holds during
the entire training process." Its example is "a three-layer NN": two hidden layers.

z¹_i = θ_iᵀx, z^(l+1)_i = (1/m) Σ_j W^l_ij h^l_j with h = σ(z), f = (1/m) Σ_i u_i h^L_i, L hidden layers of m neurons.
Time runs m times faster for θ and u and m² times for W than in plain gradient flow, so that all of them move by O(1):

    dW^l_ij/dt = −E[δ^(l+1)_i h^l_j],   δ^L_i = L' u_i σ'(z^L_i),   δ^l_j = σ'(z^l_j) (1/m) Σ_i W^l_ij δ^(l+1)_i.

`initial`: z^(l+1)_i for l ≥ 1 is a mean of m i.i.d. terms given h^l: all the same up to O(m^(−1/2)). (Where E W = 0 all
are 0 up to that, and the *relative* spread is of order one for a trivial reason: the law here has mean 1.)
`middle`: a layer with hidden layers on both sides. δ_j is σ'(z_j) times a mean of m terms that are i.i.d. given the
layer above, and σ'(z_j) is common by `initial`: what is added to z_j is common up to O(m^(−1/2)). The sentence holds.
`last`, `two_hidden`: in the last hidden layer δ_i = L' u_i σ'(z_i) carries the neuron's *own* output weight. What is
added to z_i is E[δ_i (h_i's inputs)] and so proportional to u_i to first order: its spread is of order one at every m.
The sentence fails for the last hidden layer, and with it for the paper's own example, whose only middle layer this is.
`equal`: with u_i all the same it holds there too.
Control: W ~ N(0, m), of a variance that grows with m, 1/m in front: the z_i are N(0, mean h²), not the same at all, and
nothing degenerates: the spread is of order one before and after training.

Rates, sharp: deviation over neurons over root mean square, of outputs before training and of what training adds to
them. Source: Fang, Dong, Zhang 2021, section VII.B, second paragraph.
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Choice,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Integer,
    Parameter,
    Quantity,
    Rate,
    Remark,
    Source,
    of_order,
)
from lazy_assay.theory.fang2021 import PAPER

m = sp.Symbol("m", positive=True, integer=True)
WIDTH = Parameter("m", m, "width of all hidden layers", Integer(1))
HIDDEN = Parameter("hidden", sp.Symbol("L"), "number of hidden layers", Integer(2))
WEIGHTS = Parameter("weights", sp.Symbol("W"), "law of the weights between hidden layers", Choice(("fixed", "growing")))
OUTER = Parameter("outer", sp.Symbol("u"), "output weights: i.i.d., or all the same", Choice(("random", "equal")))
PARAMETERS = (WIDTH, HIDDEN, WEIGHTS, OUTER)
FIXED = Assumption(
    name="fixed law",
    sentence="weights i.i.d. from a law of finite variance that does not depend on m",
    holds=lambda weights: weights == "fixed",
    threshold="N(1, 1) here, against N(0, m)",
)
EQUAL = Assumption(
    name="equal output weights", sentence="all output weights are the same", holds=lambda outer: outer == "equal"
)
BEFORE = Quantity(
    symbol=sp.Function("s_0")(m),
    meaning="deviation over neurons of outputs before training, over their size",
    low=0,
    latex=r"s_0",
)
ADDED = Quantity(
    symbol=sp.Function("s")(m),
    meaning="deviation over neurons of what training adds to outputs, over its size",
    low=0,
    latex=r"s",
)
HALF, ZERO = of_order(m ** -sp.Rational(1, 2)), of_order(1)
OWN_WEIGHT = Erratum(
    gravity=Gravity.CONDITION,
    locator="section VII.B, second paragraph",
    printed="all neurons in a middle layer will have the same output value at initialization, and this property holds "
    "during the entire training process",
    reading="of the middle layer of the paper's example, 'a three-layer NN': its second hidden layer, i.i.d. output "
    "weights among 'all weights'",
    corrected="… at initialization; during training it holds for a hidden layer with hidden layers on both sides, and "
    "for the last hidden layer only where all output weights are the same.",
    derivation="A neuron of the last hidden layer is driven by L' u_i σ'(z_i), with its own output weight u_i, which "
    "is no mean over anything; farther in, the factor is a mean of m terms.",
    evidence="parts two_hidden and last: the spread of what training adds is .8 of its size at every width from 32 to "
    "320; parts middle and equal: it falls like m^(−1/2)",
    charitable="Of a middle layer between hidden layers the sentence is right (part middle), and of the last one if u "
    "is no weight but a constant (part equal). The example it is written for has no other middle layer than the last.",
)


def _half() -> float:
    return -0.5


def _zero() -> float:
    return 0.0


def _falls(name: str, sentence: str, quantity: Quantity, *assumptions: Assumption) -> Rate:
    return Rate(
        name=name,
        sentence=sentence,
        quantity=quantity,
        statement=Eq(quantity.symbol, HALF),
        latex=rf"{quantity.latex}(m)=O\left(m^{{-1/2}}\right)",
        parameters=PARAMETERS,
        assumptions=(FIXED, *assumptions),
        published=_half,
        towards="infinity",
        sharp=True,
        decoys=(
            Decoy(name="stays", sentence="of order one at every width", published=_zero),
            Decoy(name="variance", sentence="m^(−1), as a variance over neurons", published=lambda: -1.0),
        ),
    )


def _stays(name: str, sentence: str, remarks: tuple[Remark, ...] = ()) -> Rate:
    return Rate(
        name=name,
        sentence=sentence,
        quantity=ADDED,
        statement=Eq(ADDED.symbol, ZERO),
        latex=r"s(m)=O(1)",
        printed_statement=Eq(ADDED.symbol, HALF),
        printed_latex=r"s(m)=O\left(m^{-1/2}\right)",
        parameters=PARAMETERS,
        assumptions=(FIXED,),
        published=_zero,
        printed=_half,
        towards="infinity",
        sharp=True,
        decoys=(Decoy(name="slower", sentence="m^(−1/4): degenerate in the end", published=lambda: -0.25),),
        errata=(OWN_WEIGHT,),
        remarks=remarks,
    )


CLAIM = Claim(
    module=__name__,
    title="Neurons of a middle layer stay the same in the limit, those of the last hidden layer do not",
    source=Source(paper=PAPER, locator="section VII.B, second paragraph"),
    convention="1/m before every sum over neurons; θ ~ N(0, 1), W and u ~ N(1, 1), sigmoid; steps times m for θ and u, "
    "times m² for W; ½ the mean squared error; a fixed time.",
    parts=(
        _falls(
            "initial",
            "Before training the neurons of a hidden layer on top of another one have the same output, up to "
            "O(m^(−1/2)).",
            BEFORE,
        ),
        _falls(
            "middle",
            "Training adds the same to all neurons of a hidden layer that has hidden layers on both sides, up to "
            "O(m^(−1/2)).",
            ADDED,
        ),
        _stays(
            "last",
            "To the neurons of the last of three hidden layers training adds different amounts at every width.",
            (
                Remark(
                    locator="section VII.B, 'initialization strategies … sample the NN weights from N(0, O(m))'",
                    sentence="Right in this scaling, with 1/m before the sum; [74] and [45] themselves have no 1/m and "
                    "a variance of order 1/m. There nothing degenerates: the control of the parts initial and middle.",
                ),
            ),
        ),
        _stays(
            "two_hidden",
            "In the paper's example, two hidden layers, training adds different amounts to the neurons of the second "
            "at every width.",
        ),
        _falls(
            "equal",
            "With two hidden layers and equal output weights training adds the same to all neurons of the second, up "
            "to O(m^(−1/2)).",
            ADDED,
            EQUAL,
        ),
    ),
)
