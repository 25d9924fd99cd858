"""Confronts Figure 5: tricks against plain SGD from the same weights on the same batches, at equal epochs and loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Check,
    Configuration,
    Context,
    Contrast,
    Effects,
    Expected,
    Route,
    Subject,
    Values,
    telling,
)
from lazy_assay.checks.fang2021._readings import (
    GAP,
    TEST,
    THETA,
    Array,
    Reading,
    advantage,
    at_checkpoint,
    at_loss,
    doublings,
)
from lazy_assay.checks.fang2021._training import route
from lazy_assay.theory.fang2021.figure5 import CLAIM, FINDINGS

EPOCHS = 20
SHORT = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, EPOCHS)
# Ten times as long, to come down to one loss with the small step.
LONG = (*SHORT, 25, 31, 39, 49, 61, 76, 95, 119, 149, 200)
# A few starts of momentum are not down at that loss after 20 epochs (1 of 48, of entropy 5).
TWICE = (*SHORT, 25, 31, 39)
LENGTHS = {SHORT: "", TWICE: ", twice as long", LONG: ", ten times as long"}
LOSS = 1.0
STEP = 0.015
DIGITS: Configuration = {"data": "digits", "norm": 10.0, "classes": 10, "d": 16, "n": 60, "m": 64}
MNIST: Configuration = {"data": "mnist5k", "classes": 10, "d": 64, "n": 60, "m": 5000}
# A quarter more, in doublings; a tenth of a nat; five test points in a hundred.
QUARTER, NATS, POINTS = math.log2(1.25), 0.1, 0.05


def he(values: Values) -> float:
    """The standard deviation of N(0, 1/d)."""
    return float(int(values["d"]) ** -0.5)


TRICKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "ten times the step": {"step_size": 10 * STEP},
    "momentum 0.9": {"momentum": 0.9},
    "N(0, 1/d)": {"theta_scale": he},
    # At 0.05, the first choice, 4 of 120 starts never came down to the matched loss.
    "weight decay 0.03": {"weight_decay": 0.03},
}


@dataclass(frozen=True)
class Side:
    """One training: a trick, for how long, and by how much smaller steps (for as many times more epochs)."""

    trick: str
    checkpoints: tuple[int, ...] = SHORT
    finer: int = 1

    def route(self, read: Reading) -> Route:
        """Read one way."""
        given = {"step_size": STEP, "batch": 20, **TRICKS[self.trick]}
        given["step_size"] /= self.finer
        epochs = tuple(self.finer * epoch for epoch in self.checkpoints)
        length = LENGTHS[self.checkpoints]
        steps = "" if self.finer == 1 else f", 1/{self.finer} of the step"
        return route(f"{self.trick}{length}{steps}", read, test=300, checkpoints=epochs, **given)


PLAIN, LONG_PLAIN = Side("plain"), Side("plain", LONG)
LARGE, MOMENTUM = Side("ten times the step"), Side("momentum 0.9")
HE, LONG_HE = Side("N(0, 1/d)"), Side("N(0, 1/d)", LONG)
DECAY, LONG_DECAY = Side("weight decay 0.03"), Side("weight decay 0.03", LONG)
END = -1


def contrast(
    name: str,
    larger: tuple[Side, Reading],
    smaller: tuple[Side, Reading],
    smallest: float = QUARTER,
    subject: Subject = Subject.CLAIM,
    where: Configuration = DIGITS,
) -> Contrast:
    """Two trainings from the same weights on the same batches, each read its way."""
    (first, one), (second, other) = larger, smaller
    return Contrast(name, (first.route(one), where), (second.route(other), where), smallest, subject)


def more(seed_factor: int) -> Callable[[Context], int]:
    """Seeds of a part, in those of the profile."""
    return lambda context: seed_factor * context.profile.seeds


def per_error(draws: Array) -> Array:
    """Mean distance of θ over the relative output error of the tangent model."""
    # Before the first step both are zero, and no loss is read there.
    with np.errstate(invalid="ignore"):
        return np.asarray(THETA(draws) / GAP(draws))


def beside_nothing(draws: Array) -> Array:
    """What the tangent model gets wrong less what the network does, and 0 beside it."""
    found = at_checkpoint(advantage, END)(draws)
    return np.stack([found, np.zeros_like(found)], axis=1)


DISTANCE, ERROR = doublings(at_checkpoint(THETA, END)), doublings(at_checkpoint(GAP, END))
DISTANCE_AT, ERROR_AT = doublings(at_loss(THETA, LOSS)), doublings(at_loss(GAP, LOSS))
THETA_WORD, ERROR_WORD = "distance of θ", "relative output error"
LAST_TEST = at_checkpoint(TEST, END)
CONTROL = Subject.CONTROL


THRICE = more(3)


def at_epochs(
    part: str, trick: Side, reads: dict[str, Reading], *controls: Contrast, seeds: Callable[[Context], int] = THRICE
) -> tuple[Effects, Effects]:
    """A trick beyond plain SGD after the same epochs, and the same at the paper's width, which `nightly` can afford."""
    narrow, wide = (
        tuple(contrast(word, (trick, read), (PLAIN, read), where=where) for word, read in reads.items())
        for where in (DIGITS, MNIST)
    )
    return (
        Effects(part=part, seeds=seeds, contrasts=(*narrow, *controls)),
        Effects(part=f"{part}_wide", seeds=lambda context: 10, decides="nightly", contrasts=wide),
    )


