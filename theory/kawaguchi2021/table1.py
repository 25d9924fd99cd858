"""Table 1: test errors of SGD and of its two-phase version, with and without data augmentation.

"The modified algorithm improved the test errors consistently over the four datasets with and without augmentation. This
suggests that the modified version of the base algorithm is competitive with the base algorithm".

The first sentence, `consistent`. What is printed supports it: all eight differences have one sign, and though none is
told from zero by itself at the level that is used here (10⁻³, Welch, two-sided, from the printed means and deviations
over five trials), together they are: the one-sided Welch p-values, from .012 to .414, have Fisher's statistic 48.2 on
16 degrees of freedom, p = 4·10⁻⁵. Asked here of eight settings of ours, jointly: two sets of images, with and without
augmentation, two sizes of the training set; is the test error on the whole lower by as much as the paper's is, 5 % in
the geometric mean? On a fully connected network it is higher.

The second sentence, `comparable`: the two errors differ by no more than one percentage point (on errors of a few
percent; every printed difference is smaller). Each part names its networks: `_resnet`, `_deep`; the fully connected
ones are ours.
Source: Kawaguchi and Sun 2021, section 7.2, Table 1.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Reported, Source
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021._experiments import CONVENTION

REPORTED = Reported(
    sides=("base", "two-phase"),
    trials=5,
    rows={
        "MNIST": ((0.41, 0.02), (0.38, 0.04)),
        "MNIST, augmented": ((0.34, 0.03), (0.28, 0.04)),
        "CIFAR-10": ((13.99, 0.17), (13.57, 0.32)),
        "CIFAR-10, augmented": ((7.01, 0.18), (6.84, 0.16)),
        "CIFAR-100": ((41.43, 0.43), (40.78, 0.22)),
        "CIFAR-100, augmented": ((27.92, 0.36), (27.41, 0.58)),
        "SVHN": ((4.51, 0.04), (4.50, 0.09)),
        "SVHN, augmented": ((4.32, 0.06), (4.16, 0.16)),
    },
)
DIFFERENCE = Quantity(
    symbol=sp.Symbol("e_base") - sp.Symbol("e_2"),
    meaning="test error of the base algorithm less that of its two-phase version",
    units="percentage points",
)
RATIO = Quantity(
    symbol=sp.log(sp.Symbol("e_base") / sp.Symbol("e_2")),
    meaning="logarithm of the base's test error over that of its two-phase version, mean over the settings",
    units="natural logarithm",
)
COMPARABLE = (
    ("comparable", "a fully connected network on 500 digits", True),
    ("comparable_resnet", "a ResNet of three blocks on 500 digits", False),
    (
        "comparable_deep",
        "18 layers on 500 digits and on 500 images of MNIST, and three blocks with augmentation",
        False,
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Test errors of base and two-phase training",
    source=Source(paper=PAPER, locator="section 7.2, Table 1"),
    convention=CONVENTION,
    parts=(
        *(
            Observation(
                name=name,
                sentence=f"The test error of two-phase training is comparable with that of its base: {where}.",
                quantity=DIFFERENCE,
                reported=REPORTED,
                ours=ours,
            )
            for name, where, ours in COMPARABLE
        ),
        Observation(
            name="consistent",
            sentence="Two-phase training improves the test error consistently: over eight settings of a fully "
            "connected network together (digits and MNIST, 100 and 200 points, with and without augmentation), by as "
            "much as the paper's eight.",
            quantity=RATIO,
            ours=True,
        ),
    ),
)
