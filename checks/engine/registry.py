"""The check of a claim, and the tasks of both; what cannot be loaded has one task, which says why nothing ran."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.procedures.figures._drawable import Drawable
from lazy_assay.checks.vocabulary.check import Check, Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Subject, Verdict
from lazy_assay.theory import Claim, Part, UnloadedClaimError
from lazy_assay.theory._catalogue import Place, catalogue, one_line
from lazy_assay.theory._discovery import claim_or_fault, fault_of, ids, loaded_from, shown


@dataclass(frozen=True, kw_only=True)
class NotLoaded:
    """In place of all procedures of a part, where the claim's file or its check's cannot be loaded."""

    part: str
    fault: str

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task: NOT_RUN, with the line that says why."""
        part = claim.part(self.part)
        return [Task(claim=claim, part=part, name="not loaded", run=lambda context: self.run(context, part))]

    def validate(self, claim: Claim) -> None:
        """Nothing was declared."""

    def run(self, context: Context, part: Part) -> Results:
        """The one result."""
        return [
            context.result(
                part,
                check="not loaded",
                subject=Subject.CLAIM,
                configuration={},
                route="not loaded",
                verdict=Verdict.NOT_RUN,
                message=self.fault,
            )
        ]


def figure(id: str) -> Drawable:
    """The figure that a claim's check file declares. Raises UsageError where there is none."""
    try:
        found: Drawable = importlib.import_module(catalogue().place(id).check).FIGURE
    except (ModuleNotFoundError, AttributeError):
        known = ", ".join(other for other in ids() if ".figure" in other)
        raise UsageError(f"{id} has no figure to draw; figures are {known}") from None
    return found


def check(id: str) -> Check:
    """The check of a claim: its file's `CHECK`, or one that holds only what its kinds generate.

    Where claim or check cannot be loaded, one of `NotLoaded` for each part. Raises theory.UnknownClaimError where there
    is no such claim.
    """
    place, claim = catalogue().place(id), claim_or_fault(id)
    if fault := fault_of(claim):
        return _not_loaded(claim, fault)
    try:
        return declared(place, claim)
    except UnloadedClaimError as error:
        return _not_loaded(claim, str(error))


def declared(place: Place, claim: Claim) -> Check:
    """What a claim's check file says. Raises UnloadedClaimError, one line, for a file that cannot be loaded."""
    if not place.check_file.is_file():
        return Check(claim=claim)
    found: Check = loaded_from(place, place.check, place.check_file, "CHECK", Check)
    if found.claim is not claim:
        raise UnloadedClaimError(
            f"{shown(place, place.check_file)}: claim: the check is about {found.claim.id}, not {claim.id}; "
            f"its file has the claim's name"
        )
    return found


def _not_loaded(claim: Claim, fault: str) -> Check:
    return Check(claim=claim, procedures=tuple(NotLoaded(part=part.name, fault=fault) for part in claim.parts))


def faults(ids: Iterable[str]) -> dict[str, str]:
    """Why claims cannot be loaded, by the ids of those that cannot."""
    lines = {id: [p.fault for p in check(id).procedures if isinstance(p, NotLoaded)] for id in ids}
    return {id: told[0] for id, told in lines.items() if told}


@cache
def tasks(id: str) -> tuple[Task, ...]:
    """Every task of a claim: those that its kinds generate, then those that its check declares."""
    from lazy_assay.checks.procedures import generated

    found = check(id)
    stopped = any(isinstance(procedure, NotLoaded) for procedure in found.procedures)
    implied = [] if stopped else generated(found.claim)
    try:
        return tuple(task for it in (*implied, *found.procedures) for task in it.tasks(found.claim))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        place = catalogue().place(id)
        fault = f"{shown(place, place.check_file)}: procedures: {one_line(error)}"
        return tuple(task for it in _not_loaded(found.claim, fault).procedures for task in it.tasks(found.claim))


def item_name(task: Task) -> str:
    """What pytest calls a task's item, inside its claim's file."""
    return f"{task.part.name}: {task.name}" if task.part.name else task.name


def task_at(node: str) -> Task | None:
    """The task behind a pytest node id, or None for a test that is no claim's."""
    place = catalogue().named(node)
    name = node.partition("::")[2]
    return next((task for task in tasks(place.id) if item_name(task) == name), None) if place else None
