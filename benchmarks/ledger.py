"""What a ledger costs: seconds to keep a night, to ask for the last nights of every comparison, to rebuild and verify.

Run `python benchmarks/ledger.py [NIGHTS] [RESULTS] [URL]` (30 nights of 10,000 results in an SQLite file of a temporary
folder; a PostgreSQL database should be empty). Sizes are those of the journals and of the SQLite file.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.upkeep import rebuild
from lazy_assay.checks.ledger.verification import verify
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, to_json

CLAIMS = 100


def night(number: int, results: int) -> dict[str, Any]:
    """A run of that many results, as in results.json: the same comparisons every night, other numbers."""
    noise = np.random.default_rng(number).standard_normal(results)
    day = np.datetime64("2026-01-01") + number
    claims = [f"paper2026.theorem{index}" for index in range(CLAIMS)]
    rows = [
        Result(
            claim=claims[index % CLAIMS],
            part="limit",
            check="mean",
            subject=Subject.CLAIM,
            configuration={"d": 8 + index // CLAIMS, "N": 4, "B": f"exponential:{index}"},
            route="least squares over the tangent space",
            verdict=Verdict.AGREES,
            predicted=1.0,
            estimate=1 + 0.01 * error,
            interval=(0.9 + 0.01 * error, 1.1 + 0.01 * error),
            trials=1000,
            tolerance=Tolerance(finite_size=0.01, monte_carlo=0.1, sources={"finite_size": "derived: of order 1/d"}),
            stage="search",
            method="betting",
            profile="nightly",
            entropy=number,
            task=f"{claims[index % CLAIMS]}:limit/mean",
            statement_version="24023b8db68b97d1",
            simulation_version="da782d50de2867a2cd602ce6a6c7bb66",
        )
        for index, error in enumerate(map(float, noise))
    ]
    told = {"id": f"night{number}", "started": f"{day}T00:00:00+00:00", "finished": f"{day}T06:00:00+00:00"}
    told |= {"profile": "nightly", "commit": f"{number:012x}", "device": "cpu", "code": f"{number:032x}"}
    return {
        "run": told | {"entropy": number, "exit_code": 0},
        "results": [to_json(row) for row in rows],
        "claims": [{"id": id, "status": "confirmed", "expected": "confirmed"} for id in claims],
        "errata": [],
        "coverage": {},
    }


def timed(label: str, act: Callable[[], Any]) -> Any:
    """Do it, and print how long it took, and how long this process computed for it."""
    start, begun = time.perf_counter(), time.process_time()
    found = act()
    print(f"{label:40} {time.perf_counter() - start:8.2f} s {time.process_time() - begun:8.2f} s", flush=True)
    return found


def main(nights: int, results: int, url: str) -> None:
    ledger = Ledger(url)
    print(f"{nights} nights of {results} results in {ledger.url}")
    print(f"{'':40} {'passed':>10} {'computed':>10}")
    for number in range(nights - 1):
        ledger.record(night(number, results))
    last = night(nights - 1, results)
    timed("keep a night, the last", lambda: ledger.record(last))
    timed("the last night of every comparison", ledger.latest)
    timed("the last 30 nights of every comparison", lambda: ledger.latest(nights=30))
    row = last["results"][0]
    timed("all nights of one comparison", lambda: ledger.history(row["comparison"]))
    timed("one result by its id", lambda: ledger.find(row["id"]))
    timed("statuses of the last 20 nights", ledger.statuses)
    timed("the last run, whole", ledger.last_run)
    timed("verify", lambda: verify(ledger))
    timed("rebuild", lambda: rebuild(ledger))
    size = sum(path.stat().st_size for path in ledger.archive.paths().values())
    print(f"journals {size / 2**20:.1f} MiB")
    if ledger.path.is_file():
        print(f"index {ledger.path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    words = sys.argv[1:] + ["30", "10000", ""][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as folder:
        main(int(words[0]), int(words[1]), words[2] or f"sqlite:///{folder}/ledger.sqlite")
