"""An experiment's finding: direction and effect size over independent seeds, against a smallest effect of interest.

What is found is said of the median difference (or of what another share of the seeds reaches): more seeds than not
lie beyond the smallest effect. Its interval, by order statistics, is exact at every level for independent seeds of
any law (`statistics.quantile`): no mean of a few dozen seeds is normal at 5e-10. Two sides that are independent, or
drawn as a pair, give one difference a seed either way. A contrast whose every seed is beyond tells so from
log₂(1/level) seeds on: 10 at `miss`, 31 at the strict level of eight confirmations a claim; with fewer the
confirmation stays undecided.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from lazy_assay.checks.configurations.datasets import DataAbsentError
from lazy_assay.checks.procedures.kept import with_earlier
from lazy_assay.checks.statistics import HALF, ErrorRates, PairedEffect, paired_effect, seeds_needed
from lazy_assay.checks.statistics.signs import kept_signs
from lazy_assay.checks.vocabulary.check import Route, Task, run_at
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.deadline import TimeGuardError
from lazy_assay.checks.vocabulary.profiles import ORDER, reaches
from lazy_assay.checks.vocabulary.result import Result, Scalar, Subject, Verdict
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting
from lazy_assay.theory import Claim, Part

# How often a search may fall short of a finding that it was planned for; a confirmation comes after it.
UNLUCKY = 0.05
# What is known of an effect where a seed's training blew up: nothing.
UNKNOWN = PairedEffect(np.nan, np.nan, np.nan, -np.inf, np.inf, 0, 0)


@dataclass(frozen=True)
class Contrast:
    """One comparison of a finding: route `larger` minus route `smaller`, seed by seed, in the median over seeds.

    Each side is a route with its own configuration; without `smaller`, the first route's simulation returns both sides
    as two columns of one draw. `smallest` is the smallest difference that would matter. A contrast whose `subject` is
    CONTROL stands beside the finding, to show a simpler explanation: it is reported, and decides nothing. With
    `equality` the finding is that the sides agree: their difference lies within ±smallest. pooled: other settings of
    a finding about all of them together, each of two columns a draw; either side is then its mean over the settings.
    share: of the seeds that reach the smallest difference where the finding holds: one half, or less where it says that
    something happens in some runs.
    """

    name: str
    larger: tuple[Route, Configuration]
    smaller: tuple[Route, Configuration] | None
    smallest: float
    subject: Subject = Subject.CLAIM
    equality: bool = False
    pooled: tuple[tuple[Route, Configuration], ...] = ()
    share: Fraction = HALF

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


def telling(share: float) -> Callable[[Context], int]:
    """Seeds for a finding that a share of them shows: as many as a search needs to tell it, 19 times in 20.

    The share is that of other draws than those that judge.
    """
    return lambda context: seeds_needed(share, context.rates.look, UNLUCKY)


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Runs every contrast over independent seeds (at least ten) and reports reproduced, not reproduced or reverse.

    A part has one range of settings, and its finding is the same wherever it is asked: the same contrasts decide it
    in every profile from `decides` on; a lesser one says that it is undecided here and borrows no verdict from
    smaller settings. further: controls that a profile, by its name, measures besides. A confirmation takes four
    times the seeds on fresh streams: it refutes at the strict level, and failing that looks once more whether the
    finding is reproduced; both looks together err at most at `miss`. Raises ValueError where a further contrast
    would decide: a finding at other settings is a part of its own.
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
                # A part that another profile decides runs nothing in a lesser one.
                reads=frozenset((self.decides, run_at(*side)) for contrast in every for side in contrast.sides),
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
        return with_earlier(self._compared(context, part, contrast, settings, "confirm"), found)

    def _compared(
        self, context: Context, part: Part, contrast: Contrast, settings: Sequence[Setting], stage: str
    ) -> Result:
        """One comparison; the confirmation has fresh streams and four times the seeds."""
        confirm = stage == "confirm"
        started, trials = time.monotonic(), self.seeds(context) * (4 if confirm else 1)
        draws = context.remembered(
            ("draws", contrast.name, stage), lambda: _draws(context, contrast, settings, stage, trials)
        )
        pairs = np.stack([np.stack(draws, axis=-1)] if contrast.smaller else draws)
        first, second = pairs.mean(axis=0).T
        gaps = context.effect(first - second, contrast.smallest, contrast.equality)
        found, level, verdict, word = _judged(gaps, contrast, context.rates, confirm)
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
            estimate=found.reached,
            interval=(found.low, found.high),
            trials=trials,
            false_alarm=level,
            diverged=int((~np.isfinite(gaps)).sum()),
            word=word,
            message=f"[{context.claim.id}] {contrast.name}: {word}, effect {found.reached:.3g} in [{found.low:.3g}, "
            f"{found.high:.3g}] at {where}, entropy {context.entropy}, smallest of interest {contrast.smallest:g}",
            stage=stage,
            method="median",
            seconds=time.monotonic() - started,
            figures={
                "larger": float(first.mean()),
                "larger spread": float(first.std(ddof=1)),
                "smaller": float(second.mean()),
                "smaller spread": float(second.std(ddof=1)),
                "mean": found.mean,
                "standardised": found.standardised,
                **_further(contrast, settings[0], pairs),
                **_kept(contrast, gaps),
            },
        )


def _draws(
    context: Context, contrast: Contrast, settings: Sequence[Setting], stage: str, trials: int
) -> list[np.ndarray]:
    return [
        context.draws(route, setting, stage=f"effect {stage}", batch=0, trials=trials)
        for (route, _), setting in zip(contrast.sides, settings, strict=True)
    ]


def _kept(contrast: Contrast, gaps: np.ndarray) -> dict[str, float]:
    """What nights keep: the seeds short of the smallest effect, of which there may be as many as the share leaves; of
    an equality those outside ±smallest on either side."""
    if contrast.equality:
        return kept_signs(gaps, -contrast.smallest, contrast.smallest, "both", max(contrast.share, 1 - contrast.share))
    return kept_signs(gaps, contrast.smallest, np.inf, "above", 1 - contrast.share)


def _further(contrast: Contrast, setting: Setting, pairs: np.ndarray) -> dict[str, float]:
    """The clock of a single setting; of pooled ones, how many there are and in how many the larger side is larger."""
    if not contrast.pooled:
        return contrast.larger[0].figures(setting.values)
    ahead = (pairs[..., 0] - pairs[..., 1]).mean(axis=1) > 0
    return {"settings": float(len(pairs)), "settings with the larger ahead": float(ahead.sum())}


def _judged(
    gaps: np.ndarray, contrast: Contrast, rates: ErrorRates, confirm: bool
) -> tuple[PairedEffect, float, Verdict, str]:
    """The effect, the level at which it is told, the verdict and the plain word for it.

    Each end of an interval errs at most at its level. A finding with one side is excluded by one end; an equality by
    either, which share the strict level. Agreement that is wrong takes an error of one end, whichever the truth is
    beyond.
    """
    if diverged := int((~np.isfinite(gaps)).sum()):
        return UNKNOWN, rates.strict, Verdict.DIVERGED, f"{diverged} of {len(gaps)} seeds diverged"
    if confirm:
        found = paired_effect(gaps, rates.strict / (2 if contrast.equality else 1), contrast.share)
        if word := _excluded(found, contrast):
            return found, rates.strict, Verdict.DISAGREES, word
    level = rates.look_again if confirm else rates.look
    found = paired_effect(gaps, level, contrast.share)
    if _reproduced(found, contrast):
        return found, level, Verdict.AGREES, "reproduced"
    return found, level, Verdict.UNDECIDED, "undecided"


def _reproduced(found: PairedEffect, contrast: Contrast) -> bool:
    """Whether the interval lies beyond the smallest effect; of an equality, inside ±smallest."""
    if contrast.equality:
        return -contrast.smallest <= found.low and found.high <= contrast.smallest
    return found.low >= contrast.smallest


def _excluded(found: PairedEffect, contrast: Contrast) -> str:
    """The word for an interval short of the smallest effect, or of an equality outside ±smallest; empty where none."""
    short, beyond = found.high < contrast.smallest, found.low > contrast.smallest
    reverse = found.high < -contrast.smallest
    if contrast.equality:
        return "not reproduced" if beyond or reverse else ""
    return ("reverse" if reverse else "not reproduced") if short else ""
