"""Figure 8: heads of growing width on the frozen features of a network that was trained on digits.

The paper trains an EfficientNetB0-like extractor on MNIST, freezes it, and trains heads of 1,000 to 40,000 neurons for
5 epochs or to 99.6 % accuracy. Here the extractor is one hidden layer, trained within each trial on images that the
heads do not see, and the digits are scikit-learn's 8 × 8 images and 5,000 images of MNIST.

Each finding is asked in three ranges: 100 to a few hundred neurons on the small digits, on which any run decides; up to
10,000 neurons (`_wide`), and from there to the paper's 40,000 (`_widest`).

* `movement`: the head's weights move less, relatively, the wider it is, after the paper's number of epochs.
* `matched_loss` (ours): so they do at equal training loss. Within 5 epochs wide heads come much further than narrow
  ones, so that the first comparison is one of unequal fits; at equal loss the fall is steeper.
* `lazy` (ours): the linearisation error falls too. But "networks that are overfitting … are exhibiting a lazy training
  regime" holds from some width on only: at 100 to 1,000 neurons the error is a third to nine tenths.
Control: the undivided norm ‖W_1 − W_1(0)‖_F grows with the width after 5 epochs, so it is the division that falls.
Source: Kearns et al. 2023, section 5 (last paragraph), section 6, figure 8.
"""

from lazy_assay.theory import Claim, Observation, Source
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import ERROR, MOVEMENT

# Suffix of the part's name, settings, and whether they are below the paper's own, 1,000 to 40,000 neurons on MNIST.
EPOCHS = (
    ("", "100 and 1600 neurons, 8 × 8 digits", True),
    ("_wide", "100, 1000 and 10,000 neurons, 8 × 8 digits and MNIST", False),
    ("_widest", "10,000 and 40,000 neurons, 8 × 8 digits", False),
)
LOSS = (
    ("", "100 and 400 neurons, 8 × 8 digits", True),
    ("_wide", "100, 1000 and 3000 neurons, 8 × 8 digits", False),
    ("_widest", "10,000 and 40,000 neurons, 8 × 8 digits", False),
)
FINDINGS = (
    ("movement", MOVEMENT, "After 5 epochs a wider head has moved less, relative to its start", False, EPOCHS),
    ("matched_loss", MOVEMENT, "At a training loss of 0.2 a wider head has moved less", True, LOSS),
    ("lazy", ERROR, "A wider head stays nearer to its tangent model", True, (LOSS[0], *EPOCHS[1:])),
)
CLAIM = Claim(
    module=__name__,
    title="Movement against width on digits",
    source=Source(paper=PAPER, locator="section 5, last paragraph; section 6, figure 8"),
    convention="Heads W_2 relu(W_1 ·) on frozen features, weights U(−0.05, 0.05), Adam with step size 1e-3, batches of "
    "25, softmax cross-entropy over 10 classes; the extractor is ours.",
    parts=tuple(
        Observation(name=f"{name}{suffix}", sentence=f"{text} ({where}).", quantity=quantity, ours=own_range or ours)
        for name, quantity, text, ours, ranges in FINDINGS
        for suffix, where, own_range in ranges
    ),
)
