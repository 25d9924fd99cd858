"""What the paper's experiments measure, and what it leaves open, stated once."""

import sympy as sp

from lazy_assay.theory import Quantity

CONVENTION = (
    "Our reading where the paper is silent: ReLU, no biases, Adam with step size 1e-3 on full batches; every weight is "
    "U(−0.05, 0.05), output weights too; training stops when the binary cross-entropy, in nats, first is at most the "
    "target loss. Every trial draws its own points, labels and weights."
)
MOVEMENT = Quantity(
    symbol=sp.Symbol("M"),
    meaning="logarithm of the relative movement ‖W_1 − W_1(0)‖_F/‖W_1(0)‖_F, or a difference of two",
    units="nats (differences are logarithms of ratios)",
)
NORMALISED = Quantity(
    symbol=sp.Symbol("M_n"),
    meaning="logarithm of the paper's norm ‖W_1 − W_1(0)‖_F/width, or a difference of two",
    units="nats (differences are logarithms of ratios)",
)
ERROR = Quantity(
    symbol=sp.Symbol("E"),
    meaning="linearisation error ‖f − f̄‖/‖f − f(0)‖ over the points, f̄ the tangent model at the trained weights",
    units="share of the change of the outputs",
)
ACCURACY = Quantity(symbol=sp.Symbol("A"), meaning="training accuracy", units="share of the points")
