"""Table 1: test errors of SGD and of its two-phase version, with and without data augmentation.

"The modified algorithm improved the test errors consistently over the four datasets with and without augmentation. This
suggests that the modified version of the base algorithm is competitive with the base algorithm".

Observation `comparable`, which is what the conclusion needs: the two errors differ by no more than one percentage point
(on errors of a few percent; every printed difference is smaller). That the error *improves* stands or falls with the
sign of the same differences, whose intervals the report shows beside the paper's. None of the eight printed differences
is told from zero by itself at the level that is used here (10⁻³, Welch, from the printed means and deviations);
together they are (one sign in all eight, Stouffer's z = 4.5). On digits the sign is the opposite, if anything.
Source: Kawaguchi and Sun 2021, section 7.2, Table 1.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Reported, Source
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021._experiments import CONVENTION

CLAIM = Claim(
    module=__name__,
    title="Test errors of base and two-phase training",
    source=Source(paper=PAPER, locator="section 7.2, Table 1"),
    convention=CONVENTION,
    parts=(
        Observation(
            name="comparable",
            sentence="The test error of two-phase training is comparable with that of its base algorithm.",
            quantity=Quantity(
                symbol=sp.Symbol("e_base") - sp.Symbol("e_2"),
                meaning="test error of the base algorithm less that of its two-phase version",
                units="percentage points",
            ),
            reported=Reported(
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
            ),
        ),
    ),
)
