"""Confronts what the width of Du et al. is made of: eigenvalues, outputs and kinks of networks at random weights."""

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
    Values,
)
from lazy_assay.sims.features import initial_gram
from lazy_assay.theory.fang2021._initial_gram import least_eigenvalue, least_of_pair
from lazy_assay.theory.fang2021.initial_gram import CLAIM

POINTS = OneOf(tuple(f"sphere:{seed}" for seed in range(1, 9)))
ANCHOR: Configuration = {"n": 6, "d": 8, "points": "sphere:1", "m": 6}


def fallen(name: str, simulate: object, level: object) -> Route:
    """Whether the least eigenvalue lies at or below its level."""
    return Route(
        name=name,
        simulate=simulate,  # type: ignore[arg-type]
        settings=level,  # type: ignore[arg-type]
        reads=lambda draws: (draws <= 1).astype(float),
        bounds=(0.0, 1.0),
        trials=lambda values: 1000,
    )


def of_points(values: Values) -> dict[str, float]:
    """sλ_0 at given points."""
    return {"level": float(values["share"]) * least_eigenvalue(values["points"])}


def of_pairs(values: Values) -> dict[str, float]:
    """sλ_0 at orthogonal pairs."""
    return {"level": float(values["share"]) * least_of_pair(float(values["correlation"]))}


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="concentration",
            space=Space(
                draws={
                    "n": OneOf((4, 8)),
                    "d": OneOf((8, 16)),
                    "points": POINTS,
                    "m": Between(4, 60),
                    "share": OneOf((0.25, 0.5, 0.75)),
                },
                anchors=(
                    # Orthogonal points: L = 1, and nothing is lost between L and what the eigenvalues are.
                    *({"n": n, "d": n, "points": "axes", "m": 20, "share": 0.51} for n in (2, 16, 32)),
                    {"n": 32, "d": 32, "points": "axes", "m": 50, "share": 0.51},
                    # Two points of product 0.9995: λ_0 is 0.005.
                    {"n": 2, "d": 2, "points": "sphere:105", "m": 100, "share": 0.5},
                ),
            ),
            routes=(fallen("random weights", initial_gram.least_eigenvalue, of_points),),
            resolution=Resolution(relative=0.0, absolute=0.02),
        ),
        Means(
            part="pairs",
            space=Space(
                draws={
                    "pairs": Between(1, 6),
                    "correlation": OneOf((0.2, 0.5, 0.8, 0.95)),
                    # Chances of a few percent and more: rarer ones are not seen to differ from none.
                    "m": Between(4, 12),
                    "share": OneOf((0.5, 0.75)),
                },
                anchors=(
                    {"pairs": 1, "correlation": 0.5, "m": 6, "share": 0.5},
                    {"pairs": 4, "correlation": 0.8, "m": 16, "share": 0.5},
                    {"pairs": 8, "correlation": 0.5, "m": 16, "share": 0.5},
                    {"pairs": 2, "correlation": 0.5, "m": 40, "share": 0.75},
                    {"pairs": 2, "correlation": 0.95, "m": 2, "share": 0.75},
                ),
            ),
            routes=(fallen("random weights", initial_gram.pair_eigenvalue, of_pairs),),
            resolution=Resolution(relative=0.1, absolute=0.015),
            fine=Fine(
                anchors=tuple({"pairs": pairs, "correlation": 0.5, "m": 2, "share": 0.5} for pairs in (4, 8)),
                resolution=Resolution(relative=0.009),
                copies=12,
            ),
        ),
        Means(
            part="residual",
            space=Space(
                draws={
                    "n": OneOf((2, 6)),
                    "d": OneOf((4, 8)),
                    "points": POINTS,
                    "labels": OneOf(("gaussian:1", "signs:2")),
                    "m": Between(1, 40),
                },
                anchors=(
                    {**ANCHOR, "labels": "signs:1", "m": 1},
                    {**ANCHOR, "labels": "gaussian:1", "m": 30},
                ),
            ),
            routes=(Route(name="random networks", simulate=initial_gram.squared_residual, trials=lambda values: 2000),),
            resolution=Resolution(relative=0.05),
            fine=Fine(
                anchors=({**ANCHOR, "m": 1, "labels": "signs:1"},), resolution=Resolution(relative=0.009), copies=20
            ),
        ),
        Means(
            part="near_kinks",
            space=Space(
                draws={
                    "n": OneOf((6,)),
                    "d": OneOf((4, 8)),
                    "points": POINTS,
                    "R": OneOf((0.03, 0.1, 0.5, 2.0)),
                    "m": Between(4, 40),
                },
                anchors=({**ANCHOR, "R": 0.1, "m": 40}, {**ANCHOR, "R": 1.0, "m": 10}),
            ),
            routes=(
                Route(
                    name="random weights",
                    simulate=initial_gram.near_kinks,
                    bounds=(0.0, 1.0),
                    trials=lambda values: 1000,
                ),
            ),
            resolution=Resolution(relative=0.03, absolute=0.001),
            fine=Fine(anchors=({**ANCHOR, "R": 1.0, "m": 10},), resolution=Resolution(relative=0.009), copies=2),
        ),
    ),
    expected={
        "concentration": Expected(
            status="holds, within 10×",
            reason="within a factor 10 at few neurons; the exponent is 0.6 of the true one for orthogonal points",
            date="2026-11-28",
        ),
        "pairs": Expected(status="confirmed", reason="independent blocks, and a law of counts", date="2026-11-28"),
        "gram_width": Expected(status="confirmed", reason="the bound solved for m", date="2026-11-28"),
        "residual": Expected(status="confirmed", reason="signs of mean zero on top", date="2026-11-28"),
        "near_kinks": Expected(status="confirmed", reason="a standard normal at every unit point", date="2026-11-28"),
    },
)
