"""A rate: the slope of log quantity against log parameter over at least five sizes, with its interval."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lazy_assay.checks.procedures.target import Target
from lazy_assay.checks.procedures.wrong_versions import Control, broken, commented
from lazy_assay.checks.statistics import Slope, log_log_slope
from lazy_assay.checks.vocabulary.check import Route, Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, named
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting, label
from lazy_assay.theory import Claim, Part, Rate
from lazy_assay.theory._prediction import Formula, arguments

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
                result = self.confront(context, part, setting, exponent, "confirm", Subject.CLAIM, "")
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
        level = context.rates.miss if stage == "search" else context.rates.strict
        trials = context.profile.seeds * self.repeated * (1 if stage == "search" else 4)
        key = ("draws", label(setting.configuration), stage)
        draws = context.remembered(key, lambda: context.draws(self.route, setting, stage=stage, batch=0, trials=trials))
        diverged = int((~np.isfinite(draws)).any(axis=1).sum())
        slope, bias = (Slope(np.nan, -np.inf, np.inf), 0.0) if diverged else self._slope(part, draws, level, exponent)
        verdict = Verdict.DIVERGED if diverged else self._verdict(part, slope, exponent, bias, stage)
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
            trials=trials,
            resolution=self.resolution,
            false_alarm=level,
            diverged=diverged,
            stage=stage,
            method="t",
            message=message,
            **named(subject, name),
            figures=self.route.figures(setting.values) | ({} if diverged else self._points(draws)),
            tolerance=Tolerance(
                finite_size=bias,
                monte_carlo=(slope.high - slope.low) / 2,
                sources={"finite_size": "drift of the slope towards the limit along the sizes, measured"},
            ),
        )
        return replace(result, seconds=time.monotonic() - started)

    def _points(self, draws: np.ndarray) -> dict[str, float]:
        logs = np.log(np.maximum(draws, np.finfo(float).tiny)).mean(axis=0)
        return {f"{AT}{size:g}": float(log) for size, log in zip(self.sizes, logs, strict=True)}

    def _slope(self, part: Rate, draws: np.ndarray, level: float, exponent: float) -> tuple[Slope, float]:
        """The slope and its bias: how far it still moves the right way between the two halves of the sizes.

        A slope that gets worse towards the limit (a quantity that levels off) has no claim to an allowance.
        """
        sizes = np.asarray(self.sizes)
        slope = log_log_slope(sizes, draws, level)
        logs, half = np.log(np.maximum(draws, np.finfo(float).tiny)).mean(axis=0), len(sizes) // 2
        ends = [
            np.polyfit(np.log(sizes[part]), logs[part], 1)[0] for part in (slice(None, half + 1), slice(half, None))
        ]
        descending = sizes[0] > sizes[-1]
        far, near = ends if descending == (part.towards == "zero") else ends[::-1]
        sign = 1.0 if part.towards == "zero" else -1.0
        # Whichever way a sharp rate is missed, the slope may still be on its way to it.
        if part.sharp and sign * slope.estimate > sign * exponent:
            sign = -sign
        return slope, max(0.0, sign * float(near - far))

    def _verdict(self, part: Rate, slope: Slope, exponent: float, bias: float, stage: str) -> Verdict:
        sign = 1.0 if part.towards == "zero" else -1.0
        low, high = sorted((sign * slope.low, sign * slope.high))
        target = Target(sign * exponent, bias, self.resolution, "both" if part.sharp else "above")
        if stage != "search" and target.refutes((low, high)):
            return Verdict.DISAGREES
        return Verdict.AGREES if target.agrees((low, high)) else Verdict.UNDECIDED
