"""The appendix's other settings: the gap between tangent model and trained network beyond σ = x² and diagonal Δ.

"Experiments with non-diagonal Δ are presented in the appendix" (section 4), and section 1.1's picture (the network
learns the leading directions, the tangent model a random set) is claimed for general networks. Confronted at N < d:

* quadratic target, N neurons with ReLU, tanh, erf: the tangent model's risk less the trained network's is positive.
* mixture with non-diagonal Δ: the same, for quadratic activations. Rotating Δ changes nothing for isotropic weights;
  with Σ = I the tangent model's mean risk depends on Δ's spectrum alone (`theorem5`), the best network's too
  (`theorem6`).

Δ ⪰ 0 (or ⪯ 0) is needed: for Δ of both signs the tangent model can be the better one (erratum in `eq17`).
An Observation: no theorem covers training, and [15] only bounds the tangent model with other activations.
Source: Ghorbani et al. 2019, section 4 and appendix.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER

GAP = Quantity(
    symbol=sp.Symbol("GAP"),
    meaning="risk of the tangent model less that of the trained network",
    units="share of the trivial risk",
)
CLAIM = Claim(
    module=__name__,
    title="The gap in other settings",
    source=Source(paper=PAPER, locator="section 4; appendix on numerical experiments"),
    convention="Population risks over that of the trivial predictor; N < d; isotropic weights at initialisation.",
    parts=(
        Observation(
            name="activations",
            sentence="With ReLU, tanh or erf a trained network of N = 4 neurons beats its tangent model at d = 12.",
            quantity=GAP,
        ),
        Observation(
            name="non_diagonal",
            sentence="With Δ not diagonal a trained network of N = 4 neurons beats the tangent model at d = 12.",
            quantity=GAP,
        ),
    ),
)
