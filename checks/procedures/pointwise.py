"""An equality, or a bound, that holds for every draw: each one is compared alone, within its own computed budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from lazy_assay.checks.configurations.strategies import within
from lazy_assay.checks.procedures.exact import beyond, compared
from lazy_assay.checks.procedures.searched import searched
from lazy_assay.checks.procedures.wrong_versions import TINY, Control, broken, commented
from lazy_assay.checks.vocabulary.check import Route, Task, Values
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import COARSER, Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting, label
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.theory import Claim, InvalidParameterError, Part
from lazy_assay.theory._prediction import Formula, arguments


@dataclass(frozen=True)
class Case:
    """A setting with every argument of the formulas, its draw, and what this may be off by."""

    setting: Setting
    draw: float
    tolerance: Tolerance


def predicted(formula: Formula, values: Values) -> float:
    """A formula at a configuration's values."""
    return float(formula(**{name: values[name] for name in arguments(formula)}))


def side(part: Part) -> str:
    """Where draws may lie at any distance from the prediction: on one side of a bound."""
    return part.allowed_side


def right(part: Part, values: Values) -> float:
    """What the part predicts at this size."""
    formula = part.finite or part.published
    assert formula is not None
    return predicted(formula, values)


def shifted(part: Part, wrong: Formula, values: Values) -> float:
    """A wrong version with the finite-size correction of the right one, where the part has one."""
    if part.finite is None or part.published is None:
        return predicted(wrong, values)
    return predicted(wrong, values) - predicted(part.published, values) + predicted(part.finite, values)


