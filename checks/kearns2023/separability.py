"""Confronts section 7: one and two hidden layers of the paper's sizes, on labels that are separable or not."""

import numpy as np

from lazy_assay.checks import Check, Contrast, Effects, Expected, Subject
from lazy_assay.checks.kearns2023._networks import TENTH, Reading, contrast, few, log, networks, trained
from lazy_assay.theory.kearns2023.separability import CLAIM

ARCHITECTURES = ((300,), (150, 15))
ONE, TWO = 0, 1
RANDOM = networks(*ARCHITECTURES, target_losses=(0.5,))
SEPARABLE = networks(*ARCHITECTURES, target_losses=(0.5,), labelling="linear")


def by_labels(name: str, read: Reading, smallest: float = TENTH, *, control: bool = False) -> Contrast:
    """The same reading on random labels, less that on separable ones; points and weights are drawn anew."""
    route = trained(read)
    subject = Subject.CONTROL if control else Subject.CLAIM
    return Contrast(name, (route, RANDOM), (route, SEPARABLE), smallest, subject)


def excess(measure: str) -> Reading:
    """The logarithm of a measure of two layers over that of one."""
    return lambda draws: np.asarray(log(measure, TWO)(draws) - log(measure, ONE)(draws))


# What is expected was seen on draws of another entropy, keyed apart from those that judge.
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="depth",
            seeds=few,
            contrasts=(
                contrast("first layer of two moves more than that of one, random labels", RANDOM,
                         log("movement_1", TWO), log("movement_1", ONE), TENTH),
                contrast("two are further from their tangent model than one, random labels", RANDOM,
                         log("error", TWO), log("error", ONE), TENTH),
                contrast("so they are on separable labels", SEPARABLE,
                         log("error", TWO), log("error", ONE), TENTH, control=True),
            ),
        ),
        Effects(
            part="labels",
            seeds=few,
            contrasts=(
                by_labels("two layers move more on random labels", log("movement_1", TWO)),
                by_labels("so does one layer", log("movement_1", ONE), control=True),
                by_labels("two layers need more steps", log("steps", TWO), control=True),
            ),
        ),
        Effects(
            part="labels_error",
            seeds=few,
            contrasts=(
                by_labels("two layers are further from their tangent model on random labels", log("error", TWO)),
                by_labels("one layer is", log("error", ONE), control=True),
            ),
        ),
        Effects(
            part="interaction",
            seeds=few,
            contrasts=(
                by_labels("error of two layers over that of one: larger on random labels", excess("error")),
                by_labels("movement of one layer over that of two: larger on random labels",
                          lambda draws: -excess("movement_1")(draws), 0.0, control=True),
            ),
        ),
    ),
    expected={
        "depth": Expected(status="reproduced", reason="by both measures", date="2026-11-28"),
        "labels": Expected(status="reproduced", reason="more steps, more movement", date="2026-11-28"),
        "labels_error": Expected(
            status="not reproduced", reason="they have left their tangent model either way", date="2026-11-28"
        ),
        "interaction": Expected(status="reverse", reason="one layer had more laziness to lose", date="2026-11-28"),
    },
)  # fmt: skip
