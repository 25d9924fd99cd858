"""Tables I and II: random features, the tangent kernel's regime and mean field, compared; the rows that can be
measured.

Table I did not survive the transcription. Table II reads

    special initialization                          RF yes      NTK yes     MF no
    incorporate regularization                      yes         no          yes
    random/discriminative feature                   random      random      discriminative
    quantitative computational complexity result    yes         yes         open
    applicable on deep neural network               yes         yes         open

The last two are about what is known, and nothing to measure. Of the others, one network in three regimes: α = √m (NTK),
α = 1 (MF), and with θ kept (RF); labels by one direction, y = sign(x_1).

* `initialisation`: how much the test error moves when θ(0) is multiplied by 4, NTK against MF, trained to the same loss
  without a regulariser, as the NTK column has it. Found: the reverse. Nothing makes mean field forget where it began:
  every law that interpolates is a minimiser.
* `initialisation_decayed`: the same with a regulariser, as the MF column has it, and long training. Then mean field
  ends at the same error from both (the problem is convex in the law), and the other regime does not. The two rows of
  the table are one: MF needs no special initialisation *because* it takes a regulariser.
* `regularisation`: with the regulariser the network at α = √m leaves the tangent model that is trained with the same
  one; more so the stronger it is. Random features are their own tangent model (`random_features`: no difference at
  all).
* `features`: the alignment of the tangent kernel with the labels, yᵀKy/(‖K‖‖y‖²), rises in training at α = 1; `random`:
  at α = √m it stays. It cannot move by more than 2‖K − K(0)‖/‖K(0)‖ (two unit vectors), which is O(1/m) there
  (`figure7`).

Source: Fang, Dong, Zhang 2021, Tables I and II, and section VI, first paragraph.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Remark, Source
from lazy_assay.theory.fang2021 import PAPER

MOVED = Quantity(
    symbol=sp.Symbol("M"),
    meaning="test error from 4θ(0) less test error from θ(0)",
    units="mean squared error, labels ±1",
)
GAP = Quantity(
    symbol=sp.Symbol("G"),
    meaning="root mean square of f − f_tangent over that of f_tangent − f(0), both trained with the regulariser",
    low=0,
)
ALIGNED = Quantity(symbol=sp.Symbol("A"), meaning="yᵀKy/(‖K‖_F ‖y‖²) of the tangent kernel", low=0, high=1)
OPEN = Remark(
    locator="Table II, last two rows",
    sentence="'Quantitative computational complexity result' and 'applicable on deep neural network' say what was "
    "proved by 2020; no simulation confronts them. Table I did not survive the transcription that is confronted here.",
)
LINKED = Remark(
    locator="Table II, rows 'special initialization' and 'incorporate regularization'",
    sentence="Without a regulariser the end of mean-field training depends on the scale of θ(0), more than that of "
    "training at α = √m does (part initialisation); with one it does not (part initialisation_decayed). The two rows "
    "hang together.",
)
CLAIM = Claim(
    module=__name__,
    title="What the tables say of random features, tangent kernels and mean field",
    source=Source(paper=PAPER, locator="Tables I and II"),
    convention="tanh, m = 64 (256 in the part random), x ~ N(0, I/4) in 8 dimensions, 24 points, y = sign(x_1), u ~ "
    "N(0, 1) in pairs of opposite sign, ½ the mean squared error, regulariser (λ/2m) Σ (u_j² + ‖θ_j‖²); steps of "
    "η·m/max(α, α²).",
    parts=(
        Observation(
            name="initialisation",
            sentence="Without a regulariser, at one training loss, the test error moves more with the scale of θ(0) at "
            "α = √m than at α = 1.",
            quantity=MOVED,
            remarks=(LINKED, OPEN),
        ),
        Observation(
            name="initialisation_decayed",
            sentence="With a regulariser and long training the test error moves with the scale of θ(0) at α = √m, and "
            "not at α = 1.",
            quantity=MOVED,
        ),
        Observation(
            name="regularisation",
            sentence="At α = √m a regulariser takes the network away from the tangent model that has it too.",
            quantity=GAP,
        ),
        Observation(
            name="random_features",
            sentence="Random features with a regulariser are their own tangent model.",
            quantity=GAP,
        ),
        Observation(
            name="features",
            sentence="At α = 1 the tangent kernel after training is aligned with the labels more than before.",
            quantity=ALIGNED,
        ),
        Observation(
            name="random",
            sentence="At α = √m the tangent kernel's alignment with the labels is after training what it was before.",
            quantity=ALIGNED,
        ),
    ),
)
