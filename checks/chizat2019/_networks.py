"""Networks, points and targets that the checks of this paper draw, and the rounding of what is computed from them."""

import math
from collections.abc import Mapping

import numpy as np

from lazy_assay.checks import Between, Draw, OneOf, Scalar, Values
from lazy_assay.theory import Domain
from lazy_assay.theory.chizat2019 import _networks as stated

EPSILON = float(np.finfo(float).eps)
# What a network and its data are made of, for parts that are about numbers computed from these.
MADE: Mapping[str, Domain] = {
    parameter.name: parameter.domain
    for parameter in (stated.POINTS, stated.LABELS, stated.WEIGHTS, stated.OUTPUT_WEIGHTS)
}
SMOOTH = ("tanh", "softplus", "sin")


def seeded(family: str, count: int = 40) -> OneOf:
    """One of a family's first members."""
    return OneOf(tuple(f"{family}:{seed}" for seed in range(count)))


# Points on the unit sphere, everything else standard normal but W, whose columns have norm about one.
NETWORKS: dict[str, Draw] = {
    "d": Between(2, 4),
    "n": Between(2, 5),
    "N": Between(4, 12),
    "points": seeded("sphere"),
    "labels": seeded("gaussian"),
    "W": seeded("gaussian"),
    "u": seeded("gaussian"),
    "activation": OneOf(SMOOTH),
}
ANCHOR: dict[str, Scalar] = {
    "d": 3,
    "n": 4,
    "N": 8,
    "points": "sphere:1",
    "labels": "gaussian:1",
    "W": "gaussian:1",
    "u": "gaussian:1",
}


def output_rounding(values: Values, alpha: float) -> float:
    """Rounding of αh: 16 machine epsilons of the sum of the moduli of its terms, twice (a centred model subtracts)."""
    terms = float(np.abs(values["u"]).sum() + 1) / math.sqrt(values["N"])
    return 32 * EPSILON * (alpha * terms + float(np.abs(values["labels"]).max()))