@dataclass(frozen=True, kw_only=True)
class Pointwise:
    """Compares the one number that a simulation gives at a configuration with the part's formula there.

    rounding: the budget at a configuration, computed; `source` says from what. Where the route has an allowance with
    parts of its own (finite size, discretisation), they join it. constants: further arguments of the formulas, computed
    from a configuration's values (the norms that a bound is made of). Decoys, printed form and controls are confronted
    by the first route where a part has several; `wrong_versions=False` says that this is another.
    """

    space: Space
    route: Route
    rounding: Callable[[Values], float]
    source: str
    part: str = ""
    name: str = "draw by draw"
    constants: Callable[[Values], Values] = lambda values: {}
    controls: tuple[Control, ...] = ()
    wrong_versions: bool = True

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a configuration that the claim's domains make nothing of."""
        scope = Scope.of(claim, claim.part(self.part), self.route)
        within(scope, self.space)
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
                run=lambda context: self.run(context, part),
                routes=(self.route.name,),
                simulations={self.route.name: (self.route.simulate,)},
            )
        ]

    def run(self, context: Context, part: Part) -> Results:
        """Every anchor, every degenerate case, then configurations that Hypothesis draws; decoys at all of them."""
        results: Results = []
        seen: list[Case] = []
        scope = Scope.of(context.claim, part, self.route)

        def visit(configuration: Configuration, degenerate: str = "") -> float:
            named = label(configuration)
            setting = context.remembered(("setting", named), lambda: self.setting(scope, configuration))
            if outside := part.broken_assumptions(setting.values):
                results.append(self.outside(context, part, setting, f"breaks {outside[0].name}: {outside[0].sentence}"))
                return 0.0
            cases = context.remembered(("cases", named), lambda: self.drawn(context, part, setting))
            try:
                found = self.worst(context, part, cases, Subject.CLAIM, "")
            except InvalidParameterError as refused:
                # A formula that does not answer here says so by name, and there is nothing to compare.
                results.append(self.outside(context, part, setting, str(refused)))
                return 0.0
            seen.extend(cases)
            results.append(replace(found, degenerate=degenerate))
            return beyond(side(part), found.predicted, found.estimate)

        for configuration in self.space.anchored(context.profile):
            visit(configuration)
        for name, configuration in self.space.degenerate.items():
            visit(configuration, name)
        key = context.key("search", context.claim.id, part.name)
        if (profile := self.route.affordable(context.profile)).examples:
            searched(context, scope.domains, self.space, profile, key=key, visit=visit)
        if context.distortion is None and self.wrong_versions:
            wrong = [(Subject.DECOY, decoy.name, decoy.published) for decoy in part.decoys]
            wrong += [(Subject.AS_PRINTED, "as printed", part.printed)] if part.printed else []
            results += [self.furthest(context, part, formula, seen, subject, name) for subject, name, formula in wrong]
            results += [self.controlled(context, part, scope, control) for control in self.controls]
        return results

    def drawn(self, context: Context, part: Part, setting: Setting) -> list[Case]:
        """The draws of one setting: a single number."""
        context.guard()
        draw, *coarser = (
            float(context.draws(route, setting, stage="search", batch=0, trials=1)[0]) for route in self.paths
        )
        return [Case(setting, draw, self.tolerance(setting, *(abs(draw - other) for other in coarser)))]

    @property
    def paths(self) -> tuple[Route, ...]:
        """The route, and its coarser path where it has one."""
        return (self.route,) if self.route.coarse is None else (self.route, self.route.coarse)

    def worst(self, context: Context, part: Part, cases: Sequence[Case], subject: Subject, name: str) -> Result:
        """The draw of a setting that goes furthest beyond its budget; one without a number before all others."""
        # Cases are remembered too, so that the same case is the same object.
        claimed = [context.remembered(("right", id(c)), partial(right, part, c.setting.values)) for c in cases]
        compared = [
            self.compare(context, part, told, case, subject, name) for told, case in zip(claimed, cases, strict=True)
        ]

        def excess(result: Result) -> float:
            gap = beyond(side(part), result.predicted, result.estimate) - result.tolerance.bias
            return math.inf if math.isnan(gap) else gap

        return max(compared, key=excess)

    def setting(self, scope: Scope, configuration: Configuration) -> Setting:
        """A setting with every argument of the formulas: the configuration's values, and the constants of these."""
        plain = scope.at(configuration)
        return plain.beside(self.constants(plain.values))

    def controlled(self, context: Context, part: Part, scope: Scope, control: Control) -> Result:
        """The statement where a named assumption is broken."""
        setting = broken(context, part, control, self.setting(scope, control.configuration))
        return commented(
            self.worst(context, part, self.drawn(context, part, setting), Subject.CONTROL, control.assumption)
        )

    def outside(self, context: Context, part: Part, setting: Setting, why: str) -> Result:
        """A configuration that breaks an assumption, or that the formula refuses: reported, and judged by nothing."""
        nothing = Case(Setting(setting.configuration, {}), math.nan, Tolerance(rounding=math.nan))
        told = self.compare(context, part, math.nan, nothing, Subject.CLAIM, "")
        return replace(told, verdict=Verdict.OUT_OF_REGIME, message=why)

    def furthest(
        self, context: Context, part: Part, formula: Formula, seen: Sequence[Case], subject: Subject, name: str
    ) -> Result:
        """A wrong version, confronted where it is the most budgets from the draw, of where it has a value.

        Raises InvalidParameterError where it has none at all.
        """
        compare, why = [], "there is no configuration at which the right one answers"
        for case in seen:
            try:
                wrong = shifted(part, formula, case.setting.values)
            except InvalidParameterError as refused:
                why = str(refused)
                continue
            compare.append(self.compare(context, part, wrong, case, subject, name))
        if not compare:
            raise InvalidParameterError(f"[{context.claim.id}] {name or subject.value!r} is confronted nowhere: {why}")

        def told(result: Result) -> float:
            gap = beyond(side(part), result.predicted, result.estimate)
            return gap / max(result.tolerance.bias, TINY)

        return max(compare, key=told)

    def tolerance(self, setting: Setting, shift: float | None = None) -> Tolerance:
        """The route's allowance, what its coarser path shifts a draw by, and the rounding budget."""
        allowed = setting.tolerance(self.route)
        allowed = allowed if shift is None else allowed.and_discretised(shift, COARSER)
        sources = {**allowed.sources, "rounding": self.source}
        return replace(allowed, rounding=allowed.rounding + self.rounding(setting.values), sources=sources)

    def compare(
        self,
        context: Context,
        part: Part,
        claimed: float,
        case: Case,
        subject: Subject,
        name: str,
    ) -> Result:
        values = case.setting.values
        predicted = context.predicted(claimed, values)
        result = compared(
            context,
            part,
            check=self.name,
            route=self.route.name,
            configuration=case.setting.configuration,
            predicted=predicted,
            estimate=case.draw,
            tolerance=case.tolerance,
            side=side(part),
            subject=subject,
            name=name,
        )
        result = replace(result, figures=self.route.figures(values) if values else {})
        return result if math.isfinite(case.draw) else replace(result, verdict=Verdict.DIVERGED, diverged=1)
