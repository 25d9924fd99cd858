"""Networks of one run side by side: their configurations, and what contrasts read off their rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lazy_assay.checks import Clock, Configuration, Context, Contrast, Route, Subject, Typed, Values
from lazy_assay.sims.movement import binary_classification
from lazy_assay.theory import Domain, Integer, ListOf, Real

Reading = Callable[[np.ndarray], np.ndarray]
# Differences of logarithms of movement: a tenth is the least that a figure would show.
TENTH = math.log(1.1)
MEASURES = (*binary_classification.MEASURES, *(f"movement_{layer}" for layer in range(1, 9)))


# In a configuration: "300 150-15 linear" for networks of one, two and no hidden layers, "0.5 0.1" for two losses.
POSITIVE = ListOf(Real(0))
PARAMETERS: Mapping[str, Domain] = {
    "architectures": ListOf(ListOf(Integer(1), separator="-", empty="linear")),
    "half_widths": POSITIVE,
    "step_sizes": POSITIVE,
    "target_losses": POSITIVE,
}
TYPED = Typed(PARAMETERS)
held = TYPED.held


def networks(
    *architectures: Sequence[int],
    target_losses: Sequence[float],
    half_widths: Sequence[float] = (0.05,),
    step_sizes: Sequence[float] = (0.001,),
    n: int = 100,
    d: int = 10,
    labelling: str = "balanced",
    most: int = 3000,
) -> Configuration:
    """Hidden widths of each network, none for a linear model; other lists have one number a network, or one for all."""
    return TYPED.changed(
        {}, architectures=architectures, half_widths=half_widths, step_sizes=step_sizes, target_losses=target_losses,
        n=n, d=d, labelling=labelling, most=most,
    )  # fmt: skip


def clock(values: Values) -> Clock:
    """Runs stop at their target loss; this is where the last of them would."""
    return Clock(step_size=max(values["step_sizes"]), steps=int(values["most"]))


def trained(reads: Reading) -> Route:
    """All networks of a configuration, trained by Adam on the same points."""
    return Route(
        name="trained by Adam", simulate=binary_classification.fitted, clock=clock, reads=reads, parameters=PARAMETERS
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
    name: str, configuration: Configuration, larger: Reading, smaller: Reading, smallest: float,
    *, control: bool = False, equality: bool = False,
) -> Contrast:  # fmt: skip
    """Two readings of the same trials, the first minus the second."""
    route = trained(lambda draws: np.stack([larger(draws), smaller(draws)], axis=-1))
    subject = Subject.CONTROL if control else Subject.CLAIM
    return Contrast(name, (route, configuration), None, smallest, subject, equality)


def few(context: Context) -> int:
    """Seeds of wide networks: what a quick run takes, in every profile but `nightly`."""
    return {"quick": 10, "full": 10}.get(context.profile.name, 30)
