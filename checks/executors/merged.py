"""Several runs as one: the shards of a night, or one night on several devices, summed up as a single run would be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.engine.summary import data, summarise
from lazy_assay.checks.executors.run import INCOMPLETE, MACHINE, OK, worse
from lazy_assay.checks.report import InvalidDataError, readable
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.result import Result, from_json, to_json

# Runs that differ in one of these are no parts of one run: `assay compare` holds them against each other.
SAME = ("profile", "entropy", "code")
APART = ("seconds", "message")
Data = Mapping[str, Any]


def merged(folders: Sequence[Path]) -> tuple[dict[str, Any], list[str]]:
    """The data of all runs in these report folders as one, and a sentence for each thing that a reader should know.

    Statuses are summed up again from all results. A comparison that two runs made on one device must be the same in
    both; where it is not, the first is kept and it is told. Raises UsageError for a folder without a run, or for runs
    of different profiles, entropies or code.
    """
    read = [_stored(folder) for folder in folders]
    told = [sentence for _, left_out in read for sentence in left_out]
    runs = [stored["run"] for stored, _ in read]
    for name in SAME:
        values = [str(run.get(name)) for run in runs]
        if len(set(values)) > 1:
            raise UsageError(
                f"runs of one {name} make one report, but {folders[0]} has {values[0]} and another has "
                f"{next(value for value in values if value != values[0])}; see `assay compare`"
            )
    finished = _finished([stored for stored, _ in read], told)
    summary = summarise(finished, _union(runs, "selection") or None)
    skipped = [entry for stored, _ in read for entry in stored["coverage"]["skipped"]]
    failed = {entry["item"]: entry["reason"] for entry in skipped if entry["item"] not in finished}
    # A shard says of the other shards' items that they were not run: where none failed, nothing did.
    codes = [MACHINE for run in runs if run["exit_code"] == MACHINE]
    code = worse(*codes, summary.exit_code, INCOMPLETE if _union(runs, "refused") else OK)
    return data(summary, _head(runs, code), failed, {}), told


def _stored(folder: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        return readable(files.read_json(folder / "results.json"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, InvalidDataError) as error:
        raise UsageError(f"{folder} holds no results.json of a run ({error!s:.200}); name a report folder") from None


def _finished(stored: Sequence[Data], told: list[str]) -> dict[str, list[Result]]:
    """The results of each item, those of one device once."""
    found: dict[str, dict[str, Result]] = {}
    for row in (row for run in stored for row in run["results"]):
        result = from_json(row)
        mine = found.setdefault(result.task, {})
        known = mine.setdefault(result.id, result)
        if known is not result and _plain(known) != _plain(result):
            told.append(f"result {result.id} of {result.task} differs between two of the runs: the first is kept")
    return {task: list(results.values()) for task, results in found.items()}


def _plain(result: Result) -> dict[str, Any]:
    return {name: value for name, value in to_json(result).items() if name not in APART}


def _head(runs: Sequence[Data], code: int) -> dict[str, Any]:
    ids = [str(run["id"]) for run in runs]
    return {
        **runs[0],
        "id": f"merged-{hashlib.blake2b(' '.join(sorted(ids)).encode(), digest_size=6).hexdigest()}",
        "started": min(run["started"] for run in runs),
        "finished": max(run["finished"] for run in runs),
        "seconds": sum(float(run["seconds"]) for run in runs),
        "device": "+".join(dict.fromkeys(run["device"] for run in runs)),
        "device_reason": "; ".join(dict.fromkeys(run["device_reason"] for run in runs)),
        "selection": _union(runs, "selection"),
        "refused": _union(runs, "refused"),
        "exit_code": code,
    }


def _union(runs: Sequence[Data], name: str) -> list[str]:
    return list(dict.fromkeys(entry for run in runs for entry in run.get(name) or ()))
