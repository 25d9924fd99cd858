"""The main job: pytest with the plugin, in this process, over a report folder that survives a kill."""

from __future__ import annotations

import datetime
import json
import os
import secrets
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from checks._confront import MACHINE as FAULT
from checks._confront import UsageError, validate
from checks._recorder import LINES, Recorder, read_log
from checks._registry import tasks
from checks._status import UNDECIDED_HERE
from checks._summary import data, summarise
from checks.ledger import Ledger, LedgerError

HEAD = "run.json"
OK, DIFFERS, USAGE, INCOMPLETE, MACHINE = 0, 1, 2, 3, 4
# What pytest returns after Ctrl-C.
INTERRUPTED = 2
PACKAGES = ("lazy-assay", "torch", "numpy", "scipy", "sympy", "hypothesis", "pytest", "pytest-xdist")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run does; stored beside its results, so that `--resume` continues the same run."""

    id: str
    started: str
    selection: tuple[str, ...]
    profile: str
    entropy: int
    device: str
    device_reason: str
    data_dir: str = ""


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def plan(selection: Sequence[str], profile: str, entropy: int, device: str | None, data_dir: str = "") -> Plan:
    """A new run. Raises UsageError for a profile, entropy, device or folder of data that cannot be used."""
    from checks._datasets import DataAbsentError, check_directory
    from sims import DeviceNotFoundError
    from sims._device import choose

    try:
        found, reason = choose(device)
        # Unnamed, the GPUs are shared out: each worker sees one of them, as `cuda`.
        chosen = device or found.type
    except DeviceNotFoundError as error:
        raise UsageError(str(error)) from None
    validate(profile, entropy, chosen)
    try:
        if data_dir:
            check_directory(data_dir)
    except (DataAbsentError, ValueError) as error:
        raise UsageError(str(error)) from None
    started = now()
    name = f"{started.replace(':', '').replace('-', '')[:15]}-{secrets.token_hex(3)}"
    return Plan(
        id=name,
        started=started,
        selection=tuple(selection),
        profile=profile,
        entropy=entropy,
        device=chosen,
        device_reason=reason,
        data_dir=data_dir,
    )


def writable(folder: Path) -> None:
    """Create the report folder. Raises UsageError where nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_text("")
        probe.unlink()
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
    (folder / HEAD).write_text(json.dumps(asdict(fresh), indent=1), encoding="utf-8")
    return note


def _complete(folder: Path) -> bool:
    """Whether the run in `folder` has a report, and left nothing out."""
    try:
        return not json.loads((folder / "results.json").read_text(encoding="utf-8"))["coverage"]["skipped"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def resumed(folder: Path) -> Plan:
    """The plan of the run in `folder`. Raises UsageError where there is none, or no such device any more."""
    try:
        stored = json.loads((folder / HEAD).read_text(encoding="utf-8"))
        plan = Plan(**{**stored, "selection": tuple(stored["selection"])})
    except (OSError, ValueError, TypeError, KeyError):
        raise UsageError(
            f"nothing to resume in {folder}: it holds no {HEAD}; leave --resume away to start a run"
        ) from None
    validate(plan.profile, plan.entropy, plan.device)
    return plan


def execute(run: Plan, folder: Path, *, workers: str, ledger: Ledger, listener: Any) -> int:
    """Run every item that is not done, write the report, and return the exit code."""
    begun = time.monotonic()
    done = read_log(folder / LINES)
    skip = folder / ".done"
    skip.write_text("\n".join(done), encoding="utf-8")
    left = planned(run.selection) - len(done)
    status, recorder = _pytest(run, folder, skip, workers, listener) if left else (OK, None)
    if status == INTERRUPTED:
        listener.say(f"stopped; `assay run --resume --report {folder}` goes on from here")
    skip.unlink()
    finished = recorder.finished if recorder else done
    return report(run, folder, finished, recorder, status, ledger, listener, time.monotonic() - begun)


def _pytest(run: Plan, folder: Path, skip: Path, workers: str, listener: Any) -> tuple[int, Recorder | None]:
    import pytest

    import theory

    os.environ.pop("PYTEST_ADDOPTS", None)
    root = Path(theory.__path__[0])
    files = [str(root / f"{id.replace('.', '/')}.py") for id in run.selection]
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
    import checks.report

    summary = summarise(finished, run.selection)
    failed = recorder.failed if recorder else {}
    errors = [] if recorder or not status else [f"pytest ended with status {status} before anything ran"]
    broken = [r for claim in summary.claims for r in claim.results if r.message.startswith(FAULT)]
    code = MACHINE if failed or broken or errors else summary.exit_code
    listener.say(*errors, *(f"{item}: {why}" for item, why in failed.items()))
    head = {
        **asdict(run),
        "selection": list(run.selection),
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
    page = checks.report.write(told, folder, history)
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


def environment(run: Plan) -> dict[str, Any]:
    """What decides a result's bits beside code and entropy, and what else a reader asks for."""
    from sims._device import environment as recorded

    told = recorded(run.device, "float64")
    versions = {name: _version(name) for name in PACKAGES} | {"python": str(told["python"])}
    return {
        "commit": _commit(),
        "versions": versions,
        "device_class": told["device"],
        "dtype": told["dtype"],
        "threads": 1,
        "instruction_set": told["instruction_set"],
        "tf32": told["tf32"],
        "command": "assay run " + " ".join([*run.selection, "--profile", run.profile, "--entropy", str(run.entropy)]),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """The checkout's commit, with a mark where files differ from it; empty for an installed package."""
    here = Path(__file__).resolve().parent
    try:
        told = subprocess.run(
            ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def canary(night: Plan, folder: Path, *, workers: str, ledger: Ledger, quiet: bool) -> int:
    """The same claims in profile quick at entropy 0, every night: what changes here is code, not luck."""
    from checks._progress import Listener

    fixed = plan(night.selection, "quick", 0, night.device, night.data_dir)
    place = folder / "canary"
    writable(place)
    begin(place, fixed)
    listener = Listener(planned(fixed.selection), 0, quiet=quiet, announce=False)
    listener.say("canary: profile quick, entropy 0")
    return execute(fixed, place, workers=workers, ledger=ledger, listener=listener)


def worse(*codes: int) -> int:
    """The exit code of the highest priority: 2, 4, 1, 3, 0."""
    return next(code for code in (USAGE, MACHINE, DIFFERS, INCOMPLETE, OK) if code in codes)


def finished_items(folder: Path) -> int:
    """How many items of the run in `folder` are done."""
    return len(read_log(folder / LINES))


def planned(selection: Sequence[str]) -> int:
    """How many items a selection has."""
    return sum(len(tasks(id)) for id in selection)
