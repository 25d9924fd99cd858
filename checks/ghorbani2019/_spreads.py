"""The checks of the parts `concentration`: variances over draws of the weights, by the exact oracles of the means."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lazy_assay.checks import Resolution, Route, Space, Spread, Tolerance, Values, predicted
from lazy_assay.theory import Part

SOURCE = "next order of the variance over draws of W, {} of it, calibrated on other configurations and streams"


def features(values: Values) -> tuple[float, str]:
    """What the spread of random features may be off by, as a share of it: benchmarks/calibrate_spread.py."""
    d, N = values["d"], values["N"]
    return (6 + 9 * N / d) / d, SOURCE.format("(6 + 9ρ)/d")


def mixture_features(values: Values) -> tuple[float, str]:
    """The same on the mixture."""
    d, N = values["d"], values["N"]
    return (10 + 5 * N / d) / d, SOURCE.format("(10 + 5ρ)/d")


def tangent(values: Values) -> tuple[float, str]:
    """The same of the tangent model on the mixture."""
    return 7 / values["d"], SOURCE.format("7/d")


def spread(
    part: Part,
    route: Route,
    space: Space,
    *,
    power: int,
    off: Callable[[Values], tuple[float, str]],
    relative: float = 0.15,
) -> Spread:
    """The check of a part `concentration`. relative: of the variance; half as much of the standard deviation."""
    assert part.finite is not None
    finite = part.finite

    def allowance(values: Mapping[str, Any]) -> Tolerance:
        share, source = off(values)
        return Tolerance(finite_size=share * predicted(finite, values), sources={"finite_size": source})

    return Spread(
        size="d",
        part=part.name,
        space=space,
        routes=(replace(route, allowance=allowance, space=None, examples=1),),
        resolution=Resolution(relative=relative),
        power=power,
    )
