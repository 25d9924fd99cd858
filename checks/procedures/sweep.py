"""A rate: the slope of log quantity against log parameter over at least five sizes, with its interval.

Each seed has a slope of its own; what is judged is their median, whose interval is exact at the strict level for any
law of the seeds (`statistics.quantile`). Where the slope is not yet what is claimed, it may still be on its way: each
seed has a slope *ahead* too, its own slope moved on by as much as it moves from the first half of its sizes to the
second, drawn on other streams. What is claimed may lie anywhere between the two medians, and a *margin* beside them: by
so much a slope may be off at finite sizes and not move. So it is refuted where the intervals of both lie beyond it on
one side, by more than the margin. Nothing is estimated and then taken for known, and no level is split between the two:
a rate that holds has one of the two medians at least on its right side of exponent ± margin, and to refute it that one
must err. That is at most `strict`, whatever the law. Within the margin nothing is ever refuted but by that error; the
way that is left is what is ahead as far as slopes go on as they move, which is why a result that rests on that is
`calibrated`. A claim agrees by either median within the resolution; there both may err, and they share the level.

A search has the seeds that agree where a claim holds. A confirmation has as many as refute an exponent that is off by
what must be noticed, by what of it lies beyond the margin, as the search's seeds scatter: it is asked only where a
search does not agree, so that power costs little where claims hold. Its streams are its own, and how many they are
hangs on none of them. Wrong versions and controls stand for no claim: they have no margin.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lazy_assay.checks.procedures.exponents import (
    AGAIN,
    AHEAD,
    AT,
    AT_MOST,
    HERE,
    MARGIN,
    MOVES,
    SEARCHED,
    Judged,
    agreed,
    confirming,
    refuted,
    source,
)
from lazy_assay.checks.procedures.kept import with_earlier
from lazy_assay.checks.procedures.wrong_versions import Control, broken, commented
from lazy_assay.checks.statistics import Slope, ahead, slopes, spread
from lazy_assay.checks.statistics.quantile import HALF
from lazy_assay.checks.statistics.signs import kept_signs
from lazy_assay.checks.vocabulary.check import Route, Task, run_at
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, named
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting, label
from lazy_assay.theory import Claim, Part, Rate
from lazy_assay.theory._prediction import Formula, arguments

# Slopes ahead of so many seeds, each end at a level; without one as they are estimated.
Ahead = Callable[[int, float | None], Slope | None]
# Seeds of a confirmation that are drawn at once, beyond its first.
AT_ONCE = 256
# A wrong version stands for no claim: it is refuted by as few seeds as tell so much of its distance.
NEARER = 0.75


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The route's draws have one column a size: shape (trials, len(sizes)), all of a row from one draw.

    sizes: what is swept, at least five. resolution: the shortfall of the exponent that must be noticed; for a sharp
    rate also the excess. margin: how far off a right rate's slope may be at these sizes, without moving; half of the
    resolution, unless said. It is weighed against a pilot (benchmarks/rates.py); larger sizes take less. Decoys are
    confronted at the first configuration, a printed rate where it is furthest from the right one, controls where they
    break their assumption. further: configurations that a profile, by its name, goes through besides. repeated: seeds
    of a search, by the profile's. at_most: those of a confirmation, by the search's. Seeds are planned for the
    resolution at entropies of their own: benchmarks/rates.py. elsewhere: at further configurations, where a seed may
    cost or scatter more, so much must be noticed instead, with no more seeds than the profile's, and at most sixteen
    times as many.
    """

    route: Route
    sizes: tuple[float, ...]
    configurations: tuple[Configuration, ...]
    resolution: float
    part: str = ""
    name: str = "slope"
    further: Mapping[str, tuple[Configuration, ...]] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    repeated: int = 1
    at_most: int = 4 * AGAIN
    elsewhere: float = 0.0
    margin: float | None = None

    @property
    def leeway(self) -> float:
        """The margin."""
        return self.resolution / 2 if self.margin is None else self.margin

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a configuration that the claim's domains make nothing of, or a margin beyond
        what must be noticed."""
        if not 0 <= self.leeway <= self.resolution:
            raise ValueError(
                f"[{claim.id}] {self.name}: a margin lies between 0 and the resolution, {self.resolution:g}, "
                f"got {self.margin!r}"
            )
        scope = Scope.of(claim, claim.part(self.part), self.route)
        scope.require(self.configurations, "configurations")
        scope.require((c for more in self.further.values() for c in more), "further")
        scope.require((control.configuration for control in self.controls), "controls")

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task."""
        part = claim.part(self.part)
        name = f"{self.name} by {self.route.name}"
        return [
            Task(
                claim=claim,
                part=part,
                name=name,
                run=lambda c: self.run(c, part),
                searches=True,
                routes=(self.route.name,),
                simulations={self.route.name: (self.route.simulate,)},
                reads=frozenset((self.repeated, run_at(self.route, there)) for there in self.configurations),
            )
        ]

    def run(self, context: Context, part: Part) -> Results:
        """Search every configuration at `miss`, confirm suspects on fresh streams, then refute the decoys."""
        assert isinstance(part, Rate)
        assert part.published is not None
        results: Results = []
        confirmations = context.suspects
        scope = Scope.of(context.claim, part, self.route)
        chosen = (*self.configurations, *self.further.get(context.profile.name, ()))
        settings = [context.remembered(("setting", label(c)), functools.partial(scope.at, c)) for c in chosen]
        for setting in settings:
            context.guard()
            if outside := part.broken_assumptions(setting.values):
                raise ValueError(f"[{context.claim.id}] {self.name}: {setting.configuration} breaks {outside[0].name}")
            exponent = self._exponent(context, part.published, setting)
            result = self.confront(context, part, setting, exponent, "search", Subject.CLAIM, "")
            # No more confirmations than this task's share of the claim's cap: the run-wide rate is divided by it.
            if result.verdict is not Verdict.AGREES and confirmations > 0:
                confirmations -= 1
                again = self.confront(context, part, setting, exponent, "confirm", Subject.CLAIM, "")
                result = with_earlier(again, result)
            results.append(result)
        if context.distortion is not None:
            return results
        controls = [scope.at(control.configuration) for control in self.controls]
        return results + self._wrong_versions(context, part, settings[: len(self.configurations)], controls)

    def _there(self, setting: Setting) -> Sweep:
        """As it is at a configuration."""
        if self.elsewhere and setting.configuration not in self.configurations:
            return replace(self, resolution=self.elsewhere, repeated=1, at_most=4 * AGAIN, margin=None)
        return self

    def _wrong_versions(
        self, context: Context, part: Rate, settings: Sequence[Setting], controls: Sequence[Setting]
    ) -> Results:
        first, published = settings[0], part.published
        assert published is not None
        cases = [(first, decoy.published, Subject.DECOY, decoy.name) for decoy in part.decoys]
        if (printed := part.printed) is not None:
            gaps = {
                index: abs(self._exponent(context, printed, there) - self._exponent(context, published, there))
                for index, there in enumerate(settings)
            }
            furthest = settings[max(gaps, key=lambda index: gaps[index])]
            cases.append((furthest, printed, Subject.AS_PRINTED, "as printed"))
        results = [
            self.confront(context, part, there, self._exponent(context, wrong, there), "confirm", subject, name)
            for there, wrong, subject, name in cases
        ]
        for control, there in zip(self.controls, controls, strict=True):
            broken(context, part, control, there)
            exponent = self._exponent(context, published, there)
            found = self.confront(context, part, there, exponent, "confirm", Subject.CONTROL, control.assumption)
            results.append(commented(found))
        return results

    def _exponent(self, context: Context, formula: Formula, setting: Setting) -> float:
        plain = float(formula(**{name: setting.values[name] for name in arguments(formula)}))
        return context.predicted(plain, setting.values)

    def confront(
        self,
        context: Context,
        part: Rate,
        setting: Setting,
        exponent: float,
        stage: str,
        subject: Subject,
        name: str,
    ) -> Result:
        """The slope's interval against an exponent; the bias is the slope's own drift along the sizes."""
        started = time.monotonic()
        told = self._there(setting)
        judged = told.judge(context, part, setting, exponent, stage, subject)
        slope, bias, verdict = judged.slope, judged.bias, judged.verdict
        message = ""
        if verdict is Verdict.DISAGREES:
            message = (
                f"[{context.claim.id}] at {setting.where}, entropy {context.entropy}: observed slope "
                f"{slope.estimate:.3f} in [{slope.low:.3f}, {slope.high:.3f}], but claimed {exponent:g}"
                f"{f' ± {judged.margin:g}' if judged.margin else ''}"
            )
        result = context.result(
            part,
            check=self.name,
            subject=subject,
            configuration=dict(setting.configuration),
            route=self.route.name,
            verdict=verdict,
            predicted=exponent,
            estimate=slope.estimate,
            interval=(slope.low, slope.high),
            trials=judged.trials,
            resolution=told.resolution,
            false_alarm=judged.level,
            diverged=judged.diverged,
            stage=stage,
            method="median",
            message=message,
            **named(subject, name),
            figures=self.route.figures(setting.values) | dict(judged.figures) | dict(judged.kept),
            tolerance=Tolerance(
                finite_size=bias + judged.margin,
                monte_carlo=(slope.high - slope.low) / 2,
                sources={"finite_size": source(judged)},
            ),
        )
        return replace(result, seconds=time.monotonic() - started)

    def judge(
        self, context: Context, part: Rate, setting: Setting, exponent: float, stage: str, subject: Subject
    ) -> Judged:
        """Refute at the strict level, shared by the sides that may; else look whether the slope agrees.

        What is ahead is drawn where it would decide. A search and the looks that a confirmation takes err together at
        most at `miss`. One of thousands of seeds looks at its first ones before the rest are drawn: that only ever
        agrees, so what may refute is the interval of all of them, whose number was known before.
        """
        rates, trials = context.rates, self._trials(context, part, setting, exponent, stage, subject)
        drawn = functools.partial(self._draws, context, setting, stage)
        there = functools.partial(self._ahead, context, part, setting, stage, subject)
        looked = functools.partial(self._looked, context, part, exponent, there)
        if stage == "search":
            return looked(drawn(trials), rates.look)
        again = rates.look_again
        if subject is Subject.CLAIM and trials > (first := self._first(context)):
            again /= 2
            if (early := looked(drawn(first), again)).verdict is Verdict.AGREES:
                return early
        draws = drawn(trials)
        return self._refuting(context, part, exponent, there, draws, subject) or looked(draws, again)

    def _refuting(
        self, context: Context, part: Rate, exponent: float, there: Ahead, draws: np.ndarray, subject: Subject
    ) -> Judged | None:
        """A refutation at the strict level; None where there is none."""
        if not np.isfinite(draws).all():
            return None
        here, level = slopes(np.asarray(self.sizes), draws), context.rates.strict / (2 if part.sharp else 1)
        # A wrong version is refuted beside what is ahead as it is estimated: it stands for no claim.
        taken, margin = (level, self.leeway) if subject is Subject.CLAIM else (None, 0.0)
        slope = Slope.of(here, level)
        if (bias := refuted(part, exponent, slope, lambda: there(len(draws), taken), margin)) is None:
            return None
        figures = self._figures(context, part, draws)
        return Judged(
            verdict=Verdict.DISAGREES,
            slope=slope,
            bias=bias,
            margin=margin,
            level=context.rates.strict,
            trials=len(draws),
            figures=figures,
            kept=self._kept(part, here, exponent, max(bias, abs(figures[MOVES]))),
        )

    def _looked(
        self, context: Context, part: Rate, exponent: float, there: Ahead, draws: np.ndarray, level: float
    ) -> Judged:
        """Whether seeds agree at a level, which here and ahead share."""
        if diverged := int((~np.isfinite(draws)).any(axis=1).sum()):
            strict = context.rates.strict
            return Judged(verdict=Verdict.DIVERGED, level=strict, trials=len(draws), diverged=diverged)
        here, figures = slopes(np.asarray(self.sizes), draws), self._figures(context, part, draws)
        slope = Slope.of(here, level / 2)
        bias = agreed(part, exponent, slope, lambda: there(len(draws), level / 2), self.resolution)
        return Judged(
            verdict=Verdict.UNDECIDED if bias is None else Verdict.AGREES,
            slope=slope,
            bias=bias or 0.0,
            level=level,
            trials=len(draws),
            figures=figures,
            kept=self._kept(part, here, exponent, max(bias or 0.0, abs(figures[MOVES]))),
        )

    def _kept(self, part: Rate, here: np.ndarray, exponent: float, moves: float) -> dict[str, float]:
        """What nights keep: the seeds whose slope misses the exponent by more than must be noticed, and by the drift.

        At the sizes at hand a right rate may miss its exponent by less, which is no evidence. A drift that was
        measured only takes seeds out of what speaks against the rate.
        """
        reach, side = self.resolution + moves, part.allowed_side
        low = exponent - reach if side != "below" else -math.inf
        high = exponent + reach if side != "above" else math.inf
        return kept_signs(here, low, high, side, HALF)

    def _figures(self, context: Context, part: Rate, draws: np.ndarray) -> dict[str, float]:
        """What the draws tell beside their slope: the points it was fitted to, and what plans a confirmation."""
        sizes = np.asarray(self.sizes)
        logs = np.log(np.maximum(draws, np.finfo(float).tiny)).mean(axis=0)
        here, there = slopes(sizes, draws), ahead(sizes, draws, onwards=self._onwards(part))
        told = {HERE: spread(here), AHEAD: spread(there), MOVES: float(np.median(there) - np.median(here))}
        told |= {SEARCHED: float(self._searched(context)), AT_MOST: float(self.at_most), MARGIN: self.leeway}
        return {f"{AT}{size:g}": float(log) for size, log in zip(self.sizes, logs, strict=True)} | told

    def _onwards(self, part: Rate) -> bool:
        """Whether the last of the sizes is the nearest to the limit."""
        return (self.sizes[0] > self.sizes[-1]) == (part.towards == "zero")

    def _ahead(
        self,
        context: Context,
        part: Rate,
        setting: Setting,
        stage: str,
        subject: Subject,
        trials: int,
        level: float | None,
    ) -> Slope | None:
        """The seeds' slopes ahead, each end of their interval at `level`; without one as it is estimated.

        Drawn on streams of its own; for a wrong version on those of the search, which did not choose it. None where
        draws diverge.
        """
        own = subject is Subject.CLAIM
        chosen, trials = (f"{stage} drift", trials) if own else ("search", self._searched(context))
        draws = self._draws(context, setting, chosen, trials)
        if not np.isfinite(draws).all():
            return None
        return Slope.of(ahead(np.asarray(self.sizes), draws, onwards=self._onwards(part)), level)

    def _draws(self, context: Context, setting: Setting, stage: str, trials: int) -> np.ndarray:
        key = ("draws", label(setting.configuration), stage, trials)
        return context.remembered(key, lambda: self._batches(context, setting, stage, trials))

    def _batches(self, context: Context, setting: Setting, stage: str, trials: int) -> np.ndarray:
        """A search's seeds at once; the thousands of a confirmation so many at a time, or wide networks take all
        memory."""
        first = trials if stage == "search" else min(trials, self._first(context))
        most = max(AT_ONCE, first)
        sizes = [first, *(min(most, trials - done) for done in range(first, trials, most))]
        drawn = functools.partial(context.draws, self.route, setting, stage=stage)
        return np.concatenate([drawn(batch=batch, trials=size) for batch, size in enumerate(sizes)])

    def _first(self, context: Context) -> int:
        return AGAIN * self._searched(context)

    def _searched(self, context: Context) -> int:
        return context.profile.seeds * self.repeated

    def _trials(
        self, context: Context, part: Rate, setting: Setting, exponent: float, stage: str, subject: Subject
    ) -> int:
        """Seeds of a stage; those of a confirmation are planned from the draws of the search before it.

        Of a control, whose configuration nobody searched, four times the profile's.
        """
        searched, rates = self._searched(context), context.rates
        if stage == "search":
            return searched
        if subject is Subject.CONTROL:
            return AGAIN * context.profile.seeds
        room = self.at_most if subject is Subject.CLAIM else AGAIN * self.repeated
        if room <= AGAIN:
            return AGAIN * searched
        draws = self._draws(context, setting, "search", searched)
        if not np.isfinite(draws).all():
            return AGAIN * searched
        told = self._figures(context, part, draws)
        if subject is Subject.CLAIM:
            beyond = self.resolution - self.leeway
            return confirming(max(told[HERE], told[AHEAD]), searched, self.at_most, beyond, rates)
        off = exponent - float(np.median(slopes(np.asarray(self.sizes), draws)))
        beyond = NEARER * min(abs(off), abs(off - told[MOVES])) if off * (off - told[MOVES]) > 0 else 0.0
        return confirming(told[HERE], context.profile.seeds, AGAIN * self.repeated, beyond, rates)
