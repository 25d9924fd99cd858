"""An experiment's figure: every effect or slope with its interval, beside what it is held against, at any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lazy_assay.checks.procedures.figures import _cost, _forest
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.procedures.figures._table import placed
from lazy_assay.checks.vocabulary.check import Declared, Task
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.theory import Claim
from lazy_assay.theory._parameter import LARGEST_SIZE

COLUMNS = (
    *("part", "subject", "route", "configuration", "larger", "smaller", "estimate", "low", "high", "beside"),
    *("seeds", "diverged", "stage", "verdict", "word"),
)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A figure that is a set of measured effects: one row a contrast or slope, grouped by part, controls in grey.

    at: the procedures that measure it at a size (with the seeds that are asked for), the same kinds as the check's own.
    smallest, largest: sizes that are taken; usual: the one where none is asked for. measure: what the size is, in
    words. flops: of all that is run at given options.
    """

    claim: Claim
    title: str
    at: Callable[[Options], Sequence[Declared]]
    smallest: int
    measure: str
    flops: Callable[[Options], float]
    largest: int = LARGEST_SIZE
    usual: int = 100

    def tasks(self, options: Options) -> Sequence[Task]:
        """Those of its procedures."""
        return [task for procedure in self.at(options) for task in procedure.tasks(self.claim)]

    def plan(self, options: Options, cores: int) -> list[str]:
        """Operations, and time here and on a GPU."""
        return _cost.summed(f"{self.claim.id} at {self.measure} {options.size}", self.flops(options), cores)

    def line(self, task: Task, results: Sequence[Result]) -> str:
        """What a task found, contrast by contrast."""
        told = (
            f"{row.route} {row.estimate:.3g} in [{row.interval[0]:.3g}, {row.interval[1]:.3g}], "
            f"{row.word or row.verdict}"
            for row in results
        )
        return f"{task.name}: {'; '.join(told)}"

    def write(
        self, folder: Path, options: Options, results: Sequence[Result], head: Mapping[str, Any], words: str
    ) -> list[Path]:
        """The picture and the table of its rows."""
        title = f"{self.title}\n{self.measure} = {options.size}: {words}"
        tables = placed(folder, COLUMNS, [row(result) for result in results], head)
        return [*_forest.draw(folder, self.claim, title, results), *tables]

    def remarks(self, results: Sequence[Result]) -> list[str]:
        """What was found of each contrast that decides."""
        return [result.message for result in results if result.message and result.subject == "claim"]


def row(result: Result) -> dict[str, Any]:
    """A result as a row; absent numbers are None."""
    told: dict[str, Any] = {
        "part": result.part,
        "subject": result.subject.value,
        "route": result.name or result.route,
        "configuration": ", ".join(f"{name}={value}" for name, value in result.configuration.items()),
        "larger": result.figures.get("larger"),
        "smaller": result.figures.get("smaller"),
        "estimate": result.estimate,
        "low": result.interval[0],
        "high": result.interval[1],
        "beside": result.predicted,
        "seeds": result.trials,
        "diverged": result.diverged,
        "stage": result.stage,
        "verdict": result.verdict.value,
        "word": result.word,
    }
    return {name: told[name] for name in COLUMNS}
