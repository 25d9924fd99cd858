"""Figure 1, left frame: prediction error of RF, NT and NN on a quadratic function against the number of neurons.

d = 450, N from 45 to 4500, B diagonal with entries i.i.d. Exp(1), large-sample limit n → ∞. NT and NN are trained by
SGD (batch 100, 2·10⁵ steps, the best step size of 0.001 … 0.03), RF by solving the KKT conditions, ten draws of W.
"Lines are analytical predictions obtained in this paper, and dots are empirical results"; the two agree.

An Observation. The frame's normalisation is not stated; risks are over ‖f*‖² here.
Source: Ghorbani et al. 2019, Figure 1, left frame, and section 4.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import CONVENTION

CLAIM = Claim(
    module=__name__,
    title="Figure 1, left: risk against the number of neurons, quadratic target",
    source=Source(paper=PAPER, locator="Figure 1, left frame, and section 4"),
    convention=CONVENTION,
    parts=(
        Observation(
            sentence="The simulated risks of RF, NT and NN lie on the predicted lines at N = d/2 and 2 d, d from 26 to "
            "64 (`assay figure` draws N from d/10 to 10 d at any d).",
            quantity=Quantity(symbol=sp.Symbol("R"), meaning="population risk over ‖f*‖²", units="share of ‖f*‖²"),
        ),
    ),
)
