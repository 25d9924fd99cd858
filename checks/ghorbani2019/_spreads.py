"""The checks of the parts `concentration`: variances over draws of the weights, by the exact oracles of the means."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lazy_assay.checks import Fine, Resolution, Route, Scalar, Space, Spread, Tolerance, predicted
from lazy_assay.theory import Part

SOURCE = "next order of the variance over draws of W, a share of it, calibrated on other configurations and streams"


def isotropic(**more: Scalar) -> dict[str, Scalar]:
    """Where the prediction is known to half a percent, O(1/d²), and draws cost a hundredth of a millisecond."""
    return {"d": 48, "N": 12, "Gamma": "isotropic", **more}


def large(*anchors: Mapping[str, Scalar], **more: Scalar) -> Fine:
    """These, and sizes at which any prediction is known to a few percent, for a thorough profile alone.

    Block variances scatter by two thirds of themselves: eight of them, of eight draws each, by a quarter.
    """
    further = {"d": 256, "N": 64, "Gamma": "isotropic", **more}
    return Fine(anchors=anchors, further=(further,), resolution=Resolution(relative=0.05), copies=8)


def spread(
    part: Part,
    route: Route,
    space: Space,
    *,
    power: int,
    relative: float = 0.15,
    fine: Fine | None = None,
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
        fine=fine,
        power=power,
    )
