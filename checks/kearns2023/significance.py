"""Confronts the onset of lazy training: interpolated trial by trial, between settings of the training."""

import math

import numpy as np

from lazy_assay.checks import Check, Configuration, Effects, Expected
from lazy_assay.checks.kearns2023._networks import MEASURES, TENTH, Reading, contrast, few, log, networks
from lazy_assay.checks.kearns2023.width_sweep import longer
from lazy_assay.theory.kearns2023.significance import CLAIM

# A level of movement is one level while it moves by less than this.
FACTOR = math.log(1.5)
LEVEL, WINDOW = 0.1, math.log(4)


def onset(first: int, last: int, target: int = 0) -> Reading:
    """log movement at an error of 10 %, from the networks `first` to `last`; NaN where fewer than two are near it."""

    def line(errors: np.ndarray, movements: np.ndarray) -> float:
        x, y = np.log(errors) - math.log(LEVEL), np.log(movements)
        near = np.abs(x) <= WINDOW
        return float(np.polyfit(x[near], y[near], 1)[1]) if near.sum() >= 2 else math.nan

    def read(draws: np.ndarray) -> np.ndarray:
        rows = draws[:, first : last + 1, target]
        error, movement = MEASURES.index("error"), MEASURES.index("movement_1")
        return np.array([line(row[:, error], row[:, movement]) for row in rows])

    return read


def settings(
    *groups: tuple[tuple[tuple[int, ...], ...], float, float], target_losses: tuple[float, ...]
) -> Configuration:
    """Groups of (architectures, half-width, step size) trained on the same points."""
    each = [(network, half_width, step_size) for several, half_width, step_size in groups for network in several]
    names, half_widths, step_sizes = zip(*each, strict=True)
    return networks(*names, half_widths=half_widths, step_sizes=step_sizes, target_losses=target_losses)


LOSSES = settings((((25,), (50,), (100,), (200,), (400,)), 0.4, 0.008), target_losses=(0.5, 0.2))
BASE = (((25,), (50,), (100,), (200,)), 0.4, 0.008)
SLOW = settings(BASE, (((25,), (50,), (100,), (200,)), 0.4, 0.002), target_losses=(0.5,))
SMALL = settings(BASE, (((100,), (200,), (400,), (800,)), 0.2, 0.004), target_losses=(0.5,))
EQUAL = settings((((100,),), 0.2, 0.004), (((400,),), 0.1, 0.002), (((400,),), 0.2, 0.004), target_losses=(0.5,))
PAPER_SCALE = settings(
    (((400,),), 0.1, 0.002), (((1600,),), 0.05, 0.001), (((6400,),), 0.025, 0.0005), target_losses=(0.5, 0.2)
)
DEEP = settings(
    (((100,), (200,), (400,)), 0.2, 0.002), (((50, 50), (100, 100), (200, 200)), 0.2, 0.002), target_losses=(0.5,)
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="target_loss",
            seeds=few,
            contrasts=(
                contrast("onset at losses 0.5 and 0.2, a = 0.4", LOSSES, onset(0, 4, 0), onset(0, 4, 1), FACTOR,
                         equality=True),
                contrast("but at one width the movement differs: 0.2 above 0.5, width 100", LOSSES,
                         log("movement_1", 2, 1), log("movement_1", 2, 0), FACTOR, control=True),
            ),
            further=longer(
                contrast("onset of one hidden layer above that of two, a = 0.2", DEEP, onset(0, 2), onset(3, 5), FACTOR,
                         control=True),
            ),
        ),
        Effects(
            part="learning_rate",
            seeds=few,
            contrasts=(
                contrast("onset at step sizes 0.008 and 0.002, a = 0.4", SLOW, onset(0, 3), onset(4, 7), FACTOR,
                         equality=True),
            ),
        ),
        Effects(
            part="init_scale",
            seeds=few,
            contrasts=(
                contrast("onset at a = 0.4 and a = 0.2", SMALL, onset(0, 3), onset(4, 7), FACTOR, equality=True),
            ),
        ),
        Effects(
            part="collapse",
            seeds=few,
            contrasts=(
                contrast("(n, a) = (100, 0.2) and (400, 0.1) move alike", EQUAL,
                         log("movement_1", 0), log("movement_1", 1), 2 * TENTH, equality=True),
                contrast("but n alone does not tell: (400, 0.1) above (400, 0.2)", EQUAL,
                         log("movement_1", 1), log("movement_1", 2), FACTOR, control=True),
            ),
        ),
        Effects(
            part="collapse_wide",
            seeds=few,
            decides="full",
            contrasts=tuple(
                contrast(f"(400, 0.1) and {name} {label} alike, loss {loss}", PAPER_SCALE,
                         log(what, 0, target), log(what, index, target), 2 * TENTH, equality=True)
                for name, index in (("(1600, 0.05)", 1), ("(6400, 0.025)", 2))
                for target, loss in ((0, "0.5"), (1, "0.2"))
                for what, label in (("movement_1", "move"), ("error", "err"))
            ),
        ),
    ),
    expected={
        "target_loss": Expected(status="reproduced", reason="about a third at both losses", date="2026-11-26"),
        "learning_rate": Expected(status="reproduced", reason="within a factor 1.5", date="2026-11-26"),
        "init_scale": Expected(status="reproduced", reason="within a factor 1.5", date="2026-11-26"),
        "collapse": Expected(status="reproduced", reason="movement is a function of n·a²", date="2026-11-26"),
        "collapse_wide": Expected(status="reproduced", reason="movement is a function of n·a²", date="2026-11-26"),
    },
)  # fmt: skip
