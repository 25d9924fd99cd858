"""Figure 4: the network against its linearised approximation during training, on MNIST and on synthetic data.

"For an NN with m = 1000 and η = 0.1 … the linearization of NN on the simpler dataset [100 dimensions, scikit-learn's
make_classification] is almost perfect … However, there is a noticeable discrepancy between NTK and the actual NN on the
MNIST data". Both are trained on the same mini-batches from the same parameters, α = √m, η_u = η_θ, softmax loss.

Observations. The figure plots objective functions against epochs, on training and on test data, and these two are the
paper's; ours are the same at matched training loss of the network, and a measure without the loss's curvature (the
relative root mean square difference of the outputs). Each part names its width: 64 neurons, on which any run decides,
or the paper's 1000 (`_wide`), on few points either way. A simpler explanation stands beside as a control: the images
have ten classes and the synthetic set two. With two classes of the same images the order is the reverse.
Found: at the paper's width the training objectives differ more on images, as the figure shows; the test objectives do
not, at either width, and at 64 neurons they differ less.
Source: Fang, Dong, Zhang 2021, section IV, Figure 4 and the paragraph on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Observation, Quantity, Source
from lazy_assay.theory.fang2021 import PAPER

OUTPUTS = Quantity(
    symbol=sp.Symbol("e_f"),
    meaning="root mean square of f − f_tangent at the training points over that of f_tangent − f_0",
    units="share of the tangent model's move",
)
OBJECTIVES = Quantity(symbol=sp.Symbol("e_L"), meaning="|L(f) − L(f_tangent)|", units="nats")
FINDINGS = (
    ("outputs", OUTPUTS, "After the same epochs the outputs differ more from the tangent model's on images"),
    ("outputs_at_loss", OUTPUTS, "At the same training loss the outputs differ more on images"),
    ("train_objective", OBJECTIVES, "Over the same epochs the training objectives differ more on images"),
    ("train_objective_at_loss", OBJECTIVES, "At the same training loss the training objectives differ more on images"),
    ("test_objective", OBJECTIVES, "After the same epochs the test objectives differ more on images"),
)
WIDTHS = (("", 64), ("_wide", 1000))
# What the paper plots, at its width.
OWN = ("train_objective_wide", "test_objective_wide")
CLAIM = Claim(
    module=__name__,
    title="Linearisation on images and on synthetic data",
    source=Source(paper=PAPER, locator="section IV, Figure 4"),
    convention="ReLU, N(0, 1) initialisation, α = √m, η_u = η_θ = 0.1, full-size inputs (norms near 9 and 10): our "
    "reading, where the paper is silent.",
    parts=tuple(
        Observation(
            name=f"{name}{suffix}",
            quantity=quantity,
            sentence=f"{text}, at m = {width} and 100 points.",
            ours=f"{name}{suffix}" not in OWN,
        )
        for suffix, width in WIDTHS
        for name, quantity, text in FINDINGS
    ),
)
