"""Confronts Figure 9: features with generated weights against initial ones, few and many."""

from __future__ import annotations

from collections.abc import Sequence

from lazy_assay.checks import Check, Configuration, Contrast, Effects, Expected, Findings, Options, Route
from lazy_assay.checks.fang2021._images import beyond, flops, learned, shown_at
from lazy_assay.sims.particles import repopulation
from lazy_assay.theory.fang2021.figure9 import CLAIM

DIGITS: Configuration = {"data": "digits", "n": 600, "m": 50, "nets": 10}
FEATURES = (20, 1000)
START, GENERATED, NORMAL, THEMSELVES, SAME_POINTS, IMAGES = range(6)
# Three test points in a hundred are the least that would matter, as for Figure 11.
POINTS = 0.03


def laws(larger: int, smaller: int, size: int, points: int) -> Route:
    """Accuracies by two laws of θ, with so many features."""
    name = f"laws {larger} and {smaller}, {FEATURES[size]} features"
    simulate = repopulation.repopulated_accuracy
    return learned(name, simulate, (larger, smaller), size, test=500, points=points, features=FEATURES)


def findings(where: Configuration, seeds: int, points: int) -> tuple[Effects, ...]:
    """Both parts at a setting, the networks being trained on so many points."""

    def contrasts(size: int) -> tuple[Contrast, ...]:
        def told(name: str, larger: int, smaller: int, **more: bool) -> Contrast:
            return beyond(name, laws(larger, smaller, size, points), where, POINTS, **more)

        return (
            told("generated beyond initial", GENERATED, START, claim=True),
            told("generated against normal of their moments", GENERATED, NORMAL, equality=True),
            told("generated against the trained neurons themselves", GENERATED, THEMSELVES, equality=True),
            told("networks of the same points against others", SAME_POINTS, GENERATED, equality=True),
            told("combinations of images beyond initial", IMAGES, START),
        )

    return tuple(
        Effects(part=part, seeds=lambda context: seeds, decides="full", contrasts=contrasts(size))
        for size, part in enumerate(("repopulated", "thousand"))
    )


def at(options: Options) -> Sequence[Effects]:
    """`size` networks, each of the paper's 100 neurons."""
    data, _ = shown_at(options.size)
    return findings({**DIGITS, "data": data, "m": 100, "nets": options.size}, options.seeds(10), 100)


CHECK = Check(
    claim=CLAIM,
    procedures=findings(DIGITS, 12, 100),
    expected={
        "repopulated": Expected(
            status="reproduced", reason="0.89 against 0.73, as normal weights of the same moments", date="2026-11-29"
        ),
        "thousand": Expected(
            status="not reproduced",
            reason="0.96 against 0.98: where features are more than points nothing is gained",
            date="2026-11-29",
        ),
    },
)
FIGURE = Findings(
    claim=CLAIM,
    title="Features repopulated from trained networks",
    at=at,
    smallest=4,
    usual=5,
    measure="networks",
    # The networks of both sets of points.
    flops=lambda options: flops(options, 2.0 * 100 * options.size),
)
