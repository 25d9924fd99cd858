"""Finds every claim by walking the package: a new theorem is a new file, and no list is edited."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from lazy_assay import theory
from lazy_assay.theory._claim import Claim


class UnknownClaimError(LookupError):
    """No claim has that id; the message suggests the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


@cache
def ids() -> tuple[str, ...]:
    """Every claim's id, in order, without importing its file."""
    found = []
    for paper in pkgutil.iter_modules(theory.__path__):
        if paper.ispkg and not paper.name.startswith("_"):
            package = importlib.import_module(f"{theory.__name__}.{paper.name}")
            modules = pkgutil.iter_modules(package.__path__)
            found += [f"{paper.name}.{m.name}" for m in modules if not m.name.startswith("_")]
    return tuple(sorted(found))


def claims() -> Iterator[Claim]:
    """Every claim, ordered by id."""
    return (claim(id) for id in ids())


def claim(id: str) -> Claim:
    """The claim of that id. Raises UnknownClaimError, with the nearest ids, where there is none."""
    if id not in ids():
        near = difflib.get_close_matches(id, ids(), n=2, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "`assay list` shows them all"
        raise UnknownClaimError(f"unknown claim {id}; {hint}")
    found: Claim = importlib.import_module(f"{theory.__name__}.{id}").CLAIM
    return found
