"""An experiment's finding: direction and effect size over independent seeds, against a smallest effect of interest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from checks._check import Route, Task, Values
from checks._context import Context, Results
from checks._result import Result, Scalar, Subject, Verdict
from checks._spectra import materialise
from checks.statistics import paired_effect
from theory import Claim, Part

Configuration = Mapping[str, Scalar]


@dataclass(frozen=True)
class Contrast:
    """One comparison of a finding: the mean of route `larger` minus that of `smaller`, seed by seed.

    Each side is a route with its own configuration; without `smaller`, the first route's simulation returns both sides
    as two columns of one draw. `smallest` is the smallest difference that would matter.
    """

    name: str
    larger: tuple[Route, Configuration]
    smaller: tuple[Route, Configuration] | None
    smallest: float

    @property
    def sides(self) -> tuple[tuple[Route, Configuration], ...]:
        """The sides that are simulated."""
        return (self.larger,) if self.smaller is None else (self.larger, self.smaller)


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Runs every contrast over independent seeds (at least ten) and reports reproduced, not reproduced or reverse."""

    contrasts: tuple[Contrast, ...]
    part: str = ""
    name: str = "effect"
    seeds: Callable[[Context], int] = lambda context: max(10, context.profile.seeds)

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task for all contrasts."""
        part = claim.part(self.part)
        routes = tuple(dict.fromkeys(route.name for contrast in self.contrasts for route, _ in contrast.sides))
        return [
            Task(claim=claim, part=part, name=self.name, run=lambda context: self.run(context, part), routes=routes)
        ]

    def run(self, context: Context, part: Part) -> Results:
        """One result a contrast."""
        return [self.measure(context, part, contrast) for contrast in self.contrasts]

    def measure(self, context: Context, part: Part, contrast: Contrast) -> Result:
        """The effect and its interval; AGREES beyond the smallest effect, DISAGREES when it is excluded."""
        context.guard()
        started, trials = time.monotonic(), self.seeds(context)
        draws = [self._draws(context, side, trials) for side in contrast.sides]
        first, second = draws if len(draws) == 2 else draws[0].T
        found = paired_effect(first - second, context.rates.miss)
        low, high = found.low, found.high
        verdict = (
            Verdict.AGREES
            if low >= contrast.smallest
            else Verdict.DISAGREES
            if high < contrast.smallest
            else Verdict.UNDECIDED
        )
        word = {Verdict.AGREES: "reproduced", Verdict.UNDECIDED: "undecided"}.get(
            verdict, "reverse" if high < -contrast.smallest else "not reproduced"
        )
        _, configuration = contrast.larger
        return Result(
            claim=context.claim.id,
            part=part.name,
            check=self.name,
            subject=Subject.CLAIM,
            configuration=dict(configuration),
            route=f"{contrast.name}",
            verdict=verdict,
            predicted=contrast.smallest,
            estimate=found.mean,
            interval=(low, high),
            trials=trials,
            false_alarm=context.rates.miss,
            detail=word,
            message=f"{contrast.name}: {word}",
            stage="search",
            method="t",
            profile=context.profile.name,
            entropy=context.entropy,
            device=context.device,
            seconds=time.monotonic() - started,
            figures={
                "larger": float(first.mean()),
                "smaller": float(second.mean()),
                "standardised": found.standardised,
            },
        )

    def _draws(self, context: Context, side: tuple[Route, Configuration], trials: int) -> np.ndarray:
        route, configuration = side
        values: Values = materialise(configuration)
        return context.draws(route, configuration, values, stage="effect", batch=0, trials=trials)
