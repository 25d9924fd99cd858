"""The main job: pytest with the plugin, in this process, over a report folder that survives a kill."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.made import made
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.engine.summary import data, summarise
from lazy_assay.checks.executors.plan import Plan, environment, plan, resumed
from lazy_assay.checks.executors.recorder import LINES, Recorder, finished
from lazy_assay.checks.executors.report_folder import HEAD, begin, now, writable
from lazy_assay.checks.ledger import Ledger, LedgerError, files
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.theory._catalogue import catalogue
from lazy_assay.theory._status import UNDECIDED_HERE

OK, DIFFERS, USAGE, INCOMPLETE, MACHINE = 0, 1, 2, 3, 4
# What pytest returns after Ctrl-C.
INTERRUPTED = 2


def execute(run: Plan, folder: Path, *, workers: str, ledger: Ledger, listener: Any) -> int:
    """Run every item that is not done, write the report, and return the exit code."""
    begun = time.monotonic()
    known = journal.read(folder / LINES)
    done = finished(folder / LINES, made(run.profile, run.entropy, run.device))
    if stale := len(known.entries) - len(done):
        listener.say(f"{stale} items were made by other code, libraries or settings than this run's: they run again")
    listener.say(*(f"{told}: skipped, its item runs again" for told in known.bad))
    skip = folder / ".done"
    files.place(skip, "\n".join(done))
    left = planned(run.selection) - len(done)
    status, recorder = _pytest(run, folder, skip, workers, listener) if left else (OK, None)
    if status == INTERRUPTED:
        listener.say(f"stopped; `assay run --resume --report {folder}` goes on from here")
    skip.unlink()
    results = recorder.finished if recorder else done
    if len(results) >= planned(run.selection):
        journal.close(folder / LINES)
    return report(run, folder, results, recorder, status, ledger, listener, time.monotonic() - begun)


def _pytest(run: Plan, folder: Path, skip: Path, workers: str, listener: Any) -> tuple[int, Recorder | None]:
    import pytest

    # No project, shell or folder of the user's has a say in what runs here, or in what a worker imports.
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        os.environ.pop(name, None)
    os.environ["PYTHONSAFEPATH"] = "1"
    files = [str(catalogue().place(id).file) for id in run.selection]
    arguments = [
        *files,
        "--assay",
        "--noconftest",
        "-c",
        str(Path(__file__).with_name("assay-pytest.ini")),
        "-p",
        "no:cacheprovider",
        "-p",
        "no:terminal",
        "-n",
        workers,
        "--maxschedchunk=1",
        f"--junitxml={folder / 'junit.xml'}",
        f"--assay-report={folder.resolve()}",
        f"--assay-profile={run.profile}",
        f"--assay-entropy={run.entropy}",
        f"--assay-device={run.device}",
        f"--assay-data-dir={run.data_dir}",
        f"--assay-skip={skip.resolve()}",
        *(f"--assay-collection={folder}" for folder in run.collections),
    ]
    status = pytest.main(arguments, plugins=[listener])
    return int(status), listener.recorder


def report(
    run: Plan,
    folder: Path,
    finished: Any,
    recorder: Recorder | None,
    status: int,
    ledger: Ledger,
    listener: Any,
    spent: float,
) -> int:
    """Write the report from what is finished; the ledger gets it too."""
    import lazy_assay.checks.report as checks_report

    summary = summarise(finished, run.selection)
    failed = recorder.failed if recorder else {}
    errors = [] if recorder or not status else [f"pytest ended with status {status} before anything ran"]
    errors += [recorder.unkept] if recorder and recorder.unkept else []
    broken = [r for claim in summary.claims for r in claim.results if r.fault]
    code = MACHINE if failed or broken or errors else worse(summary.exit_code, INCOMPLETE if run.refused else OK)
    listener.say(
        *errors, *(f"not run: {why}" for why in run.refused), *(f"{item}: {why}" for item, why in failed.items())
    )
    head = {
        **asdict(run),
        "selection": list(run.selection),
        "collections": list(run.collections),
        "refused": list(run.refused),
        "finished": now(),
        "seconds": spent,
        "exit_code": code,
    } | environment(run)
    previous, history = {}, {}
    try:
        history = ledger.history(before=run.started)
        previous = {claim: last_decided(entries) for claim, entries in history.items()}
    except LedgerError as error:
        listener.say(str(error))
    told = data(summary, head, failed, previous)
    page = checks_report.write(told, folder, history)
    try:
        ledger.record(told)
    except LedgerError as error:
        listener.say(str(error))
    listener.finish(summary, page, code)
    return code


def last_decided(entries: Sequence[dict[str, Any]]) -> str:
    """The last status of a claim that a run's profile decided; of runs that did not, the last."""
    decided = [entry["status"] for entry in entries if entry["status"] != UNDECIDED_HERE]
    return str(decided[-1] if decided else entries[-1]["status"])


def canary(night: Plan, folder: Path, *, workers: str, ledger: Ledger, quiet: bool, resume: bool = False) -> int:
    """The same claims in profile quick at entropy 0, every night: what changes here is code, not luck."""
    from lazy_assay.checks.executors.progress import Listener

    place = folder / "canary"
    writable(place)
    if resume and (place / HEAD).exists():
        fixed = resumed(place)
    else:
        fixed = plan(night.selection, "quick", 0, night.device, night.data_dir, night.refused)
        # Before the night that it stands beside, so that the night is the last run in the ledger.
        earlier = datetime.datetime.fromisoformat(night.started) - datetime.timedelta(seconds=1)
        fixed = replace(fixed, started=earlier.isoformat(timespec="seconds"))
        begin(place, fixed)
    listener = Listener(planned(fixed.selection), finished_items(place, fixed), quiet=quiet, announce=False)
    listener.say("canary: profile quick, entropy 0")
    return execute(fixed, place, workers=workers, ledger=ledger, listener=listener)


def worse(*codes: int) -> int:
    """The exit code of the highest priority: 2, 4, 1, 3, 0."""
    return next(code for code in (USAGE, MACHINE, DIFFERS, INCOMPLETE, OK) if code in codes)


def finished_items(folder: Path, run: Plan) -> int:
    """How many items of the run in `folder` are done."""
    return len(finished(folder / LINES, made(run.profile, run.entropy, run.device)))


def planned(selection: Sequence[str]) -> int:
    """How many items a selection has."""
    return sum(len(tasks(id)) for id in selection)
