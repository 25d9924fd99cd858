"""Confronts R-boundedness: isotropic distributions, random points against the Marchenko–Pastur edge, given points."""

from dataclasses import replace

from lazy_assay.checks import (
    Between,
    Check,
    Expected,
    Fine,
    Images,
    Means,
    OneOf,
    Pointwise,
    Ratio,
    Resolution,
    Route,
    Space,
    Tolerance,
    Values,
)
from lazy_assay.checks.daniely2019._spaces import seeded
from lazy_assay.sims.data import random_points
from lazy_assay.theory.daniely2019._kernel_space import EPSILON
from lazy_assay.theory.daniely2019._largest_eigenvalue import allowance, is_exact
from lazy_assay.theory.daniely2019.bounded_distributions import CLAIM


def mean_allowance(values: Values) -> Tolerance:
    """What the part says of its own finite-size mean."""
    d, m = int(values["d"]), int(values["m"])
    source = "a fifth of the Tracy–Widom width, calibrated on other streams (heuristic)"
    exact = "change of the quadrature on halving its nodes, computed"
    return Tolerance(finite_size=allowance(d, m), sources={"finite_size": exact if is_exact(d, m) else source})


def rounding(values: Values) -> float:
    """64 machine epsilons for each coordinate, times the largest R²."""
    return 64 * EPSILON * int(values["points"].size) * int(values["d"])


EIGENVALUES = Route(
    name="largest eigenvalues",
    simulate=random_points.squared_boundedness,
    allowance=mean_allowance,
    trials=lambda values: 512,
    examples=2,
)
LARGE = replace(
    EIGENVALUES,
    name="largest eigenvalues, d = 200",
    space=Space(draws={"d": OneOf((100, 200)), "m": Ratio("d", (1.0, 2.0))}, anchors=({"d": 200, "m": 200},)),
    examples=0,
)
GIVEN = Space(
    draws={
        "d": Between(2, 20),
        "n": Between(1, 40),
        "points": seeded("sphere", "cube", "few", "single"),
    },
    anchors=(
        {"d": 8, "n": 1, "points": "single:1"},
        {"d": 8, "n": 32, "points": "few:1"},
        {"d": 5, "n": 32, "points": "vertices"},
        {"d": 6, "n": 24, "points": "cross"},
    ),
)
# Real images: the first principal direction holds most of them, so that R is near √d.
DIGITS = Space(
    draws={"d": OneOf((16, 8, 64)), "n": OneOf((200, 100)), "points": seeded("digits")},
    anchors=({"d": 64, "n": 500, "points": "digits:1"},),
)
EXACT = Route(
    name="eigenvalue",
    simulate=random_points.squared_boundedness_at,
    parameters={"points": Images("n", "d", unit=True)},
)
SOURCE = "64 machine epsilons a coordinate, times d"
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="isotropic",
            name="every direction",
            space=Space(
                draws={
                    "distribution": OneOf(("sphere", "cube")),
                    "d": Between(2, 30),
                    "tilt": OneOf((1, 0, 2)),
                },
                anchors=({"distribution": "cube", "d": 3, "tilt": 1}, {"distribution": "sphere", "d": 10, "tilt": 0}),
            ),
            routes=(
                Route(
                    name="samples",
                    simulate=random_points.squared_coordinate,
                    settings=lambda values: {"replicas": 128},
                    trials=lambda values: 512,
                ),
            ),
            resolution=Resolution(relative=0.01),
        ),
        Means(
            part="every_distribution",
            name="upper bound",
            space=Space(
                draws={"d": Between(2, 20), "m": Between(1, 20)},
                anchors=({"d": 10, "m": 1}, {"d": 5, "m": 2}),
            ),
            routes=(
                Route(
                    name="largest eigenvalues",
                    simulate=random_points.squared_boundedness,
                    allowance=lambda values: Tolerance(
                        rounding=64 * EPSILON * int(values["d"]) ** 2,
                        sources={"rounding": "64 machine epsilons a coordinate, times d"},
                    ),
                    trials=lambda values: 512,
                ),
            ),
            resolution=Resolution(relative=0.01),
            # A single point attains the bound in every draw.
            fine=Fine(anchors=({"d": 10, "m": 1},), resolution=Resolution(relative=0.002)),
        ),
        Pointwise(part="given_points", space=GIVEN, route=EXACT, rounding=rounding, source=SOURCE),
        Pointwise(
            part="given_points",
            name="digits",
            space=DIGITS,
            route=EXACT,
            rounding=rounding,
            source=SOURCE,
            wrong_versions=False,
        ),
        Means(
            part="random_points",
            space=Space(
                draws={"d": OneOf((30, 50, 80, 20)), "m": Ratio("d", (1.0, 2.0, 4.0, 10.0, 0.5))},
                anchors=({"d": 20, "m": 20}, {"d": 50, "m": 50}),
            ),
            routes=(EIGENVALUES, LARGE),
            resolution=Resolution(relative=0.005),
        ),
        Means(
            part="random_points",
            name="every size",
            space=Space(
                draws={"d": Between(2, 12), "m": Between(1, 12)},
                anchors=({"d": 2, "m": 2}, {"d": 10, "m": 3}, {"d": 3, "m": 3}, {"d": 2, "m": 7}, {"d": 4, "m": 4}),
            ),
            routes=(replace(EIGENVALUES, name="largest eigenvalues, small sizes", examples=None),),
            resolution=Resolution(relative=0.01),
        ),
    ),
    expected={
        "isotropic": Expected(status="confirmed", reason="symmetry", date="2026-11-26"),
        "every_distribution": Expected(status="holds, sharp", reason="a single point", date="2026-11-26"),
        "given_points": Expected(status="confirmed", reason="linear algebra", date="2026-11-26"),
        "random_points": Expected(
            status="confirmed",
            reason="Marchenko–Pastur edge with its finite-size mean",
            date="2026-11-28",
        ),
    },
)
