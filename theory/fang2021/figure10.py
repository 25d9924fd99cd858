"""Figure 10: tangent spaces at initial and at learned weights, compared.

"If the representation power of NTK matches that of NN in practice, then the performance using the tangent space at the
initialization should be similar to that of the learned distribution ρ. We compare random weights and generated ones in
Figure 10 … In training, both approaches achieve very small errors. However, the generalization ability differs
significantly: the learned ρ provides a more robust model in the testing stage."

Ridge regression with k^u + k^θ of (8) on the same points, the penalty being the same share of the kernel's diagonal:
`training` has the errors at the points, `error` and `accuracy` those at test points. Generated weights, (θ, u)
together, come from networks that were trained on the ridge's own points, as the paper's.

What would explain it away, measured beside it (controls): the trained weights themselves; networks trained on other
points, so that the kernel has not seen the labels it is fitted to; normal weights with the mean and covariance of the
trained ones; initial weights that are merely as long as trained ones, for the share of k^u in the kernel is a matter
of lengths.
Source: Fang, Dong, Zhang 2021, section VI, Figure 10 and the paragraph on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.fang2021 import PAPER

TRAINING = Quantity(
    symbol=sp.Symbol("E_0"), meaning="difference of mean squared distances from one-hot targets, fitted"
)
ERROR = Quantity(symbol=sp.Symbol("E"), meaning="difference of mean squared distances from one-hot targets, tested")
ACCURACY = Quantity(symbol=sp.Symbol("A"), meaning="difference of test accuracies", units="share of the points")
CLAIM = Claim(
    module=__name__,
    title="Tangent spaces at initial and at learned weights",
    source=Source(paper=PAPER, locator="section VI, Figure 10 and the paragraph on it"),
    convention="Digits (8 × 8), 100 points; 5 networks f = (1/m) Σ u_j σ(θ_jᵀx), ReLU, m = 100, θ ~ N(0, 0.01), no "
    "decay, 100 steps of 1; an auto-encoder of 8 latent variables; k^u + k^θ of 100 neurons, ridge 10⁻³ of its mean "
    "diagonal.",
    parts=(
        Observation(
            name="training",
            sentence="At the points of the ridge initial and generated weights have the same small error.",
            quantity=TRAINING,
        ),
        Observation(
            name="error",
            sentence="The squared test error is larger in the tangent space at initial weights than at generated ones.",
            quantity=ERROR,
        ),
        Observation(
            name="accuracy",
            sentence="The test accuracy is larger in the tangent space at generated weights than at initial ones.",
            quantity=ACCURACY,
        ),
    ),
)
