"""A part's tasks with the draws that they have made: what each mutant of the part comes to, at little more cost."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from lazy_assay.checks.engine.perform import rates, suspects
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.power.mutants import Dial, Mutant
from lazy_assay.checks.procedures import generated
from lazy_assay.checks.vocabulary.check import Task, Values
from lazy_assay.checks.vocabulary.context import Context, MemoryStore
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Claim, Part

# What is confronted without a simulation compares a formula with a formula: a mistake in the theorem is in both.
CHAIN = ("statement", "approach")


# Draws kept for what asks for them again; what a memory holds is not drawn twice in any case.
KEPT_BYTES = 2**27


@dataclass
class FewDraws(MemoryStore):
    """The first draws of a task, as many as it may hold."""

    left: int = KEPT_BYTES

    def save(self, address: str, draws: np.ndarray) -> None:
        if draws.nbytes <= self.left:
            self.left -= draws.nbytes
            super().save(address, draws)


@dataclass
class Cell:
    """A prediction that was compared, with its configuration's values."""

    values: Values
    predicted: float


@dataclass
class Bench:
    """One task. Its runs differ in what is tried alone: draws, settings and confidence sets are made once.

    remade: the same task of a claim in which another part stands.
    """

    task: Task
    context: Context
    remade: Callable[[Part], Task]
    cells: list[Cell] = field(default_factory=list)
    dials: set[Dial] = field(default_factory=set)

    @cached_property
    def straight(self) -> tuple[list[Result], float]:
        """The results of the claim as it stands, and the seconds that they took; notes which dials it has."""
        began = time.perf_counter()
        results = claimed(self.task.run(replace(self.context, distort=self._noting())))
        return results, time.perf_counter() - began

    def _noting(self) -> Distortion:
        """Changes nothing, and notes every prediction and every dial that is asked."""
        seen: set[int] = set()

        def prediction(value: float, values: Values) -> float:
            self.dials.add(Dial.PREDICTION)
            if id(values) not in seen:
                seen.add(id(values))
                self.cells.append(Cell(values, value))
            return value

        def noted(dial: Dial) -> Callable[..., Any]:
            def same(value: Any, *_: Any) -> Any:
                self.dials.add(dial)
                return value

            return same

        effect, threshold, plant = map(noted, (Dial.EFFECT, Dial.THRESHOLD, Dial.PLANT))
        return Distortion(prediction=prediction, effect=effect, threshold=threshold, plant=plant)

    def predictions(self, mutant: Mutant) -> list[tuple[float, float]]:
        """(right, mistaken) wherever the task compares."""
        assert self.straight
        return [(cell.predicted, mutant.distortion.prediction(cell.predicted, cell.values)) for cell in self.cells]

    def judged(self, mutant: Mutant) -> list[Result]:
        """The results of the claim with a mistake in it."""
        task = self.task if mutant.part is None else self.remade(mutant.part)
        return claimed(task.run(replace(self.context, distort=mutant.distortion)))


def benches(claim: Claim, part: Part, profile: str, entropy: int) -> list[Bench]:
    """Every task of a part but the comparisons of its formulas with one another."""
    mine = [task for task in tasks(claim.id) if task.part is part and task.name not in CHAIN]
    return [Bench(task, _context(task, profile, entropy), partial(_remade, task)) for task in mine]


def _context(task: Task, profile: str, entropy: int) -> Context:
    """What every run of a task shares, with the rates and the share of suspects of a real run.

    No time guard is set, nothing climbs, and a suspect is confirmed where it was found: in those a run may differ.
    """
    id = task.claim.id
    return Context(
        claim=task.claim,
        profile=replace(PROFILES[profile], guard=math.inf, targeted=False),
        entropy=entropy,
        rates=rates(tasks(id)),
        suspects=suspects(id).get(task.id, 0),
        store=FewDraws(),
        memory={},
    )


def _remade(task: Task, part: Part) -> Task:
    parts = tuple(part if it.name == part.name else it for it in task.claim.parts)
    claim = replace(task.claim, parts=parts)
    procedures = (*generated(claim), *check(claim.id).procedures)
    return next(it for procedure in procedures for it in procedure.tasks(claim) if it.id == task.id)


def claimed(results: Sequence[Result]) -> list[Result]:
    """Those about the claim itself."""
    return [result for result in results if result.subject is Subject.CLAIM]


def refuted(results: Sequence[Result]) -> Result | None:
    """The first refutation."""
    return next((result for result in results if result.verdict is Verdict.DISAGREES), None)
