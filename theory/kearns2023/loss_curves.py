"""Figure 7: the loss against the movement of the weights, one curve a width.

"You can see the obvious shift in the loss … from its initial small width in the leftmost curve to the widest tested
network at the rightmost curve." The abscissa is not named; the caption says "loss movement as changes in weight occur".
Read as the relative movement of W_1, or as the number of steps, at which a loss is first reached.

* `shift`, `shift_wide`: the curves of different widths are apart. They are: a narrow network moves further to reach the
  same loss.
* `order`, `order_wide`: the widest is rightmost. In either reading it is leftmost: the printed order is the reverse,
  unless the abscissa runs from right to left. (Controls: the norm ‖W_1 − W_1(0)‖_F, undivided, falls with the width as
  well, so no normalisation by a growing number mends it; nor does the number of steps.)
Source: Kearns et al. 2023, section 6, figure 7.
"""

from lazy_assay.theory import Claim, Erratum, Gravity, Observation, Source
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import CONVENTION, MOVEMENT

CLAIM = Claim(
    module=__name__,
    title="Loss against movement, by width",
    source=Source(paper=PAPER, locator="section 6, figure 7"),
    convention=CONVENTION,
    parts=(
        Observation(
            name="shift",
            sentence="Of 50, 100 and 200 neurons a narrower network has to move further, relative to its start, to "
            "reach losses of 0.6 and 0.5.",
            quantity=MOVEMENT,
        ),
        Observation(
            name="shift_wide",
            sentence="Of 100, 300, 1000 and 3000 neurons a narrower network has to move further, relative to its "
            "start, to reach losses of 0.6, 0.5, 0.3 and 0.1.",
            quantity=MOVEMENT,
        ),
        Observation(
            name="order",
            sentence="At a loss of 0.5 the curve of 200 neurons is to the right of that of 50.",
            quantity=MOVEMENT,
            errata=(
                Erratum(
                    gravity=Gravity.RESULT,
                    locator="section 6, paragraph before Eq. (14)",
                    printed="from its initial small width in the leftmost curve to the widest tested network at the "
                    "rightmost curve",
                    corrected="the widest network's curve is leftmost, in relative movement and in steps",
                    derivation="n neurons share the change of the outputs, so each moves the less the more there are: "
                    "at equal loss the relative movement falls with n, and so do the steps.",
                    evidence="movement, norm and steps at equal losses, over independent seeds",
                    charitable=(
                        "The figure's abscissa is not legible in our copy. Were it a quantity that grows with "
                        "the width at equal loss, such as the absolute norm over all weights, the order could "
                        "be the printed one."
                    ),
                ),
            ),
        ),
        Observation(
            name="order_wide",
            sentence="At losses of 0.5 and 0.1 the curve of 3000 neurons is to the right of that of 100.",
            quantity=MOVEMENT,
        ),
    ),
)
