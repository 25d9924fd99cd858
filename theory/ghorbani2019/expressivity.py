"""Section 1 and footnote 3: what N = O(d) neurons of a linearised network can capture of a polynomial target.

"F_RF,N(W) can only capture linear functions, while F_NT,N(W) can only capture quadratic functions" (for inputs on
the sphere [15]; for Gaussian inputs "NT with N = O(d) neurons can represent quadratic functions, and a
low-dimensional subspace of higher order polynomials"). Confronted by the exact share of a unit target's norm that
features with Gaussian weights capture:

* RF: a linear function in large part, the trace direction (‖x‖² − d)/√(2d) too (it is of rank one, and Theorem 1
says so), but a traceless
  quadratic x₁x₂ and a cubic He₃(x₁)/√6 in a share that falls to 0 with d at fixed N/d (N features against ~d²/2 and
  d³/6 directions).
* NT: a cubic in a share that falls with d at fixed N/d (N d features against d³/6 cubic directions: order N/d²·6).

An Observation: [15] is cited, not proved, and states no constant. The trace direction is our addition to the printed
sentence: "only linear functions" is wrong for it at N = O(d) with Gaussian inputs, as Theorem 1 of this very paper
shows. Source: Ghorbani et al. 2019, section 1, paragraph on [15], and footnote 3.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER

CLAIM = Claim(
    module=__name__,
    title="What linearised networks can express with N = O(d)",
    source=Source(paper=PAPER, locator="section 1 and footnote 3"),
    convention="The share of a unit target's squared norm that the class captures, in Gaussian population; "
    "isotropic weights.",
    parts=(
        Observation(
            name="RF",
            sentence="Random features capture linear functions and the trace direction, but no traceless "
            "quadratic and no cubic.",
            quantity=Quantity(
                symbol=sp.Symbol("c_RF"), meaning="captured share of a unit target", units="share of ‖f*‖²"
            ),
        ),
        Observation(
            name="NT",
            sentence="The tangent model captures quadratics; of a cubic it captures a share that vanishes as d "
            "grows at fixed N/d.",
            quantity=Quantity(
                symbol=sp.Symbol("c_NT"), meaning="captured share of a unit target", units="share of ‖f*‖²"
            ),
        ),
    ),
)
