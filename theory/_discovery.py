"""Loads claims: a new theorem is a new file, and no list is edited. A broken file costs its own claim."""

from __future__ import annotations

import functools
import importlib
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import sympy as sp

from lazy_assay.theory._catalogue import Place, catalogue, one_line
from lazy_assay.theory._claim import Claim
from lazy_assay.theory._evidence import Paper, Source
from lazy_assay.theory._part import Part, Quantity


class UnloadedClaimError(ValueError):
    """A claim whose file, or whose check's file, cannot be loaded; the message is one line: file, line, reason."""


@dataclass(frozen=True, kw_only=True)
class Unloaded(Part):
    """What stands for a claim that cannot be loaded: its sentence says why. It is listed, and never run."""

    kind: ClassVar[str] = "not loaded"


def ids() -> tuple[str, ...]:
    """Every claim's id, in order, without importing its file."""
    return catalogue().ids()


def claims() -> Iterator[Claim]:
    """Every claim, ordered by id. A warning says which cannot be loaded, and why."""
    for id in ids():
        loaded = claim_or_fault(id)
        if fault := fault_of(loaded):
            warnings.warn(fault, RuntimeWarning, stacklevel=2)
        else:
            yield loaded


def claim(id: str) -> Claim:
    """The claim of that id. Raises UnknownClaimError, with the nearest ids, where there is none, and
    UnloadedClaimError where its file cannot be loaded."""
    loaded = claim_or_fault(id)
    if fault := fault_of(loaded):
        raise UnloadedClaimError(fault)
    return loaded


def fault_of(claim: Claim) -> str:
    """Why a claim could not be loaded, on one line; empty for one that is."""
    return next((part.sentence for part in claim.parts if isinstance(part, Unloaded)), "")


@functools.cache
def claim_or_fault(id: str) -> Claim:
    """The claim of that id, or what stands in its place where it cannot be loaded. Raises UnknownClaimError."""
    place = catalogue().place(id)
    try:
        loaded: Claim = loaded_from(place, place.theory, place.file, "CLAIM", Claim)
        if loaded.id != id:
            raise UnloadedClaimError(f"{shown(place, place.file)}: module: CLAIM is about {loaded.id}; say __name__")
    except UnloadedClaimError as error:
        return stand_in(place, str(error))
    return loaded


def loaded_from(place: Place, module: str, file: Path, name: str, kind: type[Any]) -> Any:
    """What a claim's or check's file calls `name`. Raises UnloadedClaimError, one line that names file and line."""
    try:
        found = getattr(importlib.import_module(module), name, None)
    except (Exception, SystemExit) as error:
        raise UnloadedClaimError(_told(place, file, error)) from error
    if not isinstance(found, kind):
        raise UnloadedClaimError(f"{shown(place, file)}: {name}: the file must set it to a {kind.__name__}")
    return found


def _told(place: Place, file: Path, error: BaseException) -> str:
    """Where an import failed, and why: the innermost line of the collection's own, for what it imports may be ours."""
    folder = place.collection.folder
    frames = [row for row in traceback.extract_tb(error.__traceback__) if Path(row.filename).is_absolute()]
    rows = [(Path(row.filename).resolve(), row.lineno) for row in frames]
    if isinstance(error, SyntaxError) and error.filename:
        rows, error = [*rows, (Path(error.filename).resolve(), error.lineno)], SyntaxError(error.msg)
    own = [(path, line) for path, line in rows if path.is_relative_to(folder)] or [(file, None)]
    path, line = own[-1]
    return f"{shown(place, path)}{f', line {line}' if line else ''}: {one_line(error)}"


def shown(place: Place, path: Path) -> str:
    """A file as messages name it: from its collection's folder on, which comes first where it is not ours."""
    folder = place.collection.folder
    inside = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    return inside if place.collection.built_in else f"{place.collection.name}: {inside}"


def stand_in(place: Place, fault: str) -> Claim:
    """A claim that says why it cannot be loaded."""
    nothing = Quantity(symbol=sp.Symbol(place.statement), meaning="nothing: it cannot be loaded")
    paper = Paper(key=place.paper, authors=place.collection.name, title="", venue="", year=0)
    return Claim(
        module=place.theory,
        title="cannot be loaded",
        source=Source(paper=paper, locator=place.statement),
        parts=(Unloaded(sentence=fault, quantity=nothing),),
    )
