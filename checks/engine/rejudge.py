"""Judges stored draws again, where a statement was mended: what a run drew is held against what is claimed now.

Nothing is simulated. Draws are found by content address, so they serve for as long as simulation, libraries and machine
are those that made them; a task that wants a draw which is not stored is left out, and that is told. What comes of it
is shown and not kept: a statement that was mended by looking at these draws is confirmed by fresh ones alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lazy_assay.checks.engine.order import Order, UsageError, validate
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.result import Result


class NotStoredError(Exception):
    """A task asked for draws that are not stored."""


@dataclass(frozen=True)
class OnlyStored(FolderStore):
    """Gives what is stored, and makes nothing. Raises NotStoredError for what is not."""

    def load(self, address: str) -> np.ndarray:
        """The draws of that address."""
        found = super().load(address)
        if found is None:
            raise NotStoredError(f"its draws {address[:12]} are not stored, or were made by other code or libraries")
        return found

    def save(self, address: str, draws: np.ndarray) -> None:
        """Nothing is kept here that was not drawn by a run."""
        raise NotStoredError(f"{address[:12]} was not drawn by the run")


@dataclass(kw_only=True)
class Rejudged:
    """finished: the results of each task by now. left: why a task could not be judged. changed: (was, now) as JSON data
    of each comparison whose verdict, prediction or allowance is another; `now` is None for one that is no longer
    made."""

    finished: dict[str, list[Result]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    changed: list[tuple[Mapping[str, Any], Result | None]] = field(default_factory=list)


def rejudged(folder: Path, claims: Sequence[str]) -> Rejudged:
    """The run in a report folder, judged again on its draws: of these claims, or of all that it ran.

    Raises UsageError for a folder without a run.
    """
    run, rows = _stored(folder)
    validate(run["profile"], run["entropy"], run["device"])
    names = {name: run[name] for name in ("profile", "entropy", "device")}
    told, store = Rejudged(), OnlyStored(folder / "draws")
    ran = {str(row["claim"]) for row in rows}
    for claim in [id for id in claims if id in ran] if claims else sorted(ran):
        for task in tasks(claim):
            try:
                found = perform(Order(task=task.id, data_dir=run.get("data_dir", ""), **names), store=store)
            except NotStoredError as absent:
                told.left[task.id] = str(absent)
                continue
            told.finished[task.id] = found
            told.changed += _changed([row for row in rows if row["task"] == task.id], found)
    return told


def _changed(
    rows: Sequence[Mapping[str, Any]], found: Sequence[Result]
) -> list[tuple[Mapping[str, Any], Result | None]]:
    now = {result.comparison: result for result in found}
    pairs = [(row, now.get(row["comparison"])) for row in rows]
    return [(row, result) for row, result in pairs if result is None or _differs(row, result)]


def _differs(row: Mapping[str, Any], result: Result) -> bool:
    same = row["verdict"] == result.verdict and str(row["predicted"]) == str(result.predicted)
    return not same or any(str(row["tolerance"][name]) != str(size) for name, size in result.tolerance.parts().items())


def _stored(folder: Path) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    try:
        told = files.read_json(folder / "results.json")
        run, rows = told["run"], told["results"]
        if not all(isinstance(row["comparison"], str) and isinstance(row["tolerance"], dict) for row in rows):
            raise TypeError
        names = ("profile", "entropy", "device")
        return {name: run[name] for name in names} | {"data_dir": run.get("data_dir", "")}, rows
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder} holds no run with results; name a report folder with --report") from None
