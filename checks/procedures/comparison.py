"""One route of one part, in one context: compares its draws with a prediction at a configuration."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from functools import cached_property

from lazy_assay.checks.procedures.sequential import Observed, excess, observe, shift
from lazy_assay.checks.procedures.target import Target
from lazy_assay.checks.statistics.moments import RANGE, SIDE, SIDES
from lazy_assay.checks.vocabulary.check import Fine, Resolution, Route, Values
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import COARSER, Result, Subject, Tolerance, Verdict, named
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting, label
from lazy_assay.theory import Part
from lazy_assay.theory._prediction import Formula, arguments


@dataclass(frozen=True)
class Cell:
    """One configuration, confronted."""

    setting: Setting
    target: Target
    observed: Observed
    result: Result

    @property
    def suspicion(self) -> float:
        """How far the estimate lies beyond the bias; infinite where there is no estimate."""
        estimate = self.observed.estimate
        return self.target.suspicion(estimate) if math.isfinite(estimate) else math.inf

    @property
    def suspect(self) -> bool:
        """Whether the search left it open."""
        return self.result.verdict is Verdict.UNDECIDED

    @property
    def on_evidence(self) -> bool:
        """Whether it is off beyond its reach; a spent budget alone proves nothing."""
        return self.target.hopeless(self.observed.interval)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Compares draws of one route with predictions of one part. `check` is the name that results carry.

    resolution: what must be noticed, but at the anchors of `fine`, which bring their own.
    """

    check: str
    context: Context
    part: Part
    route: Route
    resolution: Resolution
    fine: Fine | None = None
    allowances: dict[Setting, Tolerance] = field(default_factory=dict)

    @cached_property
    def scope(self) -> Scope:
        """What stands in the configurations that are compared."""
        return Scope.of(self.context.claim, self.part, self.route)

    def at(
        self,
        setting: Setting,
        *,
        subject: Subject = Subject.CLAIM,
        stage: str = "search",
        name: str = "",
        aim: Target | None = None,
    ) -> Cell:
        """Draw at a setting until the question of its stage is settled; `aim` replaces the right target."""
        started = time.monotonic()
        target = aim or self.target(setting)
        observed = self._observed(setting, target, stage)
        confirmed = stage if stage == "search" else "confirm"
        result = replace(
            self.blank(setting.configuration, self.verdict(target, observed, stage), subject=subject, name=name),
            predicted=target.predicted,
            estimate=observed.estimate,
            interval=observed.interval,
            trials=observed.trials,
            tolerance=replace(self.allowance(setting), monte_carlo=observed.half_width),
            resolution=target.resolution,
            false_alarm=observed.level,
            diverged=observed.diverged,
            seconds=time.monotonic() - started,
            stage=confirmed,
            method=observed.method,
            figures={
                "deviation": observed.deviation,
                **self.kept(setting, observed),
                **self.route.figures(setting.values),
            },
        )
        told = filter(None, (self._sentence(setting, result, target, observed), observed.message))
        return Cell(setting, target, observed, replace(result, message="; ".join(told)))

    def kept(self, setting: Setting, observed: Observed, earlier: Observed | None = None) -> dict[str, float]:
        """What a night keeps of its draws for those to come (`statistics.nightly`): moments, range, and the side that
        counts. With the draws of an `earlier` stage, for a night that keeps some of its draws has chosen them.
        """
        if observed.moments is None:
            return {}
        told = observed.moments.and_more(earlier.moments if earlier else None).figures()
        exact = all(it.method == "betting" for it in (observed, earlier) if it)
        if exact and (bounds := self.route_at(setting).bounds):
            told |= dict(zip(RANGE, map(float, bounds), strict=True))
        return told | {SIDE: SIDES[self.part.allowed_side]}

    def finely(self, setting: Setting) -> tuple[Resolution, int] | None:
        """At an anchor at which less must be noticed, its resolution and copies."""
        return self.fine.at(setting.configuration) if self.fine else None

    def route_at(self, setting: Setting) -> Route:
        """The route as it draws at a setting."""
        read, fine = self.reading(setting.values), self.finely(setting)
        return replace(read, copies=fine[1]) if fine else read

    def reading(self, values: Values) -> Route:
        """The route as it is read at a configuration's values."""
        return self.route

    def predicted(self, values: Values, formula: Formula | None = None) -> float:
        """A formula at a configuration's values, as it is compared with draws; the part's own by default."""
        chosen = formula or self.part.finite or self.part.published
        if chosen is None:
            raise ValueError(f"[{self.context.claim.id}] has no formula to confront")
        at = {name: values[name] for name in arguments(chosen)}
        # Settings are remembered too, so that the same values are the same object.
        plain = self.context.remembered(("predicted", id(values), chosen), lambda: float(chosen(**at)))
        return self.context.predicted(plain, values)

    def target(self, setting: Setting) -> Target:
        """The right prediction with its bias and what must be noticed beyond it."""
        predicted = self.predicted(setting.values)
        bias = self.allowance(setting).bias
        fine = self.finely(setting)
        noticed = fine[0] if fine else self.resolution
        return Target(predicted, bias, noticed.at(predicted, setting.values), self.part.allowed_side)

    def allowance(self, setting: Setting) -> Tolerance:
        """The route's allowance; for a trained route with a twin, and what training was measured to leave."""
        if setting not in self.allowances:
            told = setting.tolerance(self.route)
            if self.route.twin is not None:
                key = ("excess", self.route.name, label(setting.configuration))
                left, source = self.context.remembered(key, lambda: excess(self.context, self.route, setting))
                sources = {**told.sources, "optimisation": source}
                told = replace(told, optimisation=told.optimisation + left, sources=sources)
            if self.route.coarse is not None:
                key = ("coarser", self.route.name, label(setting.configuration))
                moved = self.context.remembered(key, lambda: shift(self.context, self.route, setting))
                told = told.and_discretised(moved, COARSER)
            self.allowances[setting] = told
        return self.allowances[setting]

    def verdict(self, target: Target, observed: Observed, stage: str) -> Verdict:
        """Only a confirmation may refute; a comparison without any allowance can never agree."""
        if observed.diverged:
            return Verdict.DIVERGED
        if stage != "search" and target.refutes(observed.interval):
            return Verdict.DISAGREES
        able = target.resolution + target.bias > 0
        return Verdict.AGREES if able and target.agrees(observed.interval) else Verdict.UNDECIDED

    def blank(
        self,
        configuration: Configuration,
        verdict: Verdict,
        message: str = "",
        *,
        subject: Subject = Subject.CLAIM,
        name: str = "",
    ) -> Result:
        """A result that nothing was drawn for."""
        return self.context.result(
            self.part,
            check=self.check,
            subject=subject,
            configuration=dict(configuration),
            route=self.route.name,
            verdict=verdict,
            message=message,
            **named(subject, name),
        )

    def _observed(self, setting: Setting, target: Target, stage: str) -> Observed:
        search = stage == "search"
        settles = target.hopeless if search else target.refutes
        rates, profile = self.context.rates, self.context.profile
        return observe(
            self.context,
            self.route_at(setting),
            setting,
            stage=stage,
            level=rates.miss if search else rates.strict,
            budget=profile.search_trials if search else profile.confirm_trials,
            # What holds is asked further how near it is: a bound that is called sharp has been seen to be attained.
            settled=lambda interval: (
                (target.agrees(interval) and (not search or target.placed(interval))) or settles(interval)
            ),
        )

    def _sentence(self, setting: Setting, result: Result, target: Target, observed: Observed) -> str:
        if result.verdict not in (Verdict.DISAGREES, Verdict.DIVERGED):
            return ""
        error = observed.deviation / math.sqrt(observed.trials) if observed.trials else math.nan
        allowed = (target.bias + observed.half_width) / error if error else math.nan
        off = abs(observed.estimate - target.predicted) / error if error else math.nan
        return (
            f"[{result.claim}] at {setting.where}, entropy {result.entropy}: observed {observed.estimate:.6g} "
            f"± {error:.2g}, but claimed {target.predicted:.6g} ({off:.1f} standard errors; {allowed:.1f} allowed)"
        )
