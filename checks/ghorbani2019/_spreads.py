"""The checks of the parts `concentration`: variances over draws of the weights, by the exact oracles of the means."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Extrapolated,
    Fine,
    OneOf,
    Resolution,
    Route,
    Scalar,
    Space,
    Spread,
    Tolerance,
    Values,
    predicted,
)
from lazy_assay.checks.ghorbani2019._allowances import SOLVED
from lazy_assay.theory import Part

SOURCE = "next order of the variance over draws of W, a share of it, calibrated on other configurations and streams"
TWO_SIZES = (
    "what two sizes leave of the variance's limit, of the order 1/n² (its 1/n cancels): a share of it, calibrated on "
    "other configurations and streams"
)
# Of the limit, times n²; and how that grows with δ² where the classes' difference is δ: benchmarks/calibrate_spread.py.
LEFT, APART = 3.0, 4.0


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
        # Of a risk that is the same for every W, its own rounding squared.
        rounding = float(values["d"]) ** power * SOLVED.rounding**2
        sources = {"finite_size": SOURCE, **SOLVED.sources}
        return Tolerance(finite_size=predicted(stated, values), rounding=rounding, sources=sources)

    return Spread(
        size="d",
        part=part.name,
        space=space,
        routes=(replace(route, allowance=allowance, space=None, examples=1),),
        resolution=Resolution(relative=relative),
        fine=fine,
        power=power,
    )


def extrapolated(
    part: Part, simulate: Callable[..., Any], anchors: tuple[Mapping[str, Scalar], ...], *, told: Route
) -> Extrapolated:
    """The check of a part's limit where λ₁ ≠ 0 and the weights are flat on n directions, by the variances at two sizes.

    The first anchor, coarsely, in every profile; all of them so that a tenth of λ₁'s share J is told, a twenty-fifth of
    the variance, in a thorough one. told: the route whose parameters and relations the configurations have.
    """
    assert part.published is not None
    assert part.limit_of is not None
    published, limit_of = part.published, part.limit_of

    def allowance(values: Values) -> Tolerance:
        stated = predicted(published, {**values, **limit_of(d=values["d"], N=values["N"])})
        left = LEFT * (1 + APART * float(np.abs(values.get("Delta", 0.0)).max()) ** 2)
        return Tolerance(finite_size=left / directions(values) ** 2 * stated, sources={"finite_size": TWO_SIZES})

    route = replace(
        told,
        name="exact oracle at two sizes",
        simulate=simulate,
        allowance=allowance,
        space=None,
        examples=0,
    )
    coarse, *finer = anchors
    return Extrapolated(
        size="d",
        power=1,
        part=part.name,
        space=Space(draws={name: OneOf((value,)) for name, value in coarse.items()}),
        routes=(route,),
        resolution=Resolution(relative=0.2),
        fine=Fine(
            anchors=(coarse,),
            resolution=Resolution(relative=0.1),
            copies=8,
            further=tuple(finer),
            dear=(Resolution(relative=0.02), 32),
        ),
    )


def directions(values: Values) -> float:
    """n of flat weights, Γ = Π/n."""
    return 1 / float((values["Gamma"] ** 2).sum())
