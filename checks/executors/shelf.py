"""Results that workers of other machines keep on a shared folder before they answer, under keys of our own.

A worker answers with a digest and no result: what it found lies on the shelf by then, so a worker or scheduler that is
lost takes nothing with it. An order that was performed twice, for its first worker was lost or was thought to be, has
two copies there; where these differ in a bit, that is told as nondeterminism, and neither is believed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.made import code_digest
from lazy_assay.checks.engine.order import LateError, Order, UsageError
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.result import Result, from_json, to_json

# Where draws are kept, and when a budget ends, changes no result.
_APART = ("draws", "until")
# How long it took and what it is told in are no part of what a result says.
_UNTOLD = ("seconds", "message")


class NondeterminismError(RuntimeError):
    """One order, performed twice by the same code, gave results that differ; the message is one line."""


def key(order: Order) -> str:
    """What an order is called on every machine: a hash of its plain data and of all code, never of a pickle."""
    from lazy_assay.theory._catalogue import catalogue

    told = {name: value for name, value in order.to_json().items() if name not in _APART}
    return digest([told, code_digest(tuple(catalogue().collections))])


def answer(order: str, shelf: str, name: str) -> str:
    """A worker's side: performs an order (JSON text), keeps its results under `name`, and says their digest (JSON)."""
    from lazy_assay.checks.engine.perform import perform

    try:
        rows = [to_json(result) for result in perform(Order.from_json(json.loads(order)))]
        return json.dumps({"digest": keep(Path(shelf), name, rows)})
    except LateError:
        return json.dumps({"late": ""})
    except UsageError as error:
        return json.dumps({"usage": str(error)})
    except Exception as error:
        return json.dumps({"fault": f"{type(error).__name__}: {' '.join(str(error).split())}"})


def keep(shelf: Path, name: str, rows: list[dict[str, Any]]) -> str:
    """Put results on the shelf, whole or not at all; their digest. Another copy of the same takes the same place."""
    found = digest([{field: value for field, value in row.items() if field not in _UNTOLD} for row in rows])
    place = shelf / name
    place.mkdir(parents=True, exist_ok=True)
    files.place(place / f"{found}.json", json.dumps(rows))
    return found


def taken(shelf: Path, name: str, told: str, order: Order) -> list[Result]:
    """The results behind a worker's answer.

    Raises UsageError or RuntimeError for what performing raised, NondeterminismError where another copy has other bits,
    MachineFailedError where what the worker tells of is not there.
    """
    said: Mapping[str, str] = json.loads(told)
    if "late" in said:
        raise LateError
    if "usage" in said:
        raise UsageError(said["usage"])
    if "fault" in said:
        raise RuntimeError(said["fault"])
    copies = sorted(path.stem for path in (shelf / name).glob("*.json"))
    if len(copies) > 1:
        raise NondeterminismError(f"{order.task} was performed {len(copies)} times, with other bits: {shelf / name}")
    if copies != [said["digest"]]:
        raise MachineFailedError(f"the results of {order.task} are not in {shelf}: do all workers share that folder?")
    rows = files.read_json(shelf / name / f"{copies[0]}.json")
    return [from_json(row) for row in rows]


def digest(data: Any) -> str:
    """32 hexadecimal digits for JSON data, whatever the order of its names."""
    return hashlib.blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=16).hexdigest()
