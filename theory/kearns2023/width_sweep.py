"""Figures 2 and 3: as the hidden layer grows, its weights move less during training. And is the movement lazy?

100 points x ~ N(0, I_10), 50 labels of each kind, at random; one hidden layer of 100 … 10,000 neurons; binary
cross-entropy; Adam; weights U(−0.05, 0.05); training stops at a target loss that the paper does not print.

A part names the widths and the losses at which it is asked; the paper's own go up to 10,000 neurons.

* `movement`, `movement_wide`: the relative movement of W_1 falls with the width. It does.
* `normalised`: so does the paper's norm ‖W_1 − W_1(0)‖_F divided by the width. It does, but would do so anyway: n
  columns that all move by the same length have a norm ∝ √n, so the norm over n falls like n^(−1/2) although nothing is
  lazier; moving every weight at random by the same amount at every width shows it (the control).

Ours, since the paper measures no linearisation error and prints no criterion of laziness:

* `lazy`, `lazy_wide`: the linearisation error falls with the width too, so part of the fall is laziness.
* `regime`: with the criterion of 10 %, that the figure's widths "establish the lazy regime" does not hold once the
  points are fitted. At a target loss of 0.1 (99 % of the labels right) the error at width 10,000 is still about a
  third; at 0.5 (`regime_unfitted`) it is 1 %. At the least width the error is large at a loss of 0.2 already
  (`regime_narrow`). How lazy a width is depends on where training stops, which the paper leaves open.

Training is also shorter: Adam moves a weight by at most about its step size a step, and wide networks need fewer steps.
The steps stand beside as a control. Source: Kearns et al. 2023, section 4, figures 2 and 3 (section 6).
"""

from lazy_assay.theory import Claim, Erratum, Gravity, Observation, Source
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import CONVENTION, ERROR, MOVEMENT, NORMALISED

CLAIM = Claim(
    module=__name__,
    title="Movement against width, one hidden layer",
    source=Source(paper=PAPER, locator="section 4; section 6, figures 2 and 3"),
    convention=CONVENTION,
    parts=(
        Observation(
            name="movement",
            sentence="From 100 to 400 neurons, at a loss of 0.5, the weights move less relative to their initial size.",
            quantity=MOVEMENT,
        ),
        Observation(
            name="movement_wide",
            sentence="From each of 100, 300, 1000, 3000, 10,000 neurons to the next the weights move less relative to "
            "their initial size, at losses of 0.5 and 0.1.",
            quantity=MOVEMENT,
        ),
        Observation(
            name="normalised",
            sentence="From 100 to 400 neurons, at a loss of 0.5, the norm of the movement divided by the width falls.",
            quantity=NORMALISED,
            errata=(
                Erratum(
                    gravity=Gravity.CONSTANT,
                    locator="section 4, third paragraph",
                    printed="normalized with respect to the number of neurons to avoid penalizing the larger networks",
                    corrected="divide by ‖W_1(0)‖_F, which grows like √n; dividing by n favours the larger networks",
                    derivation="n columns that each move by a length δ have ‖W_1 − W_1(0)‖_F = δ√n, so the norm over n "
                    "is δ/√n: it falls by √10 a decade of width at equal movement of every weight.",
                    evidence="control: weights moved at random by one amount at every width",
                    charitable=(
                        "Division by the number of neurons is no penalty for large networks: it is one for "
                        "small ones, by a factor √n at equal movement of every weight."
                    ),
                ),
            ),
        ),
        Observation(
            name="lazy",
            sentence="From 100 to 400 neurons, at a loss of 0.5, the trained network is nearer to its tangent model.",
            quantity=ERROR,
            ours=True,
        ),
        Observation(
            name="lazy_wide",
            sentence="From each of 100, 300, 1000, 3000, 10,000 neurons to the next the trained network is nearer to "
            "its tangent model, at a loss of 0.5, and from 300 on at 0.1.",
            quantity=ERROR,
            ours=True,
        ),
        Observation(
            name="regime_narrow",
            sentence="A network of 100 neurons trained to a loss of 0.2 is within 10 % of its tangent model.",
            quantity=ERROR,
            ours=True,
        ),
        Observation(
            name="regime_unfitted",
            sentence="A network of 10,000 neurons trained to a loss of 0.5 is within 10 % of its tangent model.",
            quantity=ERROR,
            ours=True,
        ),
        Observation(
            name="regime",
            sentence="A network of 10,000 neurons that has fitted its points, to a loss of 0.1, is within 10 % of its "
            "tangent model.",
            quantity=ERROR,
            ours=True,
        ),
    ),
)
