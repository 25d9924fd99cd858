"""Search, then confirm: the mean of a simulated quantity against a finite-size prediction.

The search asks, at each configuration, whether a confidence sequence at level `miss` comes to lie inside
prediction ± (bias + resolution). What does not is a suspect. The worst suspects, shrunk, are run again on fresh
streams at the strict level; only that stage says DISAGREES. So the run-wide false alarm rate holds whatever the
search did.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from checks._check import Resolution, Route, Task, Values
from checks._context import Context, Results
from checks._procedures._sequential import Observed, excess, observe
from checks._result import Result, Scalar, Subject, Tolerance, Verdict
from checks._search import search
from checks._space import Space
from checks._spectra import materialise
from checks._strategies import smaller
from theory import Bound, Claim, Part
from theory._claim import Formula, arguments

Configuration = Mapping[str, Scalar]


@dataclass(frozen=True, kw_only=True)
class Control:
    """A configuration that breaks a named assumption: the theorem should fail there, or the report says it was not
    needed."""

    assumption: str
    configuration: Configuration


@dataclass(frozen=True)
class Target:
    """What is compared with draws: a prediction and the distances that matter, on the side where they matter."""

    predicted: float
    bias: float
    resolution: float
    side: str = "both"

    def agrees(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set lies inside prediction ± (bias + resolution), on the allowed side."""
        reach = self.bias + self.resolution
        above = interval[1] <= self.predicted + reach or self.side == "above"
        below = interval[0] >= self.predicted - reach or self.side == "below"
        return above and below

    def refutes(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set is disjoint from prediction ± bias, on the side that is not allowed."""
        over = interval[0] > self.predicted + self.bias and self.side != "above"
        under = interval[1] < self.predicted - self.bias and self.side != "below"
        return over or under

    def hopeless(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set can no longer come to agree: it lies beyond the reach already."""
        reach = self.bias + self.resolution
        return replace(self, bias=reach, resolution=0.0).refutes(interval)

    def suspicion(self, estimate: float) -> float:
        """How far the estimate lies beyond the bias, in units of bias + resolution."""
        gap = estimate - self.predicted
        gap = {"both": abs(gap), "below": gap, "above": -gap}[self.side]
        scale = self.bias + self.resolution
        return (gap - self.bias) / scale if scale > 0 else gap


@dataclass(frozen=True, kw_only=True)
class Means:
    """The search-then-confirm check of one part by several routes; one task a route.

    space: where configurations come from. resolution: what must be noticed beyond the bias. The first route also
    confronts the decoys, the printed formula and the negative controls, on its own draws.
    """

    space: Space
    routes: tuple[Route, ...]
    resolution: Resolution
    part: str = ""
    name: str = "finite size"
    controls: tuple[Control, ...] = ()
    search: bool = field(default=True)

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task for each route."""
        part = claim.part(self.part)
        return [self._task(claim, part, route, first=route is self.routes[0]) for route in self.routes]

    def _task(self, claim: Claim, part: Part, route: Route, *, first: bool) -> Task:
        def run(context: Context) -> Results:
            return _Confrontation(self, context, part, route).run(first=first)

        return Task(
            claim=claim, part=part, name=f"{self.name} by {route.name}", run=run, searches=True, routes=(route.name,)
        )


class _Confrontation:
    """One route of one part, for one context."""

    def __init__(self, means: Means, context: Context, part: Part, route: Route) -> None:
        self.means, self.context, self.part, self.route = means, context, part, route
        self.formula = part.finite or part.published
        self.space = route.space or means.space
        self.found: dict[str, tuple[Configuration, Values, Target, Observed, Result]] = {}
        self.results: Results = []
        self.allowances: dict[str, Tolerance] = {}

    def run(self, *, first: bool) -> Results:
        space = self.space
        for configuration in space.anchors:
            self.visit(configuration)
        for name, configuration in space.degenerate.items():
            self.visit(configuration, detail=f"degenerate: {name}")
        profile, most = self.context.profile, self.route.examples
        profile = profile if most is None else replace(profile, examples=min(profile.examples, most))
        if self.means.search and profile.examples:
            key = self.context.key("search", self.context.claim.id, self.part.name, self.route.name)
            search(self.part, space, profile, key=key, visit=self.visit)
        self.confirm_suspects()
        if first and self.context.distort is None:
            self.refute_wrong_versions()
            self.results += [self.control(control) for control in self.means.controls]
        return self.results

    # -- one configuration ---------------------------------------------------------------------------------------

    def visit(self, configuration: Configuration, detail: str = "") -> float:
        """Confront one configuration in the search; returns its suspicion."""
        label = repr(sorted(configuration.items()))
        if label in self.found:
            _, _, target, observed, _ = self.found[label]
            return target.suspicion(observed.estimate)
        values = materialise(configuration)
        broken = self.part.broken_assumptions(values)
        if broken:
            self.results.append(
                self.blank(configuration, Verdict.OUT_OF_REGIME, f"breaks {broken[0].name}: {broken[0].sentence}")
            )
            return 0.0
        target, tolerance = self.target(configuration, values, self.predicted(values))
        started = time.monotonic()
        observed = self.observed(
            configuration, values, target, "search", self.context.rates.miss, self.context.profile.search_trials
        )
        result = self.result(configuration, target, tolerance, observed, Subject.CLAIM, "search", detail, started)
        self.found[label] = (configuration, values, target, observed, result)
        return target.suspicion(observed.estimate) if math.isfinite(observed.estimate) else math.inf

    def predicted(self, values: Values, formula: Formula | None = None) -> float:
        chosen = formula or self.formula
        if chosen is None:
            raise ValueError(f"[{self.context.claim.id}] has no formula to confront")
        return float(self.context.predicted(chosen(**{name: values[name] for name in arguments(chosen)})))

    def target(self, configuration: Configuration, values: Values, predicted: float) -> tuple[Target, Tolerance]:
        tolerance = self.allowance(configuration, values)
        side = self.part.side if isinstance(self.part, Bound) else "both"
        return Target(predicted, tolerance.bias, self.means.resolution.at(predicted, values), side), tolerance

    def allowance(self, configuration: Configuration, values: Values) -> Tolerance:
        """The route's allowance; for a trained route with a twin, and what training was measured to leave."""
        label = repr(sorted(configuration.items()))
        if label not in self.allowances:
            told = self.route.allowance(values)
            if self.route.twin is not None:
                left, source = excess(self.context, self.route, configuration, values)
                sources = {**told.sources, "optimisation": source}
                told = replace(told, optimisation=told.optimisation + left, sources=sources)
            self.allowances[label] = told
        return self.allowances[label]

    def observed(
        self, configuration: Configuration, values: Values, target: Target, stage: str, level: float, budget: int
    ) -> Observed:
        def settled(interval: tuple[float, float]) -> bool:
            return target.agrees(interval) or (
                target.hopeless(interval) if stage == "search" else target.refutes(interval)
            )

        return observe(
            self.context, self.route, configuration, values, stage=stage, level=level, budget=budget, settled=settled
        )

    # -- suspects ------------------------------------------------------------------------------------------------

    def confirm_suspects(self) -> None:
        """Give every configuration its final result: the search's, or for the worst suspects the confirmation's."""
        suspects = [label for label, (*_, result) in self.found.items() if result.verdict is Verdict.UNDECIDED]
        worst = sorted(suspects, key=lambda label: -self._suspicion(label))[: self.context.suspects]
        shrunk = {label: self.shrink(label) for label in worst}
        for label, (*_, result) in list(self.found.items()):
            if label not in shrunk.values():
                self.results.append(result)
        for label in dict.fromkeys(shrunk.values()):
            self.results.append(self.confirm(label))

    def _suspicion(self, label: str) -> float:
        _, _, target, observed, _ = self.found[label]
        return target.suspicion(observed.estimate)

    def shrink(self, label: str) -> str:
        """The smallest neighbour that is still suspect; the work is bounded by a count, never by the clock."""
        for _ in range(3):
            configuration = self.found[label][0]
            for candidate in smaller(configuration, self.space) if set(configuration) >= set(self.space.draws) else []:
                self.visit(candidate)
                known = repr(sorted(candidate.items()))
                if known in self.found and self._suspect_too(known, label):
                    label = known
                    break
            else:
                return label
        return label

    def _suspect_too(self, neighbour: str, label: str) -> bool:
        """Whether a neighbour is suspect as well; on evidence, where `label` is: a spent budget alone proves
        nothing."""
        undecided = self.found[neighbour][4].verdict is Verdict.UNDECIDED
        return undecided and (self._on_evidence(neighbour) or not self._on_evidence(label))

    def _on_evidence(self, label: str) -> bool:
        _, _, target, observed, _ = self.found[label]
        return target.hopeless(observed.interval)

    def confirm(self, label: str) -> Result:
        configuration, values, target, _, searched = self.found[label]
        started = time.monotonic()
        observed = self.observed(
            configuration, values, target, "confirm", self.context.rates.strict, self.context.profile.confirm_trials
        )
        tolerance = self.allowance(configuration, values)
        return self.result(
            configuration, target, tolerance, observed, Subject.CLAIM, "confirm", searched.detail, started
        )

    # -- wrong versions and controls -----------------------------------------------------------------------------

    def refute_wrong_versions(self) -> None:
        """Confront each decoy, and the printed formula where it differs, where it differs most from the right one."""
        wrong = [(Subject.DECOY, decoy.name, decoy.published, decoy.finite) for decoy in self.part.decoys]
        if self.part.printed is not None:
            wrong.append((Subject.AS_PRINTED, "as printed", self.part.printed, None))
        for subject, name, published, finite in wrong:
            self.results.append(self.refute(subject, name, self.wrong_version(published, finite)))

    def wrong_version(self, published: Formula, finite: Formula | None) -> Callable[[Values], float]:
        """A decoy at finite size: its own form, or the right one plus the difference of the published forms."""
        if finite is not None or self.part.limit_of is None or self.part.published is None:
            return lambda values: self.predicted(values, finite or published)
        limit_of, right = self.part.limit_of, self.part.published

        def shifted(values: Values) -> float:
            limit = limit_of(**{name: values[name] for name in arguments(limit_of)})
            at = {name: limit.get(name, values.get(name)) for name in {*arguments(published), *arguments(right)}}
            gap = published(**{n: at[n] for n in arguments(published)}) - right(**{n: at[n] for n in arguments(right)})
            return self.predicted(values) + float(gap)

        return shifted

    def refute(self, subject: Subject, name: str, wrong: Callable[[Values], float]) -> Result:
        best, label = 0.0, ""
        for known, (_, values, target, observed, _) in self.found.items():
            # Draws of the search choose where; fresh draws decide. A constant quantity tells at once.
            beyond = replace(target, predicted=wrong(values), resolution=1.0 - target.bias).suspicion(observed.estimate)
            score = beyond / max(observed.deviation, 1e-300)
            if score > best:
                best, label = score, known
        if not label:
            return self.blank({}, Verdict.UNDECIDED, "differs nowhere that was drawn", subject=subject, detail=name)
        configuration, values, target, _, _ = self.found[label]
        aim = replace(target, predicted=wrong(values), resolution=0.0)
        started = time.monotonic()
        observed = self.observed(
            configuration, values, aim, "wrong version", self.context.rates.strict, self.context.profile.confirm_trials
        )
        result = self.result(
            configuration, aim, self.allowance(configuration, values), observed, subject, "confirm", name, started
        )
        return replace(result, figures={"right": target.predicted})

    def control(self, control: Control) -> Result:
        """Confront the theorem where a named assumption is broken."""
        values = materialise(control.configuration)
        broken = {assumption.name for assumption in self.part.broken_assumptions(values)}
        if control.assumption not in broken:
            raise ValueError(
                f"[{self.context.claim.id}] control {control.assumption}: the configuration does not break it"
            )
        target, tolerance = self.target(control.configuration, values, self.predicted(values))
        started = time.monotonic()
        observed = self.observed(
            control.configuration,
            values,
            target,
            "control",
            self.context.rates.strict,
            self.context.profile.confirm_trials,
        )
        result = self.result(
            control.configuration, target, tolerance, observed, Subject.CONTROL, "confirm", control.assumption, started
        )
        if result.verdict is Verdict.AGREES:
            return replace(result, message="not observed to be necessary: the theorem holds here too")
        return result

    # -- results -------------------------------------------------------------------------------------------------

    def result(
        self,
        configuration: Configuration,
        target: Target,
        tolerance: Tolerance,
        observed: Observed,
        subject: Subject,
        stage: str,
        detail: str,
        started: float,
    ) -> Result:
        verdict = self.verdict(target, observed, stage)
        half = (observed.interval[1] - observed.interval[0]) / 2
        return replace(
            self.blank(
                configuration,
                verdict,
                "; ".join(filter(None, (self.message(configuration, target, observed, verdict), observed.message))),
                subject=subject,
                detail=detail,
            ),
            predicted=target.predicted,
            estimate=observed.estimate,
            interval=observed.interval,
            trials=observed.trials,
            tolerance=replace(tolerance, monte_carlo=half),
            resolution=target.resolution,
            false_alarm=observed.level,
            diverged=observed.diverged,
            seconds=time.monotonic() - started,
            stage=stage,
            method=observed.method,
            figures={"deviation": observed.deviation},
        )

    def verdict(self, target: Target, observed: Observed, stage: str) -> Verdict:
        if observed.diverged:
            return Verdict.DIVERGED
        if stage != "search" and target.refutes(observed.interval):
            return Verdict.DISAGREES
        return (
            Verdict.AGREES
            if target.agrees(observed.interval) and target.resolution + target.bias > 0
            else Verdict.UNDECIDED
        )

    def message(self, configuration: Configuration, target: Target, observed: Observed, verdict: Verdict) -> str:
        if verdict not in (Verdict.DISAGREES, Verdict.DIVERGED):
            return ""
        error = observed.deviation / math.sqrt(observed.trials) if observed.trials else math.nan
        allowed = (target.bias + (observed.interval[1] - observed.interval[0]) / 2) / error if error else math.nan
        off = abs(observed.estimate - target.predicted) / error if error else math.nan
        where = ", ".join(f"{name}={value}" for name, value in configuration.items())
        return (
            f"[{self.context.claim.id}] at {where}, entropy {self.context.entropy}: observed "
            f"{observed.estimate:.6g} ± {error:.2g}, "
            f"but claimed {target.predicted:.6g} ({off:.1f} standard errors; {allowed:.1f} allowed)"
        )

    def blank(
        self,
        configuration: Configuration,
        verdict: Verdict,
        message: str,
        *,
        subject: Subject = Subject.CLAIM,
        detail: str = "",
    ) -> Result:
        return Result(
            claim=self.context.claim.id,
            part=self.part.name,
            check=self.means.name,
            subject=subject,
            configuration=dict(configuration),
            route=self.route.name,
            verdict=verdict,
            message=message,
            detail=detail,
            profile=self.context.profile.name,
            entropy=self.context.entropy,
            device=self.context.device,
        )
