"""Finds the check of a claim by its stem, and the tasks of both."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache

from lazy_assay import theory
from lazy_assay.checks.vocabulary.check import Check, Task


def check(id: str) -> Check:
    """The check of a claim: its file's `CHECK`, or one that holds only what its kinds generate.

    Raises theory.UnknownClaimError where there is no such claim.
    """
    claim = theory.claim(id)
    name = f"lazy_assay.checks.{id}"
    try:
        declared = importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        declared = False
    if not declared:
        return Check(claim=claim)
    found: Check = importlib.import_module(name).CHECK
    if found.claim is not claim:
        raise ValueError(
            f"[{id}] check: checks/{id.replace('.', '/')}.py is about {found.claim.id}; give it the same stem"
        )
    return found


@cache
def tasks(id: str) -> tuple[Task, ...]:
    """Every task of a claim: those that its kinds generate, then those that its check declares."""
    from lazy_assay.checks.procedures import generated

    found = check(id)
    procedures = (*generated(found.claim), *found.procedures)
    return tuple(task for procedure in procedures for task in procedure.tasks(found.claim))


@cache
def load_everything() -> None:
    """Import every claim, check and simulation: Hypothesis draws must not depend on which of them ran first."""
    import pkgutil

    from lazy_assay import sims

    for id in theory.ids():
        tasks(id)
    for module in pkgutil.walk_packages(sims.__path__, f"{sims.__name__}."):
        importlib.import_module(module.name)
