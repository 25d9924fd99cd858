"""The main job: pytest with the plugin, in this process, over a report folder that survives a kill."""

from __future__ import annotations

import datetime
import gc
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.made import made
from lazy_assay.checks.engine.order import LateError
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.engine.summary import Summary, data, summarise
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.executors.costs import SECONDS, remember, remembered
from lazy_assay.checks.executors.keeper import Keeper, finished
from lazy_assay.checks.executors.plan import Plan, environment, plan, resumed
from lazy_assay.checks.executors.report_folder import HEAD, LINES, begin, now, writable
from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary import files
from lazy_assay.theory._catalogue import catalogue
from lazy_assay.theory._status import NOT_RUN, UNDECIDED_HERE

OK, DIFFERS, USAGE, INCOMPLETE, MACHINE = 0, 1, 2, 3, 4
# What pytest returns after Ctrl-C.
INTERRUPTED = 2
# What it returns where it broke, and where it could not begin.
BROKEN = (3, 4)


def execute(
    run: Plan, folder: Path, *, workers: str, ledger: Ledger, listener: Any, until: int = 0, executor: str = ""
) -> int:
    """Run every item that is not done, write the report, and return the exit code.

    until: seconds since 1970 after which no item begins and guards stop those that run; 0 for no such moment.
    executor: what performs the items in place of pytest's workers, as `orders.maker` reads it.
    """
    begun = time.monotonic()
    known = journal.read(folder / LINES)
    done = finished(folder / LINES, made(run.profile, run.entropy, run.device))
    if stale := len(known.entries) - len(done):
        listener.say(f"{stale} items were made by other code, libraries or settings than this run's: they run again")
    listener.say(*(f"{told}: skipped, its item runs again" for told in known.bad))
    skip = folder / ".done"
    left_out = {item: why for item, why in run.left_out.items() if item not in done}
    files.place(skip, "\n".join([*done, *left_out]))
    left = planned(run.selection) - len(done) - len(left_out)
    if left and over(until):
        status, recorder = OK, _late(run, folder)
    elif executor and left:
        status, recorder = _ordered(run, folder, [*done, *left_out], workers, listener, until, executor)
    else:
        status, recorder = _pytest(run, folder, skip, workers, listener, until) if left else (OK, None)
    if status == INTERRUPTED:
        listener.say(f"stopped; `assay run --resume --report {folder}` goes on from here")
    skip.unlink()
    results = recorder.finished if recorder else done
    if len(results) + len(left_out) >= planned(run.selection):
        journal.close(folder / LINES)
    return report(run, folder, results, recorder, status, ledger, listener, time.monotonic() - begun)


def _late(run: Plan, folder: Path) -> Keeper | None:
    """Nothing would begin: no worker is started to say so."""
    keeper = Keeper(folder / LINES, made(run.profile, run.entropy, run.device))
    keeper.late = dict.fromkeys([task.id for id in run.selection for task in tasks(id)], str(LateError()))
    return keeper


def _ordered(
    run: Plan, folder: Path, skip: Sequence[str], workers: str, listener: Any, until: int, executor: str
) -> tuple[int, Keeper | None]:
    from lazy_assay.checks.executors.orders import carry_out, maker

    try:
        return OK, carry_out(run, folder, skip, maker(executor, run, folder, workers), listener, until)
    except MachineFailedError as error:
        listener.broken = str(error)
    except KeyboardInterrupt:
        # What is finished is in the journal, and read from there.
        return INTERRUPTED, Keeper(folder / LINES, made(run.profile, run.entropy, run.device))
    return BROKEN[1], None


def _pytest(run: Plan, folder: Path, skip: Path, workers: str, listener: Any, until: int) -> tuple[int, Keeper | None]:
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
        # Of a plugin's package pytest would compile each module a second time.
        "--assert=plain",
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
        f"--assay-until={until}",
        f"--assay-seconds={(folder / SECONDS).resolve()}",
        *(f"--assay-collection={folder}" for folder in run.collections),
    ]
    try:
        status = pytest.main(arguments, plugins=[listener])
    finally:
        # The listener hid what there is from the collections with which pytest ends.
        gc.unfreeze()
    return int(status), listener.recorder


