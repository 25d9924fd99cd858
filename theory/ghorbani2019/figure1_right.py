"""Figure 1, right frame: risk of NT and NN on a quadratic function as SGD sees more samples.

One pass: n samples are n/100 steps. "Dashed lines are our analytic prediction for the large n limit", which the curves
approach.

An Observation. Which N the frame shows is not stated; N = d/2 here, where NT and NN differ most clearly.
Source: Ghorbani et al. 2019, Figure 1, right frame, and section 4.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import CONVENTION

CLAIM = Claim(
    module=__name__,
    title="Figure 1, right: risk against the number of samples, quadratic target",
    source=Source(paper=PAPER, locator="Figure 1, right frame, and section 4"),
    convention=CONVENTION,
    parts=(
        Observation(
            sentence="With more samples the risks of NT and NN fall towards the large-sample prediction, each its own, "
            "at N = d/2, d from 26 to 64 (`assay figure` draws any d).",
            quantity=Quantity(symbol=sp.Symbol("R"), meaning="population risk over ‖f*‖²", units="share of ‖f*‖²"),
        ),
    ),
)
