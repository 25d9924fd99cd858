"""What a run does, new or taken up again, and what it runs on."""

from __future__ import annotations

import datetime
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.made import code_digest, version
from lazy_assay.checks.engine.order import UsageError, validate
from lazy_assay.checks.executors.report_folder import HEAD, now
from lazy_assay.checks.ledger.checkout import commit
from lazy_assay.checks.vocabulary import files
from lazy_assay.theory._catalogue import catalogue

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
    collections: tuple[str, ...] = ()
    # A line for each installed collection whose claims were meant too, and that could not be registered.
    refused: tuple[str, ...] = ()
    # Seconds that the run may take, 0 for as many as it needs; the items that do not fit, each with why.
    budget: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    shard: str = ""


def plan(
    selection: Sequence[str],
    profile: str,
    entropy: int,
    device: str | None,
    data_dir: str = "",
    refused: Sequence[str] = (),
) -> Plan:
    """A new run, of the collections that are registered.

    Raises UsageError for a profile, entropy, device or folder of data that cannot be used.
    """
    from lazy_assay.checks.configurations.datasets import DataAbsentError, check_directory
    from lazy_assay.sims import DeviceNotFoundError
    from lazy_assay.sims.core.device import choose

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
        collections=catalogue().folders(),
        refused=tuple(refused),
    )


def resumed(folder: Path) -> Plan:
    """The plan of the run in `folder`. Raises UsageError where there is none, or no such device any more."""
    try:
        stored = files.read_json(folder / HEAD)
    except FileNotFoundError:
        raise UsageError(
            f"nothing to resume in {folder}: it holds no {HEAD}; leave --resume away to start a run"
        ) from None
    except (OSError, ValueError) as error:
        raise _no_plan(folder, error) from None
    plan = _stored_plan(folder, stored)
    validate(plan.profile, plan.entropy, plan.device)
    return plan


def _stored_plan(folder: Path, stored: Any) -> Plan:
    try:
        if wrong := [name for name, value in stored.items() if not _fits(name, value)]:
            raise TypeError(f"{wrong[0]} is {type(stored[wrong[0]]).__name__}")
        datetime.datetime.fromisoformat(stored["started"])
        folders = tuple(stored["collections"])
        # A file of data names no code that runs: whoever resumes says again whose claims they trust.
        if lost := [path for path in folders if path not in catalogue().folders()]:
            raise UsageError(f"the run in {folder} has claims of {lost[0]}; name it again: --collection {lost[0]}")
        chosen = tuple(catalogue().place(id).id for id in stored["selection"])
        return Plan(**{**stored, "selection": chosen, "collections": folders, "refused": tuple(stored["refused"])})
    except UsageError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _no_plan(folder, error) from None


def _fits(name: str, value: Any) -> bool:
    if name in ("selection", "collections", "refused"):
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if name == "left_out":
        return isinstance(value, dict) and all(isinstance(why, str) for why in value.values())
    kind = int if name in ("entropy", "budget") else str
    return isinstance(value, kind) and not isinstance(value, bool)


def _no_plan(folder: Path, error: Exception) -> UsageError:
    why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
    return UsageError(f"{folder / HEAD} is not the head of a run ({why}); leave --resume away to start a run")


def environment(run: Plan) -> dict[str, Any]:
    """What decides a result's bits beside code and entropy, and what else a reader asks for."""
    from lazy_assay.sims.core.device import environment as recorded

    told = recorded(run.device, "float64")
    versions = {name: version(name) for name in PACKAGES} | {"python": str(told["python"])}
    return {
        "commit": commit(),
        "code": code_digest(tuple(catalogue().collections)),
        "versions": versions,
        "device_class": told["device"],
        "dtype": told["dtype"],
        "threads": 1,
        "instruction_set": told["instruction_set"],
        # What `perform` sets, whatever this process is set to.
        "tf32": False,
        "deterministic": run.device.startswith("cuda"),
        "command": shlex.join(
            [
                *("assay", "run", *run.selection, "--profile", run.profile, "--entropy", str(run.entropy)),
                *(word for folder in run.collections for word in ("--collection", folder)),
            ]
        ),
    }