def report(
    run: Plan,
    folder: Path,
    finished: Any,
    recorder: Keeper | None,
    status: int,
    ledger: Ledger,
    listener: Any,
    spent: float,
) -> int:
    """Write the report from what is finished; the ledger gets it too."""
    import lazy_assay.checks.report as checks_report

    summary = summarise(finished, run.selection)
    failed = recorder.failed if recorder else {}
    told = {**run.left_out, **(recorder.late if recorder else {})}
    left_out = {item: why for item, why in told.items() if item not in finished}
    errors = _errors(summary, {**failed, **left_out}, recorder, status, listener.broken)
    broken = [r for claim in summary.claims for r in claim.results if r.fault]
    code = MACHINE if failed or broken or errors else worse(summary.exit_code, INCOMPLETE if run.refused else OK)
    listener.say(
        *errors, *(f"not run: {why}" for why in run.refused), *(f"{item}: {why}" for item, why in failed.items())
    )
    if left_out:
        listener.say(f"not run: {len(left_out)} of {planned(run.selection)} items, which the budget left out")
    head = {
        **asdict(run),
        "selection": list(run.selection),
        "collections": list(run.collections),
        "refused": list(run.refused),
        "left_out": dict(run.left_out),
        "finished": now(),
        "seconds": spent,
        "exit_code": code,
    } | environment(run)
    previous, history, unread = {}, {}, ""
    try:
        history = ledger.statuses(before=run.started)
        previous = {claim: last_decided(entries) for claim, entries in history.items()}
    except LedgerError as error:
        unread = str(error)
    told = data(summary, head, {**failed, **left_out}, previous)
    page = checks_report.write(told, folder, history)
    try:
        ledger.record(checks_report.strict(told))
    except LedgerError as error:
        # One that can neither be read nor written says so once, with where the run is kept.
        unread = str(error) if str(error).startswith(unread) else f"{unread}; {error}"
    listener.say(*filter(None, [unread]))
    listener.finish(summary, page, code)
    return code


def _errors(
    summary: Summary, failed: Mapping[str, str], recorder: Keeper | None, status: int, broken: str
) -> list[str]:
    """What of the machine failed: pytest itself, the workers before they got to an item, the disk."""
    told = [recorder.unkept] if recorder and recorder.unkept else []
    lost = [item for claim in summary.claims for item in claim.missing if item not in failed]
    if broken or status in BROKEN or (status != OK and recorder is None):
        told.append(broken or f"the machine failed: pytest ended with status {status}")
    elif lost and status != INTERRUPTED:
        told.append(f"the machine failed: its workers were lost before they came to {lost[0]}")
    return told


def last_decided(entries: Sequence[dict[str, Any]]) -> str:
    """The last status of a claim that a run decided; of runs that did not, the last."""
    decided = [entry["status"] for entry in entries if entry["status"] not in (UNDECIDED_HERE, NOT_RUN)]
    return str(decided[-1] if decided else entries[-1]["status"])


def canary(
    night: Plan,
    folder: Path,
    *,
    workers: str,
    ledger: Ledger,
    quiet: bool,
    resume: bool = False,
    until: int = 0,
    left_out: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    executor: str = "",
) -> int:
    """The same claims in profile quick at entropy 0, every night: what changes here is code, not luck.

    until: see `execute`. left_out, order: as in a Plan and in `costs.remember`, the canary's own.
    """
    from lazy_assay.checks.executors.progress import Listener

    place = folder / "canary"
    writable(place)
    if resume and (place / HEAD).exists():
        fixed = resumed(place)
    else:
        fixed = plan(night.selection, "quick", 0, night.device, night.data_dir, night.refused)
        # Before the night that it stands beside, so that the night is the last run in the ledger.
        earlier = datetime.datetime.fromisoformat(night.started) - datetime.timedelta(seconds=1)
        fixed = replace(
            fixed, started=earlier.isoformat(timespec="seconds"), budget=night.budget, left_out=left_out or {}
        )
        known = remembered(place, ledger)
        begin(place, fixed)
        remember(place, known, order)
    total = planned(fixed.selection) - len(fixed.left_out)
    listener = Listener(total, finished_items(place, fixed), quiet=quiet, announce=False)
    listener.say("canary: profile quick, entropy 0")
    return execute(fixed, place, workers=workers, ledger=ledger, listener=listener, until=until, executor=executor)


def worse(*codes: int) -> int:
    """The exit code of the highest priority: 2, 4, 1, 3, 0."""
    return next(code for code in (USAGE, MACHINE, DIFFERS, INCOMPLETE, OK) if code in codes)


def finished_items(folder: Path, run: Plan) -> int:
    """How many items of the run in `folder` are done."""
    return len(finished(folder / LINES, made(run.profile, run.entropy, run.device)))


def over(until: int) -> bool:
    """Whether that moment (seconds since 1970; 0 for none) has passed."""
    return bool(until) and time.time() > until


def planned(selection: Sequence[str]) -> int:
    """How many items a selection has."""
    return sum(len(tasks(id)) for id in selection)
