"""Confronts figure 8 on real digits; without the data the parts are not run."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Check,
    Clock,
    Configuration,
    Contrast,
    DataSets,
    Effects,
    Expected,
    Route,
    Subject,
    Typed,
    Values,
)
from lazy_assay.checks.kearns2023._networks import TENTH, few
from lazy_assay.sims.movement import frozen_features
from lazy_assay.theory import Domain, Integer, ListOf
from lazy_assay.theory.kearns2023.structured_data import CLAIM

STEP_SIZE, BATCH, EPOCHS, MOST = 1e-3, 25, 5, 1500
COLUMN = frozen_features.MEASURES.index
PARAMETERS: Mapping[str, Domain] = {"images": DataSets(("digits", "mnist5k", "mnist")), "widths": ListOf(Integer(1))}
TYPED = Typed(PARAMETERS)
changed = TYPED.changed
SHORT = changed({"images": "digits"}, widths=[100, 1600], pretrained=400, pretraining_steps=60, features=32, n=200)
SHORT_AT_LOSS = changed(SHORT, widths=[100, 400])
LONG = changed(SHORT, widths=[100, 1000, 10000], pretrained=800, pretraining_steps=150, n=500)
MNIST: Configuration = {**LONG, "images": "mnist5k", "pretrained": 2000, "features": 64}


def settings(values: Values) -> dict[str, Any]:
    """The images, and how they are trained on."""
    data = values["images"]
    return {"images": data.inputs, "classes": data.classes, "half_width": 0.05, "step_size": STEP_SIZE}


def after_epochs(reads: Callable[[np.ndarray], np.ndarray]) -> Route:
    """The paper's rule: 5 epochs, or 99.6 % accuracy."""
    return Route(
        name="head after 5 epochs",
        simulate=frozen_features.head_by_epochs,
        settings=lambda values: {**settings(values), "batch": BATCH, "epochs": EPOCHS, "accuracy": 0.996},
        clock=lambda values: Clock(step_size=STEP_SIZE, steps=values["n"] // BATCH * EPOCHS),
        reads=reads,
        parameters=PARAMETERS,
    )


def at_loss(reads: Callable[[np.ndarray], np.ndarray]) -> Route:
    """The same loss at every width; the clock shows where a run that does not reach it would stop."""
    return Route(
        name="head at loss 0.2",
        simulate=frozen_features.head_to_loss,
        settings=lambda values: {**settings(values), "target": 0.2, "most": MOST},
        clock=lambda values: Clock(step_size=STEP_SIZE, steps=MOST),
        reads=reads,
        parameters=PARAMETERS,
    )


def fall(
    make: Callable[[Callable[[np.ndarray], np.ndarray]], Route],
    measure: str,
    setting: Configuration,
    first: int,
    *,
    subject: Subject = Subject.CLAIM,
    rises: bool = False,
    smallest: float = TENTH,
) -> Contrast:
    """log of a measure at one width less that at the next (the other way round if it rises)."""
    order = [first + 1, first] if rises else [first, first + 1]

    def reads(draws: np.ndarray) -> np.ndarray:
        return np.asarray(np.log(draws[:, order, COLUMN(measure)]))

    widths, route = TYPED.held(setting, "widths"), make(reads)
    told = f"{setting['images']}, {route.name}: {measure} at width {widths[order[0]]} above {widths[order[1]]}"
    return Contrast(told, (route, setting), None, smallest, subject)


def over_widths(part: str, make: Callable[..., Route], measure: str, *longer: Configuration) -> list[Effects]:
    """The longer sweeps of `full`, each width to the next, and in `nightly` the paper's 40,000 neurons."""
    steps = [(setting, first) for setting in longer for first in range(len(TYPED.held(setting, "widths")) - 1)]
    wide = tuple(fall(make, measure, setting, first) for setting, first in steps)
    widest = fall(make, measure, changed(longer[0], widths=[10000, 40000]), 0)
    return [
        Effects(part=f"{part}_wide", seeds=few, decides="full", contrasts=wide),
        Effects(part=f"{part}_widest", seeds=few, decides="nightly", contrasts=(widest,)),
    ]


AT_LOSS = changed(LONG, widths=[100, 1000, 3000])
MOVED = Expected(status="reproduced", reason="but the undivided norm rises: control", date="2026-11-26")
MATCHED = Expected(status="reproduced", reason="and more steeply", date="2026-11-26")
NEARER = Expected(status="reproduced", reason="the error falls with the width", date="2026-11-26")
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="movement",
            seeds=few,
            contrasts=(
                fall(after_epochs, "movement_1", SHORT, 0),
                fall(after_epochs, "norm", SHORT, 0, subject=Subject.CONTROL, rises=True),
                fall(after_epochs, "loss", SHORT, 0, subject=Subject.CONTROL),
            ),
        ),
        Effects(
            part="matched_loss",
            seeds=few,
            contrasts=(
                fall(at_loss, "movement_1", SHORT_AT_LOSS, 0),
                fall(at_loss, "steps", SHORT_AT_LOSS, 0, subject=Subject.CONTROL),
            ),
        ),
        Effects(part="lazy", seeds=few, contrasts=(fall(at_loss, "error", SHORT_AT_LOSS, 0),)),
        *over_widths("movement", after_epochs, "movement_1", LONG, MNIST),
        *over_widths("matched_loss", at_loss, "movement_1", AT_LOSS),
        *over_widths("lazy", after_epochs, "error", LONG, MNIST),
    ),
    expected={
        f"{name}{suffix}": expected
        for name, expected in (("movement", MOVED), ("matched_loss", MATCHED), ("lazy", NEARER))
        for suffix in ("", "_wide", "_widest")
    },
)
