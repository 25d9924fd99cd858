"""A figure's points, each a result: a procedure at a small size for `assay run`, job by job for `assay figure`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lazy_assay.checks.procedures.figures._declaration import Drawn, Figure, Series
from lazy_assay.checks.procedures.figures._drawn import EXACT, drawn_point, draws_at
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.procedures.figures._trained import trained_points
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.theory import Claim


@dataclass(frozen=True)
class Job:
    """One series at one N."""

    series: int
    N: int


def jobs(figure: Figure, size: int) -> list[Job]:
    """Every point of the figure, series by series."""
    return [Job(k, N) for k, series in enumerate(figure.series) for N in figure.neurons(series, size)]


def results_of(series: Series, counts: int, checkpoints: int) -> int:
    """How many results a series has at most, at so many N: each of them may be confirmed."""
    over_samples = checkpoints > 0 and not isinstance(series, Drawn)
    return counts * (checkpoints + 1 if over_samples else 1)


def results(context: Context, figure: Figure, options: Options, job: Job) -> Results:
    """The results of one job. Steps and step sizes are those of SGD: gradient descent keeps its own, derived, ones."""
    series: Series = figure.series[job.series]
    if isinstance(series, Drawn):
        draws = options.draws or draws_at(options.size)
        return [drawn_point(context, figure, series, options.size, job.N, draws)]
    chosen = options if series.training.batch else Options(size=options.size)
    return trained_points(context, figure, series, (options.size, job.N), chosen.steps, chosen.step_sizes)


@dataclass(frozen=True, kw_only=True)
class Points:
    """The figure at a size that a profile can afford, so that every run gives it a status; one task a series.

    size: d in a profile. ratios: the N/d that are tried there.
    """

    figure: Figure
    ratios: tuple[float, ...]
    size: Callable[[Context], int]
    part: str = ""
    name: str = "points"

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a line whose configuration the domains make nothing of."""
        self.figure.validate()

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task a series."""
        return [self._task(claim, k) for k in range(len(self.figure.series))]

    def _task(self, claim: Claim, k: int) -> Task:
        small = replace(self.figure, ratios=self.ratios)
        name = f"{self.name} of {small.series[k].name} by {small.series[k].how}"

        def run(context: Context) -> Results:
            size = self.size(context)
            options = Options(size=size, draws=max(EXACT, draws_at(size)))
            mine = [job for job in jobs(small, size) if job.series == k]
            return [result for job in mine for result in results(context, small, options, job)]

        # The N of a series do not hang on the size, but for those that round to one another.
        confirms = results_of(small.series[k], len(small.ratios), small.checkpoints)
        return Task(claim=claim, part=claim.part(self.part), name=name, run=run, confirms=confirms)
