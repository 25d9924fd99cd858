"""SIGKILL at random moments of whole runs, of the controller and of workers: is nothing finished lost or counted twice?

Run `python benchmarks/kills.py [--moments 50] [--nightly]`. Each run is of one claim with two workers; after a
death that ended it the run is resumed. Runs are begun until so many moments have been met: before workers stand, and
where a run is over already, there is nothing to kill. Every time the ledger must verify, what was in the journal must
stay byte for byte, and the results must be those of a run that nothing disturbs; with --nightly those of the canary
too. A run takes seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.ledger.verification import verify

CLAIM = "ghorbani2019.closure"
Row = dict[str, Any]


def command(place: Path, *words: str) -> list[str]:
    """`assay run` into a folder and a ledger of its own."""
    told = ["run", "--device", "cpu", "-n", "2", "--report", str(place / "report")]
    return [sys.executable, "-m", "lazy_assay", *told, "--ledger", f"sqlite:///{place / 'ledger.sqlite'}", *words]


def quiet(words: list[str], **more: Any) -> subprocess.Popen[bytes]:
    """A process, and a process group, of its own."""
    null = subprocess.DEVNULL
    return subprocess.Popen(words, stdout=null, stderr=null, start_new_session=True, **more)


def found(folder: Path) -> list[Row]:
    """What a run and its canary found, without times."""
    rows: list[Row] = []
    for path in sorted(folder.rglob("results.json")):
        rows += json.loads(path.read_text(encoding="utf-8"))["results"]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def workers(parent: int) -> list[int]:
    """The processes that a controller has started."""
    try:
        return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []


def disturbed(place: Path, words: list[str], moment: float, victim: str) -> tuple[str, list[str]]:
    """Kill the controller or a worker at a moment of a run; what happened, and what is wrong afterwards."""
    process = quiet(command(place, *words))
    time.sleep(moment)
    ids = workers(process.pid) if victim == "worker" else [process.pid]
    if process.poll() is not None or not ids:
        happened = "nothing was there to kill"
    else:
        os.kill(random.choice(ids), signal.SIGKILL)
        happened = f"{victim} killed"
    process.wait()
    log = place / "report" / "results.jsonl"
    before = log.read_bytes() if log.exists() else b""
    if process.returncode:
        # A controller that was killed, or one that lost a worker before that answered (exit 4). Before its head is
        # written there is nothing to resume.
        again = ["--resume"] if (place / "report" / "run.json").exists() else words
        quiet(command(place, *again)).wait()
    wrong = [] if log.exists() and log.read_bytes().startswith(before) else ["the journal was rewritten"]
    counted = [entry for path in (place / "report").rglob("results.jsonl") for entry in journal.read(path).entries]
    findings = verify(Ledger(f"sqlite:///{place / 'ledger.sqlite'}")).findings
    wrong += [f"the ledger: {finding}" for finding in findings]
    wrong += [] if len(counted) >= 4 else [f"{len(counted)} items in the journal"]
    return happened, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    words = [CLAIM, *(["--profile", "nightly", "--entropy", "1"] if asked.nightly else [])]
    rng, wrong, kills, runs = random.Random(asked.seed), 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        # The second run has everything compiled, as all that follow.
        for which in ("cold", "whole"):
            begun = time.monotonic()
            quiet(command(Path(name) / which, *words)).wait()
        span, whole = time.monotonic() - begun, found(Path(name) / "whole")
        print(f"undisturbed: {len(whole)} results in {span:.1f} s")
        while kills < asked.moments:
            runs += 1
            place, moment = Path(name) / str(runs), rng.uniform(0, span)
            happened, told = disturbed(place, words, moment, rng.choice(["controller", "worker"]))
            told += [] if found(place / "report") == whole else ["the results differ"]
            kills += "killed" in happened
            wrong += bool(told)
            print(f"{runs:3d}  {moment:6.2f} s  {happened}  {'; '.join(told) or 'the same results'}", flush=True)
    print(f"{kills} kills in {runs} runs, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
