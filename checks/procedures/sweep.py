"""A rate: the slope of log quantity against log parameter over at least five sizes, with its interval.

Each seed has a slope of its own; what is judged is their median, whose interval is exact at the strict level for any
law of the seeds (`statistics.quantile`). Where the slope is not yet what is claimed, it may still be on its way: the
allowance is by how much the median slope moves from the first half of the sizes to the second, measured on other
streams than those it judges. It only widens what is accepted, so that a rate that is attained at these sizes is
refuted with probability at most `strict` whatever the drift. What refutes is an allowance at the upper end of the
drift's own exact interval, and the ends of both intervals share the strict level: for a rate that is still on its way
the level holds as far as the drift is what is left of the way, which is why such a result is `calibrated`.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lazy_assay.checks.procedures.kept import with_earlier
from lazy_assay.checks.procedures.target import Target
from lazy_assay.checks.procedures.wrong_versions import Control, broken, commented
from lazy_assay.checks.statistics import Slope, drifts, log_log_slope, median_interval
from lazy_assay.checks.statistics.quantile import HALF
from lazy_assay.checks.statistics.signs import kept_signs
from lazy_assay.checks.statistics.slope import slopes
from lazy_assay.checks.vocabulary.check import Route, Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, named
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting, label
from lazy_assay.theory import Claim, Part, Rate
from lazy_assay.theory._prediction import Formula, arguments

# What is known of a slope where draws blew up: nothing.
UNKNOWN = Slope(math.nan, -math.inf, math.inf)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the draws of one configuration say of an exponent; each end of the slope's interval errs at `level`."""

    verdict: Verdict
    slope: Slope = UNKNOWN
    bias: float = 0.0
    level: float
    trials: int
    diverged: int = 0
    points: Mapping[str, float] = field(default_factory=dict)
    kept: Mapping[str, float] = field(default_factory=dict)


