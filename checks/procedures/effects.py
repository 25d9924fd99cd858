"""An experiment's finding: direction and effect size over independent seeds, against a smallest effect of interest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lazy_assay.checks.configurations.datasets import DataAbsentError
from lazy_assay.checks.statistics import PairedEffect, paired_effect
from lazy_assay.checks.vocabulary.check import Route, Task
from lazy_assay.checks.vocabulary.context import Context, Results, TimeGuardError
from lazy_assay.checks.vocabulary.profiles import ORDER, reaches
from lazy_assay.checks.vocabulary.result import Result, Scalar, Subject, Verdict
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting
from lazy_assay.theory import Claim, Part

# What is known of an effect where a seed's training blew up: nothing.
UNKNOWN = PairedEffect(np.nan, np.nan, -np.inf, np.inf, 0, 0)


@dataclass(frozen=True)
class Contrast:
    """One comparison of a finding: the mean of route `larger` minus that of `smaller`, seed by seed.

    Each side is a route with its own configuration; without `smaller`, the first route's simulation returns both sides
    as two columns of one draw. `smallest` is the smallest difference that would matter. A contrast whose `subject` is
    CONTROL stands beside the finding, to show a simpler explanation: it is reported, and decides nothing. With
    `equality` the finding is that the sides agree: their difference lies within ±smallest. pooled: other settings of
    a finding about all of them together, each of two columns a draw; either side is then its mean over the settings.
    """

    name: str
    larger: tuple[Route, Configuration]
    smaller: tuple[Route, Configuration] | None
    smallest: float
    subject: Subject = Subject.CLAIM
    equality: bool = False
    pooled: tuple[tuple[Route, Configuration], ...] = ()

    def __post_init__(self) -> None:
        if self.pooled and self.smaller is not None:
            raise ValueError(f"{self.name}: settings are pooled where one draw has both sides; leave `smaller` away")

    @property
    def sides(self) -> tuple[tuple[Route, Configuration], ...]:
        """The sides that are simulated, or the settings that have both."""
        return (self.larger, *self.pooled) if self.smaller is None else (self.larger, self.smaller)

    @property
    def configuration(self) -> dict[str, Scalar]:
        """That of the first side; of pooled settings, what they differ in one after the other."""
        every = [configuration for _, configuration in (self.larger, *self.pooled)]
        told = {name: [given[name] for given in every] for name in every[0]}
        return {name: v[0] if len(set(v)) == 1 else " | ".join(map(str, v)) for name, v in told.items()}


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Runs every contrast over independent seeds (at least ten) and reports reproduced, not reproduced or reverse.

    A part has one range of settings, and its finding is the same wherever it is asked: the same contrasts decide it in
    every profile from `decides` on; a lesser one says that it is undecided here and borrows no verdict from smaller
    settings. further: controls that a profile, by its name, measures besides. A confirmation takes four times the
    seeds, on fresh streams and at the strict level. Raises ValueError where a further contrast would decide: a finding
    at other settings is a part of its own.
    """

    contrasts: tuple[Contrast, ...]
    part: str = ""
    name: str = "effect"
    seeds: Callable[[Context], int] = lambda context: max(10, context.profile.seeds)
    further: Mapping[str, tuple[Contrast, ...]] = field(default_factory=dict)
    decides: str = ORDER[0]

    def __post_init__(self) -> None:
        if self.decides not in ORDER:
            raise ValueError(f"decides: {self.decides!r} is no profile; there are {', '.join(ORDER)}")
        if not any(contrast.subject is Subject.CLAIM for contrast in self.contrasts):
            raise ValueError(f"contrasts: nothing decides the part {self.part!r}; a finding needs a contrast")
        deciding = [c.name for more in self.further.values() for c in more if c.subject is Subject.CLAIM]
        if deciding:
            raise ValueError(f"further: {deciding[0]!r} would decide in some profiles alone; make it a part of its own")

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a configuration that the claim's domains make nothing of."""
        part = claim.part(self.part)
        for contrast in (*self.contrasts, *(contrast for more in self.further.values() for contrast in more)):
            for route, configuration in contrast.sides:
                Scope.of(claim, part, route).require((configuration,), contrast.name)

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task for all contrasts."""
        part = claim.part(self.part)
        every = (*self.contrasts, *(contrast for more in self.further.values() for contrast in more))
        behind = {c.name: tuple(dict.fromkeys(route.simulate for route, _ in c.sides)) for c in every}
        routes = tuple(dict.fromkeys(route.name for contrast in every for route, _ in contrast.sides))
        return [
            Task(
                claim=claim,
                part=part,
                name=self.name,
                run=lambda context: self.run(context, part),
                routes=routes,
                simulations=behind,
                confirms=len(every),
            )
        ]

    def run(self, context: Context, part: Part) -> Results:
        """One result a contrast; one that the time guard stops, or whose data are absent, takes no other with it."""
        if not reaches(context.profile.name, self.decides):
            return [self._elsewhere(context, part, c) for c in self.contrasts if c.subject is Subject.CLAIM]
        results: Results = []
        known = None
        tried = context.distortion is not None
        for contrast in (*self.contrasts, *self.further.get(context.profile.name, ())):
            if tried and contrast.subject is Subject.CONTROL:
                continue
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
        return self._blank(context, part, contrast, verdict, str(stopped))

    def _elsewhere(self, context: Context, part: Part, contrast: Contrast) -> Result:
        return self._blank(
            context, part, contrast, Verdict.ELSEWHERE, f"its settings are run in profile {self.decides}"
        )

    def _blank(self, context: Context, part: Part, contrast: Contrast, verdict: Verdict, why: str) -> Result:
        return context.result(
            part,
            check=self.name,
            subject=contrast.subject,
            configuration=contrast.configuration,
            route=contrast.name,
            verdict=verdict,
            message=why,
        )

    def measure(self, context: Context, part: Part, contrast: Contrast) -> Result:
        """The effect and its interval; AGREES beyond the smallest effect, DISAGREES when a confirmation excludes it."""
        settings = [Scope.of(context.claim, part, route).at(there) for route, there in contrast.sides]
        found = self._compared(context, part, contrast, settings, "search")
        if found.verdict is Verdict.AGREES:
            return found
        return self._compared(context, part, contrast, settings, "confirm")

    def _compared(
        self, context: Context, part: Part, contrast: Contrast, settings: Sequence[Setting], stage: str
    ) -> Result:
        """One comparison; the confirmation has fresh streams, four times the seeds and the strict level."""
        confirm = stage == "confirm"
        started, trials = time.monotonic(), self.seeds(context) * (4 if confirm else 1)
        draws = context.remembered(
            ("draws", contrast.name, stage), lambda: _draws(context, contrast, settings, stage, trials)
        )
        pairs = np.stack([np.stack(draws, axis=-1)] if contrast.smaller else draws)
        first, second = pairs.mean(axis=0).T
        gaps = context.effect(first - second, contrast.smallest, contrast.equality)
        diverged = int((~np.isfinite(gaps)).sum())
        level = context.rates.strict if confirm else context.rates.miss
        found = UNKNOWN if diverged else paired_effect(gaps, level)
        verdict, word = (
            (Verdict.DIVERGED, f"{diverged} of {trials} seeds diverged")
            if diverged
            else _verdict(found, contrast, confirm)
        )
        configuration = contrast.configuration
        where = ", ".join(f"{name}={value}" for name, value in configuration.items())
        return context.result(
            part,
            check=self.name,
            subject=contrast.subject,
            configuration=configuration,
            route=contrast.name,
            verdict=verdict,
            predicted=contrast.smallest,
            estimate=found.mean,
            interval=(found.low, found.high),
            trials=trials,
            false_alarm=level,
            diverged=diverged,
            word=word,
            message=f"[{context.claim.id}] {contrast.name}: {word}, effect {found.mean:.3g} in [{found.low:.3g}, "
            f"{found.high:.3g}] at {where}, entropy {context.entropy}, smallest of interest {contrast.smallest:g}",
            stage=stage,
            method="t",
            seconds=time.monotonic() - started,
            figures={
                "larger": float(first.mean()),
                "larger spread": float(first.std(ddof=1)),
                "smaller": float(second.mean()),
                "smaller spread": float(second.std(ddof=1)),
                "standardised": found.standardised,
                **_further(contrast, settings[0], pairs),
            },
        )


def _draws(
    context: Context, contrast: Contrast, settings: Sequence[Setting], stage: str, trials: int
) -> list[np.ndarray]:
    return [
        context.draws(route, setting, stage=f"effect {stage}", batch=0, trials=trials)
        for (route, _), setting in zip(contrast.sides, settings, strict=True)
    ]


def _further(contrast: Contrast, setting: Setting, pairs: np.ndarray) -> dict[str, float]:
    """The clock of a single setting; of pooled ones, how many there are and in how many the larger side is larger."""
    if not contrast.pooled:
        return contrast.larger[0].figures(setting.values)
    ahead = (pairs[..., 0] - pairs[..., 1]).mean(axis=1) > 0
    return {"settings": float(len(pairs)), "settings with the larger ahead": float(ahead.sum())}


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
