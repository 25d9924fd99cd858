"""What a task says of a simulation with a fault in it, beside what it says of the sound one."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lazy_assay.checks.engine.perform import rates, run, suspects
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.power.bench import claimed, refuted
from lazy_assay.checks.power.faults.planted import Fault
from lazy_assay.checks.vocabulary.check import Route, Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Verdict


class Fate(StrEnum):
    """The values are the words shown. UNDECIDED: no longer confirmed, which fails a run as a refutation does."""

    CAUGHT = "caught"
    UNDECIDED = "no longer confirmed"
    MISSED = "not seen"
    ABSENT = "changes no draw"


@dataclass(frozen=True)
class Sighting:
    """What became of a fault in one task. reason: what refuted it, or why nothing did."""

    fault: str
    task: str
    fate: Fate
    reason: str
    seconds: float


@dataclass
class Watch:
    """A task at its anchors, without wrong versions; the sound run is made once. trials: of a search, four times as
    many of a confirmation; those of `quick` where none are said."""

    task: Task
    entropy: int = 0
    trials: int | None = None
    sound: tuple[Result, ...] = ()

    def context(self, **told: Any) -> Context:
        """What both runs share: budgets, rates and the share of suspects of a real run in `quick`."""
        id, quick = self.task.claim.id, PROFILES["quick"]
        most = {"search_trials": self.trials, "confirm_trials": 4 * self.trials} if self.trials else {}
        return Context(
            claim=self.task.claim,
            profile=replace(quick, examples=0, guard=math.inf, targeted=False, **most),  # type: ignore[arg-type]
            entropy=self.entropy,
            rates=rates(tasks(id)),
            suspects=suspects(id).get(self.task.id, 0),
            distort=Distortion(),
            **told,
        )

    def sighted(self, fault: Fault) -> Sighting:
        """Run the task with the fault in each of its simulations."""
        began = time.perf_counter()
        self.sound = self.sound or tuple(claimed(run(self.task, self.context())))
        stand_ins = {name: fault.spoil(each) for name, (each,) in self.task.simulations.items()}
        found = claimed(run(self.task, self.context(simulate=stand_ins)))
        fate, reason = judged(self.sound, found)
        return Sighting(fault.name, self.task.id, fate, reason, time.perf_counter() - began)


def judged(sound: Sequence[Result], found: Sequence[Result]) -> tuple[Fate, str]:
    """What the results with a fault say, where those of the sound simulation are known."""
    if refuted(sound):
        return Fate.ABSENT, "the sound simulation is refuted too"
    if told := refuted(found):
        return Fate.CAUGHT, f"{told.route} ({told.stage}): {told.estimate:.6g} against {told.predicted:.6g}"
    if [r.estimate for r in sound] == [r.estimate for r in found]:
        return Fate.ABSENT, "every estimate is the same"
    worse = [r for r in found if r.verdict is not Verdict.AGREES]
    if worse and all(r.verdict is Verdict.AGREES for r in sound):
        return Fate.UNDECIDED, worse[0].message or "no longer agrees"
    gap = max((abs(r.estimate - r.predicted) / (r.tolerance.bias + r.resolution or 1.0) for r in found), default=0.0)
    return Fate.MISSED, f"{gap:.2g} of what is allowed" + ", where the statement allows more" * (gap > 1)


def watches(id: str, part: str | None = None, entropy: int = 0, trials: int | None = None) -> list[Watch]:
    """The tasks of a claim, or of one of its parts, that simulate."""
    return [
        Watch(task, entropy, trials)
        for task in tasks(id)
        if (part is None or task.part.name == part)
        and task.routes
        and set(task.simulations) >= set(task.routes)
        and all(len(each) == 1 for each in task.simulations.values())
    ]


def fits(fault: Fault, watch: Watch) -> bool:
    """Whether a fault is one of such a task: laws of bounded draws are those of routes with bounds."""
    return not fault.bounded or all(route.bounds == (0.0, 1.0) for route in routes(watch.task))


def routes(task: Task) -> list[Route]:
    """The routes that a task runs, as its claim's check declares them."""
    mine = [it for it in check(task.claim.id).procedures if it.part == task.part.name]
    declared = [route for it in mine for route in (*getattr(it, "routes", ()), getattr(it, "route", None)) if route]
    return [route for route in declared if route.name in task.routes]
