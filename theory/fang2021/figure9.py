"""Figure 9: repopulation, features drawn anew from what trained networks learned.

"In the repopulation process, we use VAE to learn the feature distribution ρ and then sample weights from the learned
generative model. We then fix the generated features and learn parameter u only as in (3), just like the RF method. From
this experiment, we can see that the performance of the repopulated features outperforms that of the initial random
features."

`repopulated` asks it of 20 features on 600 points (the paper: up to 1,000 on 60,000), where features are few against
points; `thousand` of the paper's number 1,000, which here are more than points.

What would explain it away, measured beside it (controls): a normal law with the mean and covariance of the trained
neurons, for which no generative model is needed; the trained neurons themselves, drawn again; networks trained on the
ridge's own points, so that θ has seen the labels that u is fitted to (here the networks' points are others, and test
points others again); normal combinations of images, for which nothing is trained.
Source: Fang, Dong, Zhang 2021, section VI, Figure 9 and the paragraph on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Remark, Source
from lazy_assay.theory.fang2021 import PAPER

ACCURACY = Quantity(symbol=sp.Symbol("A"), meaning="difference of test accuracies", units="share of the points")
MOMENTS = Remark(
    locator="section VI, on Figure 9",
    sentence="What is learned of ρ is its mean and covariance: normal weights with these do as well as generated ones "
    "(control), and so do the trained neurons themselves, drawn again.",
)
CLAIM = Claim(
    module=__name__,
    title="Features repopulated from trained networks",
    source=Source(paper=PAPER, locator="section VI, Figure 9 and the paragraph on it"),
    convention="Digits (8 × 8); 10 networks f = (1/m) Σ u_j σ(θ_jᵀx), ReLU, m = 50, θ ~ N(0, 0.01), 100 points, no "
    "decay, 100 steps of 1; an auto-encoder of 8 latent variables; u by ridge regression on 600 other points.",
    parts=(
        Observation(
            name="repopulated",
            sentence="Twenty features of generated weights test better than twenty of the initial law.",
            quantity=ACCURACY,
            remarks=(MOMENTS,),
        ),
        Observation(
            name="thousand",
            sentence="A thousand features of generated weights test better than a thousand of the initial law.",
            quantity=ACCURACY,
        ),
    ),
)
