"""Search, then confirm: the mean of a simulated quantity against a finite-size prediction.

The search asks, at each configuration, whether a confidence sequence at level `miss` comes to lie inside
prediction ± (bias + resolution). What does not is a suspect. The worst suspects, shrunk, are run again on fresh
streams at the strict level; only that stage says DISAGREES. So the run-wide false alarm rate holds whatever the
search did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lazy_assay.checks.configurations.strategies import smaller, within
from lazy_assay.checks.procedures.comparison import Cell, Comparison
from lazy_assay.checks.procedures.searched import searched
from lazy_assay.checks.procedures.target import Target
from lazy_assay.checks.procedures.wrong_versions import Control, controlled, refuted
from lazy_assay.checks.vocabulary.check import Fine, Resolution, Route, Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Verdict
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, label
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.theory import Claim, InvalidParameterError, Part

__all__ = ["Control", "Means", "Target"]

SHRINKS = 3


@dataclass(frozen=True, kw_only=True)
class Means:
    """The search-then-confirm check of one part by several routes; one task a route.

    space: where configurations come from. resolution: what must be noticed beyond the bias. fine: anchors of the first
    route at which less must be, however little it is told by the others. The first route also
    confronts the decoys, the printed formula and the negative controls, on its own draws; `wrong_versions=False` says
    that another of the part's procedures does.
    """

    space: Space
    routes: tuple[Route, ...]
    resolution: Resolution
    fine: Fine | None = None
    part: str = ""
    name: str = "finite size"
    controls: tuple[Control, ...] = ()
    wrong_versions: bool = True

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task for each route."""
        part = claim.part(self.part)
        return [self._task(claim, part, route, first=route is self.routes[0]) for route in self.routes]

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a configuration that the claim's domains make nothing of."""
        part = claim.part(self.part)
        for route in self.routes:
            scope = Scope.of(claim, part, route)
            space = route.space or self.space
            within(scope, space)
            self._require_sizes(scope, space)
            scope.require((control.configuration for control in self.controls), "controls")
            fine = self.finer(route)
            scope.require((*fine.anchors, *fine.further) if fine else (), "fine")

    def _require_sizes(self, scope: Scope, space: Space) -> None:
        """Raise ValueError where a size of the resolution's floor is not in every configuration."""
        for size in self.resolution.per:
            if any(
                size not in names for names in (space.draws, *space.anchors, *space.further, *space.degenerate.values())
            ):
                raise ValueError(
                    f"{scope.where}: resolution: its floor falls with {size!r}, which some configuration lacks"
                )

    def comparison(self, context: Context, part: Part, route: Route) -> Comparison:
        """How draws of one route are compared with the part."""
        return Comparison(
            check=self.name, context=context, part=part, route=route, resolution=self.resolution, fine=self.finer(route)
        )

    def finer(self, route: Route) -> Fine | None:
        """Its own anchors, for the first route alone."""
        return self.fine if route is self.routes[0] else None

    def _task(self, claim: Claim, part: Part, route: Route, *, first: bool) -> Task:
        def run(context: Context) -> Results:
            comparison = self.comparison(context, part, route)
            return _Search(comparison, route.space or self.space).run(
                self.controls if first and self.wrong_versions else None
            )

        return Task(
            claim=claim,
            part=part,
            name=f"{self.name} by {route.name}",
            run=run,
            searches=True,
            routes=(route.name,),
            simulations={route.name: (route.simulate,)},
        )


class _Search:
    """The cells that a search visits, and what becomes of its suspects."""

    def __init__(self, comparison: Comparison, space: Space) -> None:
        self.comparison, self.context, self.space = comparison, comparison.context, space
        self.seen: dict[str, Cell] = {}
        self.outside: Results = []

    def run(self, controls: Sequence[Control] | None) -> Results:
        """Anchors, degenerate cases, drawn configurations, suspects; with `controls` also decoys and controls."""
        fine = self.comparison.fine
        profile = self.context.profile
        for configuration in (*(fine.anchored(profile) if fine else ()), *self.space.anchored(profile)):
            self.visit(configuration)
        for name, configuration in self.space.degenerate.items():
            self.visit(configuration, name)
        self.draw()
        results = [*self.outside, *self.settled()]
        if controls is not None and self.context.distortion is None:
            results += refuted(self.comparison, self.seen)
            results += [controlled(self.comparison, control) for control in controls]
        return results

    def draw(self) -> None:
        """Let Hypothesis draw, as many configurations as the profile and the route allow."""
        route, part = self.comparison.route, self.comparison.part
        profile = route.affordable(self.context.profile)
        if profile.examples:
            key = self.context.key("search", self.context.claim.id, part.name, route.name)
            searched(self.context, self.comparison.scope.domains, self.space, profile, key=key, visit=self.visit)

    def visit(self, configuration: Configuration, degenerate: str = "") -> float:
        """Confront one configuration in the search, once; returns its suspicion."""
        key = label(configuration)
        if key in self.seen:
            return self.seen[key].suspicion
        setting = self.context.remembered(("setting", key), lambda: self.comparison.scope.at(configuration))
        if broken := self.comparison.part.broken_assumptions(setting.values):
            told = f"breaks {broken[0].name}: {broken[0].sentence}"
            self.outside.append(self.comparison.blank(configuration, Verdict.OUT_OF_REGIME, told))
            return 0.0
        cell = self.comparison.at(setting)
        self.seen[key] = replace(cell, result=replace(cell.result, degenerate=degenerate))
        return self.seen[key].suspicion

    def settled(self) -> Iterator[Result]:
        """Every configuration's final result: the search's, or for the worst suspects the confirmation's."""
        suspects = sorted((key for key, cell in self.seen.items() if cell.suspect), key=self._worst_first)
        shrunk = dict.fromkeys(self.shrink(key) for key in suspects[: self.context.suspects])
        yield from [cell.result for key, cell in self.seen.items() if key not in shrunk]
        for key in shrunk:
            cell = self.seen[key]
            again = self.comparison.at(cell.setting, stage="confirm")
            kept = self.comparison.kept(cell.setting, again.observed, cell.observed)
            figures = {**again.result.figures, **kept}
            yield replace(again.result, degenerate=cell.result.degenerate, figures=figures)

    def _worst_first(self, key: str) -> float:
        return -self.seen[key].suspicion

    def shrink(self, key: str) -> str:
        """The smallest neighbour that is still suspect; the work is bounded by a count, never by the clock."""
        # With a memory, what is simulated must not hang on what is tried: the suspect itself is confirmed.
        for _ in range(SHRINKS if self.context.memory is None else 0):
            found = next((near for near in self._neighbours(key) if self._suspect_too(near, key)), None)
            if found is None:
                return key
            key = found
        return key

    def _neighbours(self, key: str) -> Iterator[str]:
        """Simpler configurations, confronted one by one as they are asked for."""
        configuration = self.seen[key].setting.configuration
        if set(configuration) >= set(self.space.draws):
            for candidate in smaller(configuration, self.comparison.scope.domains, self.space):
                try:
                    self.visit(candidate)
                except InvalidParameterError:
                    # Simpler than the part answers for: it was nobody's suspect.
                    continue
                yield label(candidate)

    def _suspect_too(self, near: str, key: str) -> bool:
        """Whether a neighbour is suspect as well; on evidence, where `key` is: else it would only blunt the
        confirmation."""
        if near not in self.seen or not self.seen[near].suspect:
            return False
        return self.seen[near].on_evidence or not self.seen[key].on_evidence
