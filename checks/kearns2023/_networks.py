"""Networks of one run side by side: configurations in plain text, and what contrasts read off their rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from lazy_assay.checks import Clock, Context, Contrast, Route, Scalar, Subject, Values
from lazy_assay.sims.movement import binary_classification

Reading = Callable[[np.ndarray], np.ndarray]
# Differences of logarithms of movement: a tenth is the least that a figure would show.
TENTH = math.log(1.1)
MEASURES = (*binary_classification.MEASURES, *(f"movement_{layer}" for layer in range(1, 9)))


def networks(
    *architectures: str,
    target_losses: str,
    half_widths: str = "0.05",
    step_sizes: str = "0.001",
    n: int = 100,
    d: int = 10,
    labelling: str = "balanced",
    most: int = 3000,
) -> dict[str, Scalar]:
    """Hidden widths of each network ("300", "150-15", "linear"); lists of numbers are separated by spaces."""
    return {
        "architectures": " ".join(architectures), "half_widths": half_widths, "step_sizes": step_sizes,
        "target_losses": target_losses, "n": n, "d": d, "labelling": labelling, "most": most,
    }  # fmt: skip


def hidden(architecture: str) -> list[int]:
    """Hidden widths; none for a linear model."""
    return [] if architecture == "linear" else [int(width) for width in architecture.split("-")]


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]


def settings(values: Values) -> Mapping[str, object]:
    """What the configuration's text stands for."""
    told: dict[str, object] = {name: _numbers(values[name]) for name in ("half_widths", "step_sizes", "target_losses")}
    return {**told, "architectures": [hidden(name) for name in values["architectures"].split()]}


def clock(values: Values) -> Clock:
    """Runs stop at their target loss; this is where the last of them would."""
    return Clock(step_size=max(_numbers(values["step_sizes"])), steps=int(values["most"]))


def trained(reads: Reading) -> Route:
    """All networks of a configuration, trained by Adam on the same points."""
    return Route(
        name="trained by Adam", simulate=binary_classification.fitted, settings=settings, clock=clock, reads=reads
    )


def measure(name: str, network: int, target: int = 0) -> Reading:
    """One number a trial."""
    column = MEASURES.index(name)
    return lambda draws: draws[:, network, target, column]


def log(name: str, network: int, target: int = 0) -> Reading:
    """Its natural logarithm: differences are ratios."""
    number = measure(name, network, target)
    return lambda draws: np.log(number(draws))


def constant(value: float) -> Reading:
    """The same number in every trial."""
    return lambda draws: np.full(len(draws), value)


def contrast(
    name: str, configuration: Mapping[str, Scalar], larger: Reading, smaller: Reading, smallest: float,
    *, control: bool = False, equality: bool = False,
) -> Contrast:  # fmt: skip
    """Two readings of the same trials, the first minus the second."""
    route = trained(lambda draws: np.stack([larger(draws), smaller(draws)], axis=-1))
    subject = Subject.CONTROL if control else Subject.CLAIM
    return Contrast(name, (route, configuration), None, smallest, subject, equality)


def few(context: Context) -> int:
    """Seeds of wide networks: what a quick run takes, in every profile but `nightly`."""
    return {"quick": 10, "full": 10}.get(context.profile.name, 30)
