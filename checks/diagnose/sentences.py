"""What each line of a diagnosis says."""

from __future__ import annotations

from lazy_assay.sims.diagnosis import LEFT, PARTS

_OF = "of the first residual"
SENTENCES: dict[str, str] = {
    "departure": f"the network goes this far from its tangent model, trained alike, at most, as a share {_OF}",
    "kappa": "Chizat's κ at the start, from below: training is lazy where it is far below 1",
    "kernel change": "training changes the tangent kernel by this share of its size",
    "linearisation error": "the tangent model at the trained weights misses this share of the outputs' move",
    "mask flips": "this share of the ReLUs' signs is another after training",
    "dead units": "this share of the ReLU units is off at every point at the start",
    "alignment before": "alignment of the kernel with the targets at the start",
    "alignment after": "and after training: more than before where features were learnt",
    "residual left": f"training leaves this share {_OF}",
    "distance to the limit": "the network is this far from what its tangent model tends to: the sum of the parts",
    **{f"size of {name}": f"the part {name} moves the outputs by this share {_OF}" for name in PARTS},
    **{f"share of {name}": f"the part {name} makes up this share of the distance to the limit" for name in PARTS},
    "held-out departure": f"at the held-out points the network ends this far from its tangent model, as a share {_OF}",
    "held-out distance to the limit": "and this far from what its tangent model tends to",
    **{f"held-out share of {name}": f"of that the part {name} makes up this share" for name in PARTS},
    "step over the largest stable": "the step size over that at which the tangent model diverges: stable below 1",
    "condition number": "the largest over the least eigenvalue of the tangent kernel",
    "condition number at most": "and what it may be, whatever rounding did to the eigenvalues",
    "steps to one percent": f"the tangent model has {LEFT:g} of its residual left after so many of these steps",
    "steps to one percent at most": "and after so many at most, whatever the targets are",
    "full rank": "this share of the networks has last features of full row rank at the start, each proved",
    "optimality gap": "the objective with weight decay ends above its least, at any width, by this at most",
    "analyticity": "1 where the output is proved to be analytic in the parameters",
    "width within reach": "at this width the departure is within what was asked for, by extrapolation",
}
