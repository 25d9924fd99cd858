"""What a part's comparisons would have noticed: its prediction bent by a half, a tenth, a hundredth.

Read off the intervals of this run, each at its own level; `assay power` measures mistakes in the formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lazy_assay.checks.report._rows import Row, bias, ends, predicted
from lazy_assay.theory import Observation, Part

MISTAKES = {0.5: "a lost factor 2", 0.1: "an error of 10\u00a0%", 0.01: "an error of 1\u00a0%"}


@dataclass(frozen=True, kw_only=True)
class Power:
    """Over `count` comparisons with a prediction other than 0: how many exclude one that is wrong by each share."""

    count: int
    noticed: tuple[int, ...]


def measured(rows: Sequence[Row], part: Part | None) -> Power | None:
    """None where nothing with a sampled prediction was decided, and for effects, which predict no value."""
    decided = [row for row in rows if row["verdict"] in ("AGREES", "DISAGREES") and predicted(row)]
    if not decided or isinstance(part, Observation):
        return None
    side = "both" if part is None else part.allowed_side
    noticed = tuple(sum(_excludes(row, mistake, side) for row in decided) for mistake in MISTAKES)
    return Power(count=len(decided), noticed=noticed)


def _excludes(row: Row, mistake: float, side: str) -> bool:
    """Whether the interval excludes a prediction that much nearer to 0; of a lower bound, that much farther from it.

    A prediction that only gets weaker is no mistake that a bound could notice.
    """
    said, (low, high) = predicted(row), ends(row)
    # A bound from above gets too small, one from below too large: the way that draws can contradict.
    sign = {"below": -1.0, "above": 1.0}.get(side, -1.0 if said > 0 else 1.0)
    bent, allowed = said + sign * mistake * abs(said), bias(row)
    if side == "above":
        return high < bent - allowed
    if side == "below":
        return low > bent + allowed
    return low > bent + allowed or high < bent - allowed
