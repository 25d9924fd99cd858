"""What a night keeps of seeds that are judged by order: how many lie beyond what is allowed, on either side.

A statement about a quantile (a median slope, what a share of seeds reaches) says that a seed lies above an edge with a
probability of at most p, or below one with at most p. Y = 1 for a seed above `high`, -1 for one below `low`, 0 between
has values in [-1, 1] whatever the seeds' law, and its moments say how many of each there were. So the bets of
`nightly` on them are exact, of few seeds too, and ask for no moment of the seeds themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from lazy_assay.checks.statistics.moments import FIGURES, RANGE, SIDE, SIDES, Array, Moments

# The largest probability that the statement leaves for a seed beyond an edge.
CHANCE = "draws chance"


def signs(values: Array, low: float, high: float) -> Array:
    """1 above `high`, -1 below `low`, 0 between or on an edge; shape (seeds,)."""
    return np.asarray((values > high).astype(float) - (values < low).astype(float))


def kept_signs(values: Array, low: float, high: float, allowed_side: str, chance: Fraction) -> dict[str, float]:
    """The figures of a night's seeds, shape (seeds,), for those to come; {} for none, or one that is not finite.

    allowed_side: where seeds may lie at any distance, "below" or "above"; "both" for nowhere. chance: the largest
    probability that the statement leaves for a seed beyond an edge.
    """
    told = Moments.of(signs(values, low, high)) if np.isfinite(values).all() else None
    if told is None:
        return {}
    return (
        told.figures() | dict(zip(RANGE, (-1.0, 1.0), strict=True)) | {SIDE: SIDES[allowed_side], CHANCE: float(chance)}
    )


def kept_mean(values: Array, low: float, high: float, allowed_side: str) -> dict[str, float]:
    """The same of values in [low, high] whose mean is what the statement is about; {} where one lies outside.

    allowed_side: where a mean may lie at any distance, "below", "above", or "both" for nowhere.
    """
    inside = np.isfinite(values) & (values >= low) & (values <= high)
    told = Moments.of(values) if inside.all() else None
    if told is None:
        return {}
    return told.figures() | dict(zip(RANGE, (low, high), strict=True)) | {SIDE: SIDES[allowed_side]}


def together(now: Mapping[str, float], earlier: Mapping[str, float]) -> dict[str, float]:
    """The figures of a stage with the draws of one before it, both of one kind; {} where either kept none.

    A night that keeps some of its draws has chosen them.
    """
    told = [{name: figures[f"draws {name}"] for name in Moments.__dataclass_fields__} for figures in (now, earlier)
            if set(FIGURES) <= set(figures)]  # fmt: skip
    if len(told) < 2:
        return {}
    mine, theirs = (Moments(**{**one, "count": int(one["count"])}) for one in told)  # type: ignore[arg-type]
    return {name: value for name, value in now.items() if name.startswith("draws ")} | mine.and_more(theirs).figures()
