"""What items cost: the seconds that they took last, and a guess where nothing is remembered; and which come first.

The dearest do: a worker that begins a long item last is waited for by all the others. Where a clock may overtake a
run, its plan's own order goes before: what is lost then is what the plan would miss least.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.result import Verdict
from lazy_assay.theory import Rate

# Where a run keeps them in its report folder, and where pytest does in its cache.
SECONDS, CACHED = ".seconds", "assay/seconds"
# Where a run that has a budget keeps the order of its items.
ORDER = ".order"
# Guesses for what has never run here, in the order of what they are: experiments train networks, rates simulate every
# size, a search visits configurations, and what is left is algebra.
TRAINS, SWEEPS, SEARCHES, COMPUTES = 10.0, 5.0, 1.0, 0.1


def cost(task: Task, remembered: Mapping[str, float]) -> float:
    """Seconds that a task took last, else a guess."""
    return remembered[task.id] if task.id in remembered else estimate(task)


def estimate(task: Task) -> float:
    """Seconds that a task of its kind may take."""
    if task.routes and task.part.kind == "Observation":
        return TRAINS
    if task.routes and isinstance(task.part, Rate):
        return SWEEPS
    return SEARCHES if task.searches else COMPUTES


def turn(seconds: Mapping[str, float], order: Sequence[str] = ()) -> Callable[[Task], tuple[int, float]]:
    """A key that sorts tasks as they should be begun: as `order` has their ids, then the dearest first."""
    places = {item: place for place, item in enumerate(order)}
    return lambda task: (places.get(task.id, len(places)), -cost(task, seconds))


def begun(tasks: Iterable[Task], seconds: Mapping[str, float], order: Sequence[str] = ()) -> list[Task]:
    """Tasks as they should be begun (`turn`), those last that read nothing but what others before them have made.

    Beside the task that makes it a worker would only wait for it.
    """
    key = turn(seconds, order)
    known: set[Hashable] = set()
    repeats: set[str] = set()
    first = sorted(tasks, key=key)
    for task in first:
        if task.reads and task.reads <= known:
            repeats.add(task.id)
        known |= task.reads
    return sorted(first, key=lambda task: (key(task)[0], task.id in repeats))


def spent(rows: Iterable[tuple[Any, Any]]) -> dict[str, float]:
    """Seconds by task, of each result's task and seconds; a pair that is no such thing is passed over."""
    total: Counter[str] = Counter()
    for task, seconds in rows:
        if isinstance(task, str) and _is_cost(seconds):
            total[task] += seconds
    return {task: round(seconds, 3) for task, seconds in total.items()}


def remembered(folder: Path, ledger: Ledger) -> dict[str, float]:
    """What the runs before took, asked before a run begins in `folder` and its own results begin anew.

    What the folder's last run says wins over the user's ledger. A folder or a ledger that cannot be read says nothing.
    """
    known: dict[str, float] = {}
    with suppress(LedgerError, KeyError, TypeError):
        known |= _of_rows(ledger.last_run()["results"])
    return known | later(read(folder / SECONDS), _last(folder))


def remember(folder: Path, known: Mapping[str, float], order: Sequence[str] = ()) -> None:
    """Keep it beside the run, after the run's own head: on a full disk that goes first, and this is left out."""
    with suppress(OSError):
        files.place(folder / SECONDS, json.dumps(dict(known)))
        if order:
            files.place(folder / ORDER, json.dumps(list(order)))
        else:
            (folder / ORDER).unlink(missing_ok=True)


def later(before: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    """What is remembered after another run. One that met its draws stored took no time: what was known fades slowly."""
    return {item: max(last.get(item, 0.0), before.get(item, 0.0) / 2) for item in {**before, **last}}


def _last(folder: Path) -> dict[str, float]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _of_rows(files.read_json(folder / "results.json")["results"])
    # A run that was stopped has no such file.
    with suppress(journal.JournalError):
        entries = journal.read(folder / "results.jsonl").entries.values()
        results = (result for entry in entries for result in entry.results)
        return spent((result.task, result.seconds) for result in results if result.verdict is not Verdict.ELSEWHERE)
    return {}


def _of_rows(rows: Any) -> dict[str, float]:
    told = (row for row in rows if isinstance(row, dict) and row.get("verdict") != Verdict.ELSEWHERE)
    return spent((row.get("task"), row.get("seconds")) for row in told)


def read(path: Path) -> dict[str, float]:
    """What `remember` keeps, without trust: empty for a file that is none of ours."""
    try:
        return checked(files.read_json(path))
    except (OSError, ValueError):
        return {}


def ordered(path: Path) -> list[str]:
    """The order that `remember` keeps, without trust: empty for a file that is none of ours."""
    with suppress(OSError, ValueError):
        stored = files.read_json(path)
        return [item for item in stored if isinstance(item, str)] if isinstance(stored, list) else []
    return []


def checked(stored: Any) -> dict[str, float]:
    """Those entries of stored data that are seconds of an item."""
    if not isinstance(stored, dict):
        return {}
    return {item: float(seconds) for item, seconds in stored.items() if _is_cost(seconds)}


def _is_cost(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9
