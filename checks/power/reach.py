"""The smallest error that a comparison catches, from how its draws scattered: by the planning functions, not by trial.

Planned for a suspect that is confirmed: the search must not agree, and the strict interval must exclude the mistake,
each with probability 1 − miss. The truth is taken to lie where the draws are, but no farther from the prediction than
the comparison allows: what they scatter beyond is noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from lazy_assay.checks.power.slopes import lacking, slope_needed
from lazy_assay.checks.statistics import ErrorRates, detectable, draws_needed
from lazy_assay.checks.statistics.betting import TRUNCATION
from lazy_assay.checks.statistics.moments import RANGE
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.theory import Part

# Methods whose intervals are made of draws that a budget counts, and those that sample nothing.
SEQUENCES, COMPUTED = ("betting", "asymptotic"), ("exact", "certificate")
PERCENT = 0.01
# How much wider an interval from the range alone is, at most, than an asymptotic one: a bound, to compute few exactly.
WIDER = 1.4
DIRECTIONS = {"both": (1, -1), "below": (-1,), "above": (1,)}


class Plan(Enum):
    """How exactly a betting interval is planned: that takes a fraction of a second, its bounds nothing."""

    EXACT = 0
    LEAST = 1
    MOST = 2


@dataclass(frozen=True)
class Reach:
    """smallest: share of the prediction that is caught with probability 1 − miss, by profile; infinite where none is.

    seconds: what the draws cost that tell an error of one percent at a strict level; infinite where none do.
    """

    smallest: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, eq=False)
class Seen:
    """A comparison with its part, and the error rates of its claim. size: what shares are shares of, the prediction's
    own size by default. per_draw: raw draws that one of the compared numbers takes. needs: what was planned."""

    part: Part
    rates: ErrorRates
    result: Result
    size: float = math.nan
    per_draw: int = 1
    needs: dict[tuple[str, int, Plan], float] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether an error of the prediction has a size here, and a plan."""
        found, known = self.result, math.isfinite(self.result.predicted) and math.isfinite(self.result.estimate)
        planned = found.method in (*SEQUENCES, *COMPUTED) or (found.method == "median" and self.part.kind == "Rate")
        return known and planned and self.scale > 0

    @property
    def sampled(self) -> bool:
        """Whether only a confirmation refutes."""
        return self.result.method not in COMPUTED

    @property
    def scale(self) -> float:
        """What an error is a share of."""
        return abs(self.result.predicted) if math.isnan(self.size) else self.size

    @property
    def directions(self) -> tuple[int, ...]:
        """Which way a prediction contradicts what was drawn when it moves: up, down."""
        return DIRECTIONS[self.part.allowed_side]

    @property
    def offset(self) -> float:
        """Where the truth is taken to lie, above the prediction."""
        off, bias = self.result.estimate - self.result.predicted, self.result.tolerance.bias
        if self.result.method not in SEQUENCES:
            return off
        low, high = {"both": (-bias, bias), "below": (-math.inf, bias), "above": (-bias, math.inf)}[
            self.part.allowed_side
        ]
        return min(max(off, low), high)

    def suspicion(self, off: float) -> float:
        """How far the estimate lies beyond the allowance of a mistaken prediction, as a search ranks its suspects; less
        than nothing where the mistake lies on the side that the part allows."""
        found, way = self.result, 1 if off > 0 else -1
        if way not in self.directions:
            return -math.inf
        gap = abs(off) * self.scale - way * (found.estimate - found.predicted) - found.tolerance.bias
        return gap / (found.tolerance.bias + found.resolution or 1.0)

    def catches(self, profile: Profile, off: float) -> bool:
        """Whether a prediction that is off by so much, as a share of its size with its sign, is refuted."""
        way = 1 if off > 0 else -1
        if way not in self.directions or not off:
            return False
        if abs(off) >= self.smallest(profile, way, Plan.MOST):
            return True
        return abs(off) >= self.smallest(profile, way, Plan.LEAST) and abs(off) >= self.smallest(profile, way)

    def smallest(self, profile: Profile, direction: int, plan: Plan = Plan.EXACT) -> float:
        """The smallest share of the prediction that is caught when it is off that way; infinite where none is."""
        # What is allowed of a slope's drift is in its plan already.
        bias = 0.0 if self.result.method == "median" else self.result.tolerance.bias
        return max(bias + direction * self.offset + self.need(profile, direction, plan), 0.0) / self.scale

    def need(self, profile: Profile, direction: int, plan: Plan = Plan.EXACT) -> float:
        """How far beyond its allowance the mistake must lie."""
        if self.result.method in COMPUTED:
            return 0.0
        key = (profile.name, direction if self.result.method == "median" else 0, plan if self.bounds else Plan.EXACT)
        if key not in self.needs:
            self.needs[key] = self._need(profile, direction, key[-1])
        return self.needs[key]

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The range of a draw, where its interval rests on that alone."""
        low, high = (self.result.figures.get(name, math.nan) for name in RANGE)
        return (low, high) if self.result.method == "betting" and low < high else None

    def _need(self, profile: Profile, direction: int, plan: Plan) -> float:
        if self.result.method not in SEQUENCES:
            return slope_needed(self.part, self.rates, self.result, profile, direction)
        sd, searched = self.result.figures["deviation"], max(1, profile.search_trials // self.per_draw)
        told = self._told(sd, max(1, profile.confirm_trials // self.per_draw), plan)
        # The search agrees where its whole interval lies within; its centre scatters.
        radius = detectable(sd, searched, self.rates.miss, 0.5)
        scatter = detectable(sd, searched, self.rates.miss, self.rates.miss) - radius
        agrees = self.result.resolution - radius + scatter if math.isfinite(scatter) else self.result.resolution
        return max(told, agrees)

    def _told(self, sd: float, n: int, plan: Plan) -> float:
        """What a confirmation tells: of draws that are known by their range alone exactly, or within two bounds."""
        rates, range_ = self.rates, self.bounds
        if range_ is None:
            return detectable(sd, n, rates.strict, rates.miss)
        low, high = range_
        mean = min(max(self.result.estimate, low), high)
        if plan is Plan.EXACT:
            return detectable(sd, n, rates.strict, rates.miss, low=low, high=high, mean=mean)
        plain = detectable(sd, n, rates.strict, rates.miss)
        # No capital grows faster than by the largest bet on draws that do not scatter.
        fastest = max(mean - low, high - mean) / TRUNCATION * math.expm1(math.log(2 / rates.strict) / n)
        return max(plain, fastest) if plan is Plan.LEAST else WIDER * plain + fastest

    def short(self, profile: Profile, off: float) -> float:
        """By how many times a mistake is too small to be caught."""
        return self.smallest(profile, 1 if off > 0 else -1, Plan.MOST) / abs(off)

    def lacks(self, profile: Profile, off: float) -> str:
        """What lets a mistake live here."""
        way, room, allowed = 1 if off > 0 else -1, abs(off) * self.scale, self.result.tolerance.bias
        if self.result.method == "median":
            allowed = 0.0
        if allowed >= room:
            return "within the allowance"
        if allowed + way * self.offset >= room:
            sided = self.part.allowed_side != "both"
            return "on the allowed side" if sided else "within the allowance, where the draws lie"
        if self.catches(profile, off):
            return "not among the suspects that are confirmed"
        if self.result.method == "median":
            return lacking(self.rates, self.result, way, room - way * self.offset)
        return "within the resolution" if self.result.resolution >= room else "too few draws"

    def far(self, profile: Profile, way: int) -> bool:
        """Whether what was drawn lies so far from the prediction, on that side of it, that the other is excluded."""
        return self.result.tolerance.bias + way * self.offset + self.need(profile, way, Plan.MOST) < 0

    def seconds(self) -> float:
        """What it costs to tell one percent, by what a draw took: the dearer of both ways."""
        room = PERCENT * self.scale - self.result.tolerance.bias
        rooms = [room - direction * self.offset for direction in self.directions]
        if min(rooms) <= 0:
            return math.inf
        if self.result.method not in SEQUENCES:
            profile = PROFILES.get(self.result.profile, PROFILES["quick"])
            reached = max(self.smallest(profile, direction) for direction in self.directions)
            return self.result.seconds if reached <= PERCENT else math.inf
        try:
            needed = draws_needed(self.result.figures["deviation"], min(rooms), self.rates.strict, self.rates.miss)
        except ValueError:
            return math.inf
        return needed * self.result.seconds / self.result.trials


def reach(seen: Sequence[Seen]) -> Reach:
    """The best of a part's comparisons, in the direction in which it is worse."""
    known = [it for it in seen if it.told]
    smallest = {name: max(caught(known, profile).values(), default=math.inf) for name, profile in PROFILES.items()}
    return Reach(smallest, min((it.seconds() for it in known), default=math.inf))


def caught(seen: Sequence[Seen], profile: Profile) -> dict[int, float]:
    """By direction, the smallest share that some comparison catches."""
    directions = dict.fromkeys(direction for it in seen for direction in it.directions)
    return {direction: _least(seen, profile, direction) for direction in directions}


def _least(seen: Sequence[Seen], profile: Profile, direction: int) -> float:
    """Planned exactly where a bound leaves it open."""
    best = math.inf
    for it in sorted(seen, key=lambda it: it.smallest(profile, direction, Plan.LEAST)):
        if it.smallest(profile, direction, Plan.LEAST) >= best:
            break
        best = min(best, it.smallest(profile, direction))
    return best