# A result tells what its slope was fitted to: the mean logarithm of the quantity at each size, under this name.
AT = "log mean at "


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The route's draws have one column a size: shape (trials, len(sizes)), all of a row from one draw.

    sizes: what is swept, at least five. resolution: the shortfall of the exponent that must be noticed; for a sharp
    rate also the excess. Decoys are confronted at the first configuration, a printed rate where it is furthest from the
    right one, controls where they break their assumption. further: configurations that a profile, by its name, goes
    through besides.
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

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a configuration that the claim's domains make nothing of."""
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
        judged = self.judge(context, part, setting, exponent, stage, subject)
        slope, bias, verdict = judged.slope, judged.bias, judged.verdict
        message = ""
        if verdict is Verdict.DISAGREES:
            message = (
                f"[{context.claim.id}] at {setting.where}, entropy {context.entropy}: observed slope "
                f"{slope.estimate:.3f} in [{slope.low:.3f}, {slope.high:.3f}], but claimed {exponent:g}"
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
            resolution=self.resolution,
            false_alarm=judged.level,
            diverged=judged.diverged,
            stage=stage,
            method="median",
            message=message,
            **named(subject, name),
            figures=self.route.figures(setting.values) | dict(judged.points) | dict(judged.kept),
            tolerance=Tolerance(
                finite_size=bias,
                monte_carlo=(slope.high - slope.low) / 2,
                sources={"finite_size": "drift of the slope along the sizes, measured on other streams"},
            ),
        )
        return replace(result, seconds=time.monotonic() - started)

    def _points(self, draws: np.ndarray) -> dict[str, float]:
        logs = np.log(np.maximum(draws, np.finfo(float).tiny)).mean(axis=0)
        return {f"{AT}{size:g}": float(log) for size, log in zip(self.sizes, logs, strict=True)}

    def judge(
        self, context: Context, part: Rate, setting: Setting, exponent: float, stage: str, subject: Subject
    ) -> Judged:
        """Refute at the strict level, shared by the ends that may err; else look whether the slope agrees.

        The drift is drawn where it would decide. A search and the look that a confirmation takes err together at most
        at `miss`.
        """
        rates, trials = context.rates, self._trials(context, stage)
        draws = self._draws(context, setting, stage, trials)
        if diverged := int((~np.isfinite(draws)).any(axis=1).sum()):
            return Judged(verdict=Verdict.DIVERGED, level=rates.strict, trials=trials, diverged=diverged)
        sizes, points = np.asarray(self.sizes), self._points(draws)
        moved = functools.cache(lambda: self._drifts(context, part, setting, stage, subject))
        if stage != "search":
            # On each side that may refute, an end of the slope and one of its drift.
            share = rates.strict / (4 if part.sharp else 2)
            slope = log_log_slope(sizes, draws, share)
            # A wrong version is refuted beside the drift as it is estimated: it stands for no claim.
            reach = functools.partial(_ends, moved, share if subject is Subject.CLAIM else None)
            if (bias := self._allowed(part, slope, exponent, reach, refutes=True)) is not None:
                found = Judged(verdict=Verdict.DISAGREES, slope=slope, bias=bias, level=rates.strict, trials=trials)
                return replace(found, points=points, kept=self._kept(part, draws, exponent, bias))
        level = rates.look if stage == "search" else rates.look_again
        slope = log_log_slope(sizes, draws, level)
        bias = self._allowed(part, slope, exponent, functools.partial(_ends, moved, None), refutes=False)
        verdict = Verdict.UNDECIDED if bias is None else Verdict.AGREES
        found = Judged(verdict=verdict, slope=slope, bias=bias or 0.0, level=level, trials=trials, points=points)
        return replace(found, kept=self._kept(part, draws, exponent, found.bias))

    def _kept(self, part: Rate, draws: np.ndarray, exponent: float, bias: float) -> dict[str, float]:
        """What nights keep: the seeds whose slope misses the exponent by more than must be noticed, and by the drift.

        At the sizes at hand a right rate may miss its exponent by less, which is no evidence. A drift that was
        measured only takes seeds out of what speaks against the rate.
        """
        reach, side = self.resolution + bias, part.allowed_side
        low = exponent - reach if side != "below" else -math.inf
        high = exponent + reach if side != "above" else math.inf
        return kept_signs(slopes(np.asarray(self.sizes), draws), low, high, side, HALF)

    def _allowed(
        self, part: Rate, slope: Slope, exponent: float, moved: Callable[[], tuple[float, float]], *, refutes: bool
    ) -> float | None:
        """The bias with which the slope's interval refutes the exponent, or agrees with it; None where it does not.

        Only a slope that moves the right way has an allowance: one that gets worse towards the limit (a quantity that
        levels off) has no claim to any. Whichever way a sharp rate is missed, the slope may be on its way to it.
        """
        sign = 1.0 if part.towards == "zero" else -1.0
        low, high = sorted((sign * slope.low, sign * slope.high))
        plain = Target(sign * exponent, 0.0, self.resolution, "both" if part.sharp else "above")
        if refutes and not plain.refutes((low, high)):
            return None
        if not refutes and plain.agrees((low, high)):
            return 0.0
        beyond = part.sharp and sign * slope.estimate > sign * exponent
        gone = max((-sign if beyond else sign) * end for end in moved())
        if math.isnan(gone):
            return None
        aim = replace(plain, bias=max(0.0, gone))
        told = aim.refutes((low, high)) if refutes else aim.agrees((low, high))
        return aim.bias if told else None

    def _drifts(
        self, context: Context, part: Rate, setting: Setting, stage: str, subject: Subject
    ) -> np.ndarray | None:
        """How far each seed's slope moves towards the limit between the halves of the sizes; None where draws diverge.

        Measured on streams of its own; for a wrong version on those of the search, which did not choose it.
        """
        chosen, as_in = (f"{stage} drift", stage) if subject is Subject.CLAIM else ("search", "search")
        draws = self._draws(context, setting, chosen, self._trials(context, as_in))
        if not np.isfinite(draws).all():
            return None
        descending = self.sizes[0] > self.sizes[-1]
        along = drifts(np.asarray(self.sizes), draws)
        return along if descending == (part.towards == "zero") else -along

    def _draws(self, context: Context, setting: Setting, stage: str, trials: int) -> np.ndarray:
        key = ("draws", label(setting.configuration), stage)
        return context.remembered(key, lambda: context.draws(self.route, setting, stage=stage, batch=0, trials=trials))

    def _trials(self, context: Context, stage: str) -> int:
        return context.profile.seeds * self.repeated * (1 if stage == "search" else 4)


def _ends(moved: Callable[[], np.ndarray | None], level: float | None) -> tuple[float, float]:
    """The interval of the median drift, each end at `level`; without one the median itself. NaN where none is known."""
    along = moved()
    if along is None:
        return math.nan, math.nan
    return median_interval(along, level) if level else (float(np.median(along)),) * 2