def faster_at_loss(
    part: str, trick: Side, down: Side, finer: Side, seeds: Callable[[Context], int], decides: str = "quick"
) -> Effects:
    """A trick that amounts to a longer training, at equal loss, with controls that show it; `down` comes down to it."""
    long = Side("plain", LONG, finer.finer)
    return Effects(
        part=part,
        seeds=seeds,
        decides=decides,
        contrasts=(
            contrast(THETA_WORD, (down, DISTANCE_AT), (LONG_PLAIN, DISTANCE_AT)),
            contrast(ERROR_WORD, (down, ERROR_AT), (LONG_PLAIN, ERROR_AT), subject=CONTROL),
            contrast(
                f"{THETA_WORD} beyond ten times the epochs",
                (trick, DISTANCE),
                (LONG_PLAIN, DISTANCE),
                subject=CONTROL,
            ),
        ),
        further={
            "nightly": (contrast(f"{ERROR_WORD}, steps a fifth", (finer, ERROR_AT), (long, ERROR_AT), subject=CONTROL),)
        },
    )


REPRODUCED = Expected(status="reproduced", reason="as the figure shows", date="2026-11-26")
LONGER = Expected(status="not reproduced", reason="the trick is a longer training", date="2026-11-26")
CHECK = Check(
    claim=CLAIM,
    procedures=(
        # Seven seeds in ten reach a quarter more error; the others are far below.
        *at_epochs("learning_rate", LARGE, {THETA_WORD: DISTANCE, ERROR_WORD: ERROR}, seeds=telling(0.7)),
        faster_at_loss("learning_rate_at_loss", LARGE, LARGE, Side(LARGE.trick, SHORT, 5), more(1)),
        *at_epochs("momentum", MOMENTUM, {THETA_WORD: DISTANCE, ERROR_WORD: ERROR}),
        # A ratio of 1.18, where 1.25 would matter: twelve seeds and their confirmation do not always tell them apart,
        # and the seeds that do cost a minute and a half, which is dearer than `quick` may be.
        faster_at_loss(
            "momentum_at_loss",
            MOMENTUM,
            Side(MOMENTUM.trick, TWICE),
            Side(MOMENTUM.trick, SHORT, 5),
            more(4),
            decides="full",
        ),
        *at_epochs(
            "init_variance",
            HE,
            {ERROR_WORD: ERROR},
            contrast(f"{THETA_WORD} is smaller", (PLAIN, DISTANCE), (HE, DISTANCE), subject=CONTROL),
        ),
        Effects(
            part="init_variance_at_loss",
            seeds=more(3),
            contrasts=(
                contrast(ERROR_WORD, (LONG_HE, ERROR_AT), (LONG_PLAIN, ERROR_AT)),
                contrast(
                    f"{THETA_WORD} is smaller", (LONG_PLAIN, DISTANCE_AT), (LONG_HE, DISTANCE_AT), subject=CONTROL
                ),
            ),
        ),
        *at_epochs("weight_decay", DECAY, {THETA_WORD: DISTANCE}),
        Effects(
            part="weight_decay_at_loss",
            contrasts=(
                contrast(THETA_WORD, (LONG_DECAY, DISTANCE_AT), (LONG_PLAIN, DISTANCE_AT)),
                contrast(
                    f"{THETA_WORD} over {ERROR_WORD}",
                    (LONG_DECAY, doublings(at_loss(per_error, LOSS))),
                    (LONG_PLAIN, doublings(at_loss(per_error, LOSS))),
                    subject=CONTROL,
                ),
            ),
        ),
        Effects(
            part="performance",
            seeds=more(3),
            contrasts=(contrast("test loss without the large step", (PLAIN, LAST_TEST), (LARGE, LAST_TEST), NATS),),
        ),
        Effects(
            part="performance_wide",
            seeds=lambda context: 10,
            decides="nightly",
            contrasts=(
                contrast("test loss without the large step", (PLAIN, LAST_TEST), (LARGE, LAST_TEST), NATS, where=MNIST),
            ),
        ),
        Effects(
            part="performance_at_loss",
            contrasts=(
                contrast(
                    "test loss without the large step",
                    (LONG_PLAIN, at_loss(TEST, LOSS)),
                    (LARGE, at_loss(TEST, LOSS)),
                    NATS,
                ),
            ),
        ),
        Effects(
            part="beyond_tangent",
            contrasts=(
                Contrast(
                    "test points that only the tangent model gets wrong",
                    (LARGE.route(beside_nothing), DIGITS),
                    None,
                    POINTS,
                ),
            ),
        ),
    ),
    expected={
        **dict.fromkeys((f"{name}_wide" for name, *_ in FINDINGS), REPRODUCED),
        "learning_rate": REPRODUCED,
        "learning_rate_at_loss": LONGER,
        "momentum": REPRODUCED,
        "momentum_at_loss": LONGER,
        "init_variance": REPRODUCED,
        "init_variance_at_loss": Expected(
            status="reproduced", reason="a larger angle at a smaller distance", date="2026-11-26"
        ),
        "weight_decay": REPRODUCED,
        "weight_decay_at_loss": Expected(
            status="reproduced", reason="decay moves parameters whatever the data", date="2026-11-26"
        ),
        "performance": REPRODUCED,
        "performance_at_loss": LONGER,
        "beyond_tangent": Expected(
            status="not reproduced",
            reason="after equal epochs the tangent model with the same step tests as well",
            date="2026-11-26",
        ),
    },
)
