"""A frame of risks as a figure that can be drawn at any size: a task a series and N."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lazy_assay.checks.procedures.figures import _cost, _picture, _table
from lazy_assay.checks.procedures.figures._declaration import Figure
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.procedures.figures._procedure import Job, jobs, results, results_of
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.result import Result


@dataclass(frozen=True, kw_only=True)
class Frame(Figure):
    """Risks against N/d, or against the number of samples."""

    @property
    def measure(self) -> str:
        """The dimension."""
        return "d"

    @property
    def usual(self) -> int:
        """A dimension at which a frame takes minutes."""
        return 100

    def tasks(self, options: Options) -> Sequence[Task]:
        """One for each series and N."""
        return [self._task(options, job) for job in jobs(self, options.size)]

    def _task(self, options: Options, job: Job) -> Task:
        series = self.series[job.series]
        return Task(
            claim=self.claim,
            part=self.claim.parts[0],
            name=f"{series.name} by {series.how}, N = {job.N}",
            run=lambda context: results(context, self, options, job),
            confirms=results_of(series, 1, self.checkpoints),
        )

    def plan(self, options: Options, cores: int) -> list[str]:
        """FLOPs, memory and time of each series."""
        return _cost.told(self, options, cores)

    def line(self, task: Task, results: Sequence[Result]) -> str:
        """The last result of a task: that of the most samples."""
        last = results[-1]
        return f"{task.name}: {last.estimate:.4f} in [{last.interval[0]:.4f}, {last.interval[1]:.4f}], {last.verdict}"

    def write(
        self, folder: Path, options: Options, results: Sequence[Result], head: Mapping[str, Any], words: str
    ) -> list[Path]:
        """The picture and the table of its points."""
        tables = _table.write(folder, results, head)
        return [*_picture.draw(folder, self, options.size, results, words), *tables]

    def remarks(self, results: Sequence[Result]) -> list[str]:
        """Exponents of the excess in the number of samples."""
        return [
            f"{row.route}: excess ~ n^{row.estimate:.2f} in [{row.interval[0]:.2f}, {row.interval[1]:.2f}]"
            for row in results
            if row.check == "rate"
        ]
