"""Figure 5 (m = 5000): what breaks the tangent-kernel regime: step size, momentum, initial variance, weight decay.

"When we use a large learning rate or employ momentum, the difference between the initial parameters and the final
solution increases … the first order approximation used by NTK fails … the gap between NN and NTK is significant, and
the performance of NN is better with these tricks"; with θ ~ N(0, 1/d) "the NTK regime can be broken more easily";
regularisation "automatically pushes the solution away from the initialization".

Observations at matched epochs, as plotted, at 64 neurons, on which any run decides, and at the paper's 5000 (`_wide`);
and of ours, at matched training loss, since a larger step is first of all a longer training: a step of size η moves the
gradient flow by a time η, and momentum β by η/(1 − β), ten times as much at β = 0.9. At one training loss

* a ten times larger step, and momentum, are where ten times the epochs of the small step are: no regime is broken;
* N(0, 1/d) changes the problem and not its clock: pre-activations shrink by √d, the kernel k^u by d (not k^θ), so θ
  alone learns, turns by a larger angle at a smaller distance, and the tangent model's relative error stays larger;
* weight decay moves every parameter by the factor exp(−η λ t), whatever the data: the distance grows at matched loss
  too, but a tangent model with the same decay follows it: the outputs' relative error does not grow.
Source: Fang, Dong, Zhang 2021, section IV, Figure 5 and the text on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.fang2021 import PAPER

RATIO = Quantity(
    symbol=sp.Symbol("R"),
    meaning="log2 of a measure (mean distance of θ, or relative output error of the tangent model) with the trick over "
    "without it",
    units="doublings",
)
TEST = Quantity(symbol=sp.Symbol("E"), meaning="test loss", units="nats")
SHARE = Quantity(symbol=sp.Symbol("A"), meaning="test points that the tangent model alone gets wrong", units="share")
FINDINGS = (
    ("learning_rate", RATIO, "A ten times larger step moves θ further and off its tangent model, after equal epochs"),
    ("momentum", RATIO, "Momentum 0.9 moves θ further and off its tangent model, after equal epochs"),
    ("init_variance", RATIO, "θ ~ N(0, 1/d) takes the outputs further off the tangent model, after equal epochs"),
    ("weight_decay", RATIO, "Weight decay moves θ further, after equal epochs"),
    ("performance", TEST, "With a large step the network's test loss is lower, after equal epochs"),
)
CRITERIA = (
    ("learning_rate_at_loss", RATIO, "A ten times larger step moves θ further at equal training loss"),
    ("momentum_at_loss", RATIO, "Momentum 0.9 moves θ further at equal training loss"),
    ("init_variance_at_loss", RATIO, "θ ~ N(0, 1/d) takes the outputs further off at equal training loss"),
    ("weight_decay_at_loss", RATIO, "Weight decay moves θ further at equal training loss"),
    ("performance_at_loss", TEST, "With a large step the network's test loss is lower at equal training loss"),
    ("beyond_tangent", SHARE, "With a large step the network beats its own tangent model on test points"),
)
# Suffix of the part's name, settings, and whether they, or the question, are ours.
ASKED = (
    ("", "m = 64 on digits", True, (*FINDINGS, *CRITERIA)),
    ("_wide", "m = 5000 on MNIST", False, FINDINGS),
)
CLAIM = Claim(
    module=__name__,
    title="What breaks the tangent-kernel regime",
    source=Source(paper=PAPER, locator="section IV, Figure 5"),
    convention="ReLU, α = √m, η_u = η_θ; decay adds λw to the gradient. Steps, decay and epochs are our reading: the "
    "paper gives none. The tangent model is trained with the same trick on the same batches.",
    parts=tuple(
        Observation(name=f"{name}{suffix}", quantity=quantity, sentence=f"{text}, at {where}.", ours=ours)
        for suffix, where, ours, findings in ASKED
        for name, quantity, text in findings
    ),
)
