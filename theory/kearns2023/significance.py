"""The "level of significance for weight movement" that classifies when training is lazy, defined by data.

The paper reads its level off figures 2 and 3 and prints no number. Here it is the *onset*: the relative movement of W_1
at which the linearisation error is 10 %. Networks of several widths are trained to one loss; the onset is where the
straight line of log movement on log error, through the networks within a factor 4 of 10 %, passes 10 %.

Found: the onset is at a relative movement of about a third (0.25 to 0.4), and it is nearly the same
* `target_loss`: at a loss of 0.5 and of 0.2, although the width at the onset differs by a factor of about five;
* `learning_rate`: at step sizes 0.02 a and 0.005 a;
* `init_scale`: at a = 0.4 and a = 0.2, a the half-width of the initial weights, at the same step size over a.
It is a level of one architecture: with two hidden layers the error is 10 % at a fraction of that movement (control).

`collapse`, `collapse_wide` (ours). Movement and error depend on n and a through n·a² alone, as long as the step size
over a is kept. With all weights divided by a, f = a² Σ_j v_j relu(w_j·x) with v, w ~ U(−1, 1), and Adam, which is blind
to the scale of gradients, moves them by (step size)/a a step. To change f by a given amount n neurons must move
coherently by δ ~ 1/(n a²) of their size, so relative movement and error are functions of n a². The first layer's output
at the start, of order √n a², is left out: at fixed n a² it falls like n^(−1/2), and so does what the collapse leaves
open.
Source: Kearns et al. 2023, section 6 (figures 2 and 3) and section 7.
"""

from lazy_assay.theory import Claim, Observation, Source
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import CONVENTION, MOVEMENT


def _level(name: str, sentence: str, *, ours: bool = False) -> Observation:
    return Observation(name=name, sentence=sentence, quantity=MOVEMENT, ours=ours)


CLAIM = Claim(
    module=__name__,
    title="The movement that marks the onset of lazy training",
    source=Source(paper=PAPER, locator="section 6, figures 2 and 3; section 7"),
    convention=CONVENTION + " Half-widths and step sizes other than these are named.",
    parts=(
        _level("target_loss", "The onset movement is the same at losses of 0.5 and 0.2, within a factor 1.5."),
        _level(
            "learning_rate", "The onset movement is the same at step sizes 0.02 a and 0.005 a, within a factor 1.5."
        ),
        _level("init_scale", "The onset movement is the same at a = 0.4 and a = 0.2, within a factor 1.5."),
        _level("collapse", "(n, a) = (100, 0.2) and (400, 0.1), of equal n·a², move equally far.", ours=True),
        _level(
            "collapse_wide",
            "(n, a) = (400, 0.1), (1600, 0.05) and (6400, 0.025), of equal n·a², move and err equally.",
            ours=True,
        ),
    ),
)
