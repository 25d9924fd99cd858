"""What `assay figure` asks of a figure, whatever it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.theory import Claim


class Drawable(Protocol):
    """A figure of a paper: its points are tasks, which any executor takes; results become a table and a picture."""

    @property
    def claim(self) -> Claim:
        """Whose figure it is."""
        ...

    @property
    def smallest(self) -> int:
        """The least size at which there is something to draw."""
        ...

    @property
    def largest(self) -> int:
        """The largest size that is taken."""
        ...

    @property
    def usual(self) -> int:
        """The size that is taken where none is asked for: minutes on one core."""
        ...

    @property
    def measure(self) -> str:
        """What the size is: d, a width, a number of seeds."""
        ...

    def tasks(self, options: Options) -> Sequence[Task]:
        """A task a point, or a few that one run gives; each confirms as many results as it says."""
        ...

    def plan(self, options: Options, cores: int) -> list[str]:
        """What it would cost, in lines; runs and writes nothing."""
        ...

    def line(self, task: Task, results: Sequence[Result]) -> str:
        """What became of a task, on one line."""
        ...

    def write(
        self, folder: Path, options: Options, results: Sequence[Result], head: Mapping[str, Any], words: str
    ) -> list[Path]:
        """figure.svg, figure.png, points.csv and points.json; the same results give the same bytes."""
        ...

    def remarks(self, results: Sequence[Result]) -> list[str]:
        """What else is said at the end, a line each."""
        ...
