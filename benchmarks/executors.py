"""The same orders in one process, a pool and Dask with 1, 2 and 4 workers, one of them killed midway: equal to the bit?

And what scheduling costs where a batch takes a second: orders whose work is to wait so long, so that only what is
between them is counted, and the machine's cores have no say. Run `python benchmarks/executors.py`; it needs `dask`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors import shelf
from lazy_assay.checks.executors.base import Executor, performed
from lazy_assay.checks.executors.dask import Dask
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.executors.pool import Pool
from lazy_assay.checks.vocabulary.result import to_json

ORDERS = [Order(task=task.id) for id in ("ghorbani2019.eq13", "ghorbani2019.closure") for task in tasks(id)]
BATCHES, SECOND = 20, 1.0


def found(make: Callable[[], Executor]) -> dict[str, Any]:
    """Results by task, without how long they took."""
    with make() as executor:
        told = {order.task: [to_json(result) for result in results] for order, results in performed(executor, ORDERS)}
    return {task: [{**row, "seconds": 0} for row in rows] for task, rows in sorted(told.items())}


def equal(folder: Path) -> bool:
    """Print, for each executor, whether it found what one process finds."""
    expected, right = found(Local), True
    ways: dict[str, Callable[[], Executor]] = {"pool, 2": lambda: Pool(2)}
    ways |= {f"dask, {n}": lambda n=n: Dask(n, folder / str(n)) for n in (1, 2, 4)}  # type: ignore[misc]
    ways["dask, 2, one killed"] = lambda: _wounded(folder / "killed")
    for name, make in ways.items():
        begun = time.perf_counter()
        told = found(make)
        same = told == expected
        for task in (task for task in expected if told[task] != expected[task]):
            print(f"  {task}: {[row['message'] for row in told[task] if row not in expected[task]]}")
        right &= same
        print(f"{name:20}  {'equal' if same else 'DIFFERS'}  {time.perf_counter() - begun:6.1f} s", flush=True)
    died = (folder / "killed" / "died").exists()
    print(f"{'':20}  {'a worker was killed' if died else 'NO WORKER WAS KILLED'}")
    return right and died


def _wounded(folder: Path) -> Dask:
    folder.mkdir()
    made = Dask(2, folder)
    made.client.submit(_kill, str(folder / "died"), key="assay-kill", pure=False, retries=5)
    return made


def _kill(mark: str) -> None:
    """The first worker that is told to ends at once, with all that it was doing."""
    if not Path(mark).exists():
        Path(mark).touch()
        time.sleep(0.5)
        os.kill(os.getpid(), 9)


def _ready() -> str:
    """Imports what a worker needs."""
    from lazy_assay.checks.executors import shelf

    return shelf.__name__


def wait(order: str, folder: str, name: str) -> str:
    """In place of `shelf.answer`: a batch that takes a second of nobody's processor, and is kept like any other."""
    time.sleep(SECOND)
    return json.dumps({"digest": shelf.keep(Path(folder), name, [{"order": order}])})


def overhead(folder: Path) -> bool:
    """Print what a worker spends between batches of a second, as a share of them; whether that is below 5 %."""
    right = True
    for workers in (1, 2, 4):
        with Dask(workers, folder) as made:
            # Workers are there, with all that they import, before the clock starts: a night starts them once.
            made.client.wait_for_workers(workers)
            made.client.run(_ready)
            begun = time.perf_counter()
            futures = [
                made.client.submit(wait, str(k), str(made.folder), f"{workers}-{k}", key=f"wait-{workers}-{k}")
                for k in range(BATCHES)
            ]
            made.client.gather(futures)
            spent = time.perf_counter() - begun
        share = spent / (BATCHES / workers * SECOND) - 1
        right &= share < 0.05
        print(f"dask, {workers}: {BATCHES} batches of {SECOND:g} s, overhead {100 * share:.2f} %", flush=True)
    return right


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        fine = overhead(Path(place) / "overhead")
        return 0 if equal(Path(place)) and fine else 1


if __name__ == "__main__":
    sys.exit(main())
