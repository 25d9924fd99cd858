"""Section 5 and figures 4 to 6: one, two and three hidden layers "at the same number of computations".

`two_layers_count`, `three_layers_count`. The paper's layer sizes are (n) for one hidden layer, (n/2, n/20) for two and
(n/3, n/30, n/3) for three, and "the number of computations for both cases are both dn". Counting the weights of the
matrices that the paper counts (W_1 and those between hidden layers; the output weights are left out):
    two:   d·n/2 + (n/2)(n/20)               = dn/2 + n²/40,     equal to dn only at n = 20 d,
    three: d·n/3 + (n/3)(n/30) + (n/30)(n/3) = dn/3 + n²/45,     equal to dn only at n = 30 d.
At d = 10 and n = 10,000 the two-layer network has 25 times the weights of the one-layer network.

Observations, each at the loss and the width that it names (the paper names neither), all networks of a trial on the
same points. `_fitted` is at a loss of 0.1, `_wide` at n = 1000:
* `equal_neurons`: at equal numbers of neurons the deeper networks' first layers move less ("converging on the infinite
  width theorem faster"). Yes; but their linearisation error is larger (control): they are less lazy, not more.
* `two_layers`: at the paper's sizes the two-layer network moves more than the one-layer network (figure 4). At a loss
  of 0.5, n = 300 and 1000: yes. At a loss of 0.1 there is no such difference at n = 300, and the opposite at n = 1000:
  the order depends on where training stops.
* `three_layers`: three layers at the paper's sizes move less than two (figure 6). Yes, at both losses.
* `equal_weights` (ours): at truly equal weight counts, (130, 13) and (100, 10, 100) against (300), the deeper networks
  move more, and are further from their tangent models.
Source: Kearns et al. 2023, section 5; section 6, figures 4 to 6.
"""

from itertools import pairwise

import sympy as sp

from lazy_assay.theory import (
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Identity,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Source,
)
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import CONVENTION, MOVEMENT

d, n = sp.symbols("d n", positive=True)
COUNT = Quantity(
    symbol=sp.Symbol("C", positive=True),
    meaning="weights in the matrices that the paper counts",
    units="weights",
    low=0,
    latex=r"\sum_{l\geq1}\dim(W_l)",
)
DIMENSION = Parameter("d", d, "input dimension", Integer(1))
NEURONS = Parameter("n", n, "neurons of the one-layer network", Integer(1))


def two(d: int, n: int) -> float:
    """dn/2 + n²/40."""
    return d * n / 2 + n * n / 40


def three(d: int, n: int) -> float:
    """dn/3 + n²/45."""
    return d * n / 3 + n * n / 45


def one(d: int, n: int) -> float:
    """dn."""
    return float(d * n)


def _counted(*widths: sp.Expr) -> sp.Expr:
    """Sum of the products of neighbouring layers, inputs first."""
    sizes = (d, *widths)
    return sp.expand(sum(a * b for a, b in pairwise(sizes)))


def _erratum(layers: str, right: str, equal: str) -> Erratum:
    return Erratum(
        gravity=Gravity.RESULT,
        locator="section 5, after dim(W_2)",
        printed="the number of computations for both cases are both dn",
        corrected=f"{layers}: {right}, which is dn only at {equal}",
        derivation="sum of the entries of the weight matrices of the printed sizes",
        evidence="weights of the networks counted",
        charitable=(
            "As an order of growth: for n ≫ d the second term, n²/40 or n²/45, outweighs dn; the "
            "counts are compared as equal."
        ),
    )


FEWER = "At equal numbers of neurons the first layers of deeper networks move less"
TWO = "At the paper's sizes the first layer of two moves more than that of one"
THREE = "At the paper's sizes the first layer of three moves less than that of two"
WEIGHTS = "At truly equal weight counts the first layers of deeper networks move more"
# Name, settings, sentence.
FINDINGS = (
    ("equal_neurons", "n = 300 and a loss of 0.5", FEWER),
    ("equal_neurons_wide", "n = 1000 and a loss of 0.1", FEWER),
    ("two_layers", "n = 300 and a loss of 0.5", TWO),
    ("two_layers_fitted", "n = 300 and a loss of 0.1", TWO),
    ("two_layers_wide", "n = 1000 and a loss of 0.5", TWO),
    ("two_layers_wide_fitted", "n = 1000 and a loss of 0.1", TWO),
    ("three_layers", "n = 300 and a loss of 0.5", THREE),
    ("three_layers_fitted", "n = 300 and a loss of 0.1", THREE),
    ("three_layers_wide", "n = 1000 and a loss of 0.5", THREE),
    ("equal_weights", "n = 300 and a loss of 0.5", WEIGHTS),
)
OURS = ("equal_weights",)
CLAIM = Claim(
    module=__name__,
    title="Depth at equal computation",
    source=Source(paper=PAPER, locator="section 5; section 6, figures 4 to 6"),
    convention=CONVENTION + " Weight counts leave out the output layer, as the paper's do.",
    parts=(
        Identity(
            name="two_layers_count",
            sentence="The two-layer network of the paper has dn/2 + n²/40 weights below its output.",
            quantity=COUNT,
            statement=Eq(COUNT.symbol, d * n / 2 + n**2 / 40), latex=(
                r"\sum_{l\geq1}\dim(W_l)=\frac{dn}{2}+\frac{n^2}{40}"
            ),
            printed_statement=Eq(COUNT.symbol, d * n), printed_latex=r"\sum_{l\geq1}\dim(W_l)=dn",
            derivation=lambda: _counted(n / 2, n / 20),
            parameters=(DIMENSION, NEURONS),
            published=two,
            printed=one,
            decoys=(
                Decoy(name="first layer only", sentence="dn/2", published=lambda d, n: d * n / 2),
                Decoy(name="no bottleneck", sentence="dn/2 + n²/4", published=lambda d, n: (2 * d + n) * n / 4),
            ),
            errata=(_erratum("two layers", "dn/2 + n²/40", "n = 20 d"),),
        ),
        Identity(
            name="three_layers_count",
            sentence="The three-layer network of the paper has dn/3 + n²/45 weights below its output.",
            quantity=COUNT,
            statement=Eq(COUNT.symbol, d * n / 3 + n**2 / 45), latex=(
                r"\sum_{l\geq1}\dim(W_l)=\frac{dn}{3}+\frac{n^2}{45}"
            ),
            printed_statement=Eq(COUNT.symbol, d * n), printed_latex=r"\sum_{l\geq1}\dim(W_l)=dn",
            derivation=lambda: _counted(n / 3, n / 30, n / 3),
            parameters=(DIMENSION, NEURONS),
            published=three,
            printed=one,
            decoys=(
                Decoy(name="one inner", sentence="dn/3 + n²/90", published=lambda d, n: d * n / 3 + n * n / 90),
            ),
            errata=(_erratum("three layers", "dn/3 + n²/45", "n = 30 d"),),
        ),
        *(
            Observation(name=name, sentence=f"{text}, at {where}.", quantity=MOVEMENT, ours=name in OURS)
            for name, where, text in FINDINGS
        ),
    ),
)  # fmt: skip
