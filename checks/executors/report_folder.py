"""A report folder: made ready for one run, held by it alone, and never another's."""

from __future__ import annotations

import datetime
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.executors.costs import SECONDS
from lazy_assay.checks.vocabulary import files

if TYPE_CHECKING:
    from lazy_assay.checks.executors.plan import Plan

HEAD, LINES, PAGE, DRAWS = "run.json", "results.jsonl", "index.html", "draws"
OURS = (HEAD, PAGE, LINES, "results.json", "summary.md", "junit.xml", ".done", ".running", SECONDS, DRAWS)


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def plain(folder: Path) -> None:
    """Raise UsageError where a link, a pipe or a folder stands in the place of one of our files.

    A link would have its target emptied or filled, a pipe blocks whoever opens it.
    """
    for path in (folder / name for name in OURS):
        if path.is_symlink():
            raise UsageError(f"{path} is a link, and is not followed; remove it, or choose another --report")
        if path.exists() and not (path.is_dir() if path.name == DRAWS else path.is_file()):
            what = "folder" if path.name == DRAWS else "regular file"
            raise UsageError(f"{path} is no {what}; remove it, or choose another --report")


def writable(folder: Path) -> None:
    """Create the report folder. Raises UsageError where nothing can be written there, or what stands there is not ours.

    An index.html without a run is another's.
    """
    plain(folder)
    if (folder / PAGE).exists() and not any((folder / name).exists() for name in (HEAD, LINES, "results.json")):
        raise UsageError(f"{folder / PAGE} is not a report of Assay's; choose another folder with --report")
    try:
        files.try_out(folder)
    except OSError as error:
        raise UsageError(
            f"report folder {folder} cannot be written ({error.strerror}); choose another with --report"
        ) from None


def begin(folder: Path, fresh: Plan) -> str:
    """Make the folder ready for a new run; an unfinished run's results are set aside, never thrown away."""
    log, note = folder / LINES, ""
    if log.exists() and not _complete(folder):
        aside = log.with_name(f"results-{time.time_ns()}.jsonl")
        log.replace(aside)
        note = f"an unfinished run was here; its results are in {aside.name} (--resume would have continued it)"
    log.unlink(missing_ok=True)
    (folder / "results.json").unlink(missing_ok=True)
    files.place(folder / HEAD, json.dumps(asdict(fresh), indent=1))
    return note


def _complete(folder: Path) -> bool:
    """Whether the run in `folder` has a report of its own, not an older run's, and left nothing out."""
    try:
        told = files.read_json(folder / "results.json")
        begun = files.read_json(folder / HEAD)
        return bool(told["run"]["id"] == begun["id"] and not told["coverage"]["skipped"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the report folder for one run. Raises UsageError, naming the holder, where another run has it."""
    path = folder / ".running"
    with path.open("a+", encoding="utf-8") as file:
        # A file that its last holder has just taken away locks nobody else out.
        if not _locked(file) or not path.exists() or os.fstat(file.fileno()).st_ino != path.stat().st_ino:
            file.seek(0)
            holder = file.read(200).strip() or "another process"
            raise UsageError(f"{folder} is in use by {holder}; wait for it, or choose another with --report")
        file.truncate(0)
        file.write(f"the run of process {os.getpid()}, begun {now()}")
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _locked(file: Any) -> bool:
    """Whether this process holds the file now; where the system has no such locks nobody is kept out."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
