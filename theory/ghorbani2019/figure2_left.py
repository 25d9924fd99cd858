"""Figure 2, left frame: risk of RF, NT and NN on a mixture of two Gaussians against the number of neurons.

d = 450, N from 45 to 4500, Σ = I, Δ diagonal with entries uniform on {2, 1.5, 1}/√d, large-sample limit n → ∞. NT and
NN are trained by SGD (batch 100, 1.4·10⁵ steps, the best step size of 0.001 … 0.03), NN with general coefficients and
offset; RF by solving the KKT conditions, ten draws of W. The finding is that simulations lie on the predicted lines.

An Observation. No theorem says that SGD reaches the NN line here.
Source: Ghorbani et al. 2019, Figure 2, left frame, and section 4.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._mixture import CONVENTION

CLAIM = Claim(
    module=__name__,
    title="Figure 2, left: risk against the number of neurons, two classes",
    source=Source(paper=PAPER, locator="Figure 2, left frame, and section 4"),
    convention=CONVENTION,
    parts=(
        Observation(
            sentence="The simulated risks of RF, NT and NN lie on the predicted lines at N = d/2 and 2 d, d from 26 to "
            "64 (`assay figure` draws N from d/10 to 10 d at any d).",
            quantity=Quantity(symbol=sp.Symbol("R"), meaning="population risk E(y − f)²", units="share of E y²"),
        ),
    ),
)
