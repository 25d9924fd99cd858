"""The checks of the parts `concentration`: variances over draws of the weights, by the exact oracles of the means."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lazy_assay.checks import Resolution, Route, Space, Spread, Tolerance, predicted
from lazy_assay.theory import Part

SOURCE = "next order of the variance over draws of W, a share of it, calibrated on other configurations and streams"


def spread(
    part: Part,
    route: Route,
    space: Space,
    *,
    power: int,
    relative: float = 0.15,
) -> Spread:
    """The check of a part `concentration`. relative: of the variance; half as much of the standard deviation."""
    assert part.finite_allowance is not None
    stated = part.finite_allowance

    def allowance(values: Mapping[str, Any]) -> Tolerance:
        return Tolerance(finite_size=predicted(stated, values), sources={"finite_size": SOURCE})

    return Spread(
        size="d",
        part=part.name,
        space=space,
        routes=(replace(route, allowance=allowance, space=None, examples=1),),
        resolution=Resolution(relative=relative),
        power=power,
    )
