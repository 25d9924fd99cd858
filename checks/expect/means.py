"""`expect.mean`, `expect.proportion` and `expect.no_worse`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lazy_assay.checks.expect.draws import Draw, Source, is_rounding
from lazy_assay.checks.expect.methods import Method, Pilot, method, standard_error
from lazy_assay.checks.expect.outcome import Outcome, Refused
from lazy_assay.checks.expect.session import Place, Session, current
from lazy_assay.checks.expect.target import Interval, Target, target
from lazy_assay.checks.statistics.binomial import proportion_draws, proportion_interval
from lazy_assay.checks.statistics.sequence import Array


def mean(
    draw: Draw,
    *,
    equals: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    resolution: float,
    bias: float = 0.0,
    bounds: tuple[float, float] | None = None,
    sd: float | None = None,
    case: object = None,
) -> Outcome:
    """The mean of one draw equals a number, or is at least or at most one.

    draw(n, seed): n independent numbers, determined by the seed. resolution: the smallest discrepancy that must be
    noticed. bias: what the mean may be off for a known reason. bounds: that every draw surely keeps; sd: that its
    standard deviation does not exceed; either makes the answer exact. case: what is judged, where one place in a test
    judges several.
    Returns the outcome where it is right; raises Wrong, Undecided, or Refused for what cannot be judged.
    """
    __tracebackhide__ = True
    claim = target(equals, at_least, at_most, bias, resolution)
    session = current()
    place = session.place(case)
    return _judged("expect.mean", Source(draw, place), method(bounds, sd), claim, resolution, session)


def proportion(
    draw: Draw,
    *,
    equals: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    resolution: float,
    bias: float = 0.0,
    case: object = None,
) -> Outcome:
    """The chance that a draw is true equals a number, or is at least or at most one; exact. Arguments as `mean`."""
    __tracebackhide__ = True
    claim = target(equals, at_least, at_most, bias, resolution)
    stated = next(value for value in (equals, at_least, at_most) if value is not None)
    if not 0 <= stated <= 1:
        raise Refused(f"a proportion lies between 0 and 1, got {stated!r}")
    session = current()
    place = session.place(case)
    return _judged("expect.proportion", Source(draw, place, whole=True), _Chance(stated), claim, resolution, session)


def no_worse(
    new: Draw,
    old: Draw,
    *,
    resolution: float,
    better: Literal["lower", "higher"] = "lower",
    bias: float = 0.0,
    bounds: tuple[float, float] | None = None,
    sd: float | None = None,
    case: object = None,
) -> Outcome:
    """The mean of `new` is no worse than that of `old`: what is worse by `resolution` is noticed, what is better
    passes.

    Both get the same seeds, so programs that use them alike are compared pair by pair. bounds: of one draw of either.
    sd: that the standard deviation of a pair's difference does not exceed. Other arguments, returns and raises as
    `mean`.
    """
    __tracebackhide__ = True
    if better not in ("lower", "higher"):
        raise Refused(f"better={better!r}: lower or higher")
    claim = target(None, None, 0.0, bias, resolution)
    known = method(bounds, sd)
    if bounds is not None:
        reach = float(bounds[1]) - float(bounds[0])
        known = method((-reach, reach), None)
    session = current()
    place = session.place(case)
    sign = 1.0 if better == "lower" else -1.0
    pair = _Pair(Source(new, place, "new"), Source(old, place, "old"), sign, place)
    return _judged("expect.no_worse", pair, known, claim, resolution, session)


@dataclass(frozen=True)
class _Pair:
    """How much worse `new` is than `old`, draw by draw."""

    new: Source
    old: Source
    sign: float
    place: Place

    def call(self, n: int) -> str:
        return f"{self.new.call(n)} and {self.old.call(n)}"

    def take(self, n: int, stage: str) -> Array:
        return self.sign * (self.new.take(n, stage) - self.old.take(n, stage))

    def probe(self) -> None:
        self.new.probe()
        self.old.probe()


@dataclass(frozen=True)
class _Chance:
    """A mean of truths: the binomial law."""

    claimed: float
    guarantee: str = "exact: Clopper and Pearson, for independent draws"

    def plan(self, pilot: Pilot, resolution: float, level: float, miss: float) -> tuple[int, int]:
        return proportion_draws(self.claimed, resolution, level, miss), 0

    def interval(self, draws: Array, level: float) -> Interval:
        return proportion_interval(round(float(draws.sum())), draws.size, level)


def _judged(
    check: str, source: Source | _Pair, known: Method, claim: Target, resolution: float, session: Session
) -> Outcome:
    __tracebackhide__ = True
    source.probe()
    place = source.place
    planned, trusted = known.plan(
        lambda n: source.take(min(n, session.budget), f"pilot {n}"), resolution, place.level, session.miss
    )
    n = min(planned, session.budget)
    draws = source.take(n, "judged")
    strict, searching = (known.interval(draws, level) for level in (place.level, session.miss))
    verdict, reason = claim.answer(strict, searching, resolution), ""
    if n < trusted:
        verdict, reason = "undecided", f"draws so skewed need n = {trusted} for this interval, budget={session.budget}"
    elif n < planned and verdict == "undecided":
        reason = f"the resolution needs n = {planned}, budget={session.budget}"
    elif is_rounding(strict, draws):
        verdict, reason = "undecided", "all draws agree, so nothing is known of their spread: give bounds= or sd="
    observed = float(draws.mean())
    outcome = Outcome(
        check=check, node=place.node, site=place.site, verdict=verdict, observed=observed,
        standard_error=standard_error(draws), interval=strict, expected=claim.words,
        off=claim.off(observed), resolution=resolution, n=n, level=place.level, miss=session.miss,
        guarantee=known.guarantee, replay=replay(place, source.call(n)), reason=reason,
    )  # fmt: skip
    return session.settle(outcome, place)


def replay(place: Place, calls: str) -> str:
    """What makes the judged draws again, and what makes the check again."""
    again = f"pytest '{place.node}' --expect-entropy {place.entropy}" if "::" in place.node else place.node
    return f"{calls} at {place.site}; {again}"
