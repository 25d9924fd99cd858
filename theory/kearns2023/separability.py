"""Section 7: "lazy training does not apply as strongly in networks with two layers of data that are not linearly
separable".

Two hidden layers of the paper's sizes, (n/2, n/20), beside one of n, at n = 300, which the paper leaves open; both are
trained to one loss, 0.5, on 100 points in 10 dimensions. The labels are the paper's, random and balanced, or the sign
of x_1. Random ones are not separable: the points are symmetric about 0, so y_i x_i has the law of x_i, whatever the
labels, and N such points lie in a half-space with the chance 2^(1−N) Σ_{k<d} C(N−1, k) (Wendel 1962; Cover's count):
3·10⁻¹⁸ at N = 100, d = 10.

The sentence compares with something that it does not name. Either reading holds, in the paper's measure:
* `depth`: on labels that are not separable two hidden layers move more than one, and are further from their tangent
  model;
* `labels`: two hidden layers move more on such labels than on separable ones.
What it suggests of the cause does not hold. Ours:
* `labels_error`: by their linearisation error two hidden layers are as far from their tangent model either way: they
  have left it, at 0.96 and 0.97;
* `interaction`: that separability matters to two layers more than to one. It matters less. One hidden layer loses more
  of its laziness to random labels (controls), and between the two kinds of labels two layers are further from one where
  the labels *are* separable.
Source: Kearns et al. 2023, section 7, second paragraph.
"""

from lazy_assay.theory import Claim, Observation, Source
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import CONVENTION, ERROR, MOVEMENT

CLAIM = Claim(
    module=__name__,
    title="Depth and labels that are not linearly separable",
    source=Source(paper=PAPER, locator="section 7, second paragraph"),
    convention=CONVENTION,
    parts=(
        Observation(
            name="depth",
            sentence="On random labels, at a loss of 0.5, hidden layers of 150 and 15 neurons move more than one of "
            "300, and are further from their tangent model.",
            quantity=MOVEMENT,
        ),
        Observation(
            name="labels",
            sentence="Hidden layers of 150 and 15 neurons move more on random labels than on linearly separable ones, "
            "at a loss of 0.5.",
            quantity=MOVEMENT,
        ),
        Observation(
            name="labels_error",
            sentence="Hidden layers of 150 and 15 neurons are further from their tangent model on random labels than "
            "on linearly separable ones, at a loss of 0.5.",
            quantity=ERROR,
            ours=True,
        ),
        Observation(
            name="interaction",
            sentence="From separable to random labels the linearisation error grows by a larger factor with 150 and 15 "
            "neurons than with one layer of 300, at a loss of 0.5.",
            quantity=ERROR,
            ours=True,
        ),
    ),
)
