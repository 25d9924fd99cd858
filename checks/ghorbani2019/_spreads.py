"""The checks of the parts `concentration`: variances over draws of the weights, by the exact oracles of the means."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from checks._check import Resolution, Route, Values
from checks._procedures.pointwise import at
from checks._procedures.spread import Spread
from checks._result import Tolerance
from checks._space import Space
from theory import Part

SOURCE = "next order of the variance over draws of the weights, (6 + 9ρ)/d of it, calibrated on disjoint configurations and streams"
TANGENT_SOURCE = "next order of the variance over draws of the weights, 7/d of it, calibrated on disjoint configurations and streams"


def features(values: Values) -> tuple[float, str]:
    """What the spread of random features may be off by, relative: benchmarks/calibrate_spread.py."""
    d, N = values["d"], values["N"]
    return (6 + 9 * N / d) / d, SOURCE


def tangent(values: Values) -> tuple[float, str]:
    """The same of the tangent model on the mixture."""
    return 7 / values["d"], TANGENT_SOURCE


def spread(
    part: Part,
    route: Route,
    space: Space,
    *,
    power: int,
    off: Callable[[Values], tuple[float, str]],
    relative: float = 0.15,
) -> Spread:
    """The check of a part `concentration`; a tenth of its variance is a twentieth of its standard deviation."""
    assert part.finite is not None
    finite = part.finite

    def allowance(values: Mapping[str, Any]) -> Tolerance:
        share, source = off(values)
        return Tolerance(finite_size=share * at(finite, values), sources={"finite_size": source})

    return Spread(
        part=part.name,
        space=space,
        routes=(replace(route, allowance=allowance, space=None, examples=1),),
        resolution=Resolution(relative=relative),
        power=power,
    )
