"""An experiment's finding: direction and effect size over independent seeds, against a smallest effect of interest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lazy_assay.checks._check import Route, Task, Values
from lazy_assay.checks._context import Context, Results, TimeGuardError
from lazy_assay.checks._datasets import DataAbsentError
from lazy_assay.checks._materials import materialise
from lazy_assay.checks._result import Result, Scalar, Subject, Verdict
from lazy_assay.checks.statistics import PairedEffect, paired_effect
from lazy_assay.theory import Claim, Part

Configuration = Mapping[str, Scalar]
# What is known of an effect where a seed's training blew up: nothing.
UNKNOWN = PairedEffect(np.nan, np.nan, -np.inf, np.inf, 0, 0)


@dataclass(frozen=True)
class Contrast:
    """One comparison of a finding: the mean of route `larger` minus that of `smaller`, seed by seed.

    Each side is a route with its own configuration; without `smaller`, the first route's simulation returns both sides
    as two columns of one draw. `smallest` is the smallest difference that would matter. A contrast whose `subject` is
    CONTROL stands beside the finding, to show a simpler explanation: it is reported, and decides nothing. With
    `equality` the finding is that the sides agree: their difference lies within ±smallest.
    """

    name: str
    larger: tuple[Route, Configuration]
    smaller: tuple[Route, Configuration] | None
    smallest: float
    subject: Subject = Subject.CLAIM
    equality: bool = False

    @property
    def sides(self) -> tuple[tuple[Route, Configuration], ...]:
        """The sides that are simulated."""
        return (self.larger,) if self.smaller is None else (self.larger, self.smaller)


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Runs every contrast over independent seeds (at least ten) and reports reproduced, not reproduced or reverse.

    further: contrasts that a profile, by its name, measures besides (larger widths in `nightly`), or alone where there
    are no others. A confirmation takes four times the seeds, on fresh streams and at the strict level.
    """

    contrasts: tuple[Contrast, ...]
    part: str = ""
    name: str = "effect"
    seeds: Callable[[Context], int] = lambda context: max(10, context.profile.seeds)
    further: Mapping[str, tuple[Contrast, ...]] = field(default_factory=dict)

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task for all contrasts."""
        part = claim.part(self.part)
        every = (*self.contrasts, *(contrast for more in self.further.values() for contrast in more))
        routes = tuple(dict.fromkeys(route.name for contrast in every for route, _ in contrast.sides))
        return [
            Task(claim=claim, part=part, name=self.name, run=lambda context: self.run(context, part), routes=routes)
        ]

    def run(self, context: Context, part: Part) -> Results:
        """One result a contrast; one that the time guard stops, or whose data are absent, takes no other with it."""
        results: Results = []
        known = None
        for contrast in (*self.contrasts, *self.further.get(context.profile.name, ())):
            # Contrasts of the same runs in a row cost one of them: the guard is asked where new ones begin.
            runs = [(route.simulate, dict(configuration)) for route, configuration in contrast.sides]
            try:
                if runs != known:
                    context.guard()
                results.append(self.measure(context, part, contrast))
            except (TimeGuardError, DataAbsentError) as stopped:
                results.append(self._unmeasured(context, part, contrast, stopped))
            known = runs
        return results

    def _unmeasured(self, context: Context, part: Part, contrast: Contrast, stopped: Exception) -> Result:
        verdict = Verdict.UNDECIDED if isinstance(stopped, TimeGuardError) else Verdict.NOT_RUN
        return Result(
            claim=context.claim.id,
            part=part.name,
            check=self.name,
            subject=contrast.subject,
            configuration=dict(contrast.larger[1]),
            route=contrast.name,
            verdict=verdict,
            detail=f"{contrast.name}: {stopped}" if contrast.subject is Subject.CONTROL else "",
            message=str(stopped),
            profile=context.profile.name,
            entropy=context.entropy,
            device=context.device,
        )

    def measure(self, context: Context, part: Part, contrast: Contrast) -> Result:
        """The effect and its interval; AGREES beyond the smallest effect, DISAGREES when a confirmation excludes it."""
        found = self._compared(context, part, contrast, "search")
        if found.verdict is Verdict.AGREES:
            return found
        return self._compared(context, part, contrast, "confirm")

    def _compared(self, context: Context, part: Part, contrast: Contrast, stage: str) -> Result:
        """One comparison; the confirmation has fresh streams, four times the seeds and the strict level."""
        confirm = stage == "confirm"
        started, trials = time.monotonic(), self.seeds(context) * (4 if confirm else 1)
        draws = [self._draws(context, side, trials, stage) for side in contrast.sides]
        first, second = draws if len(draws) == 2 else draws[0].T
        gaps = first - second
        diverged = int((~np.isfinite(gaps)).sum())
        level = context.rates.strict if confirm else context.rates.miss
        found = UNKNOWN if diverged else paired_effect(gaps, level)
        verdict, word = (
            (Verdict.DIVERGED, f"{diverged} of {trials} seeds diverged")
            if diverged
            else _verdict(found, contrast, confirm)
        )
        route, configuration = contrast.larger
        control = contrast.subject is Subject.CONTROL
        where = ", ".join(f"{name}={value}" for name, value in configuration.items())
        return Result(
            claim=context.claim.id,
            part=part.name,
            check=self.name,
            subject=contrast.subject,
            configuration=dict(configuration),
            route=contrast.name,
            verdict=verdict,
            predicted=contrast.smallest,
            estimate=found.mean,
            interval=(found.low, found.high),
            trials=trials,
            false_alarm=level,
            diverged=diverged,
            detail=f"{contrast.name}: {word}" if control else word,
            message=f"[{context.claim.id}] {contrast.name}: {word}, effect {found.mean:.3g} in [{found.low:.3g}, "
            f"{found.high:.3g}] at {where}, entropy {context.entropy}, smallest of interest {contrast.smallest:g}",
            stage=stage,
            method="t",
            profile=context.profile.name,
            entropy=context.entropy,
            device=context.device,
            seconds=time.monotonic() - started,
            figures={
                "larger": float(first.mean()),
                "larger spread": float(first.std(ddof=1)),
                "smaller": float(second.mean()),
                "smaller spread": float(second.std(ddof=1)),
                "standardised": found.standardised,
                **route.figures(materialise(configuration)),
            },
        )

    def _draws(self, context: Context, side: tuple[Route, Configuration], trials: int, stage: str) -> np.ndarray:
        route, configuration = side
        values: Values = materialise(configuration)
        return context.draws(route, configuration, values, stage=f"effect {stage}", batch=0, trials=trials)


def _verdict(found: PairedEffect, contrast: Contrast, confirm: bool) -> tuple[Verdict, str]:
    """The verdict and the plain word for it; the interval of an equality lies inside, or outside, of ±smallest."""
    low, high, smallest = found.low, found.high, contrast.smallest
    agrees = -smallest <= low and high <= smallest if contrast.equality else low >= smallest
    excluded = low > smallest or high < -smallest if contrast.equality else high < smallest
    if agrees:
        return Verdict.AGREES, "reproduced"
    if confirm and excluded:
        return Verdict.DISAGREES, "reverse" if high < -smallest and not contrast.equality else "not reproduced"
    return Verdict.UNDECIDED, "undecided"
