"""What nights say together: how soon a bias is found, how often a change is placed right, and what a morning costs.

Run `python benchmarks/evidence.py [found | quiet | placed | costs] [NIGHTS] [RESULTS]`; all of them without a word.

- found: the share of simulated histories in which a bias of so many standard errors a night, beyond b(n), is found
  within 60 nights at run-wide level 1e-6, by the place of the stretch among all (500 uniform or exponential draws).
- quiet: the largest e-value of 400 nights of true statements, at the centre and at the edge of b(n).
- placed: how often the confidence set holds the true night, on the night on which the bias is found, and its width.
- costs: seconds of a morning over a year of NIGHTS (365) of RESULTS (10,000), with a canary each; and of one
  night more, recorded and told. The index is filled directly: a year's journals take longer to make than to read.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from ledger import night as recorded

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.evidence.morning import morning
from lazy_assay.checks.ledger.index.numbers import NUMBERS, VERDICTS
from lazy_assay.checks.ledger.index.tables import COMPARISONS, JOURNALS, STATUSES
from lazy_assay.checks.ledger.index.tables import NUMBERS as TABLE
from lazy_assay.checks.statistics.change_point import change_point
from lazy_assay.checks.statistics.discoveries import shares
from lazy_assay.checks.statistics.nightly import Capital, Nights

DRAWS, BIAS = 500, 0.004
# The night after which one comparison is off, so that a morning has something to place.
BEGUN = 200
KINDS: dict[str, tuple[Callable[..., np.ndarray], float, float, tuple[float, float]]] = {
    "uniform": (lambda rng, shape: rng.random(shape), 0.5, 12**-0.5, (0.0, 1.0)),
    "exponential": (lambda rng, shape: rng.standard_exponential(shape), 1.0, 1.0, (-math.inf, math.inf)),
}


def night(rng: np.random.Generator, kind: str, rows: int, off: float, bias: float) -> Nights:
    """A night of so many histories, `off` standard errors of a night beyond the edge of the allowance."""
    make, mean, deviation, (low, high) = KINDS[kind]
    draws = make(rng, (rows, DRAWS))
    average = draws.mean(axis=1)
    centred = draws - average[:, None]
    square = centred * centred
    powers = {"second": square, "third": square * centred, "fourth": square * square}
    told = {"count": float(DRAWS), "low": low, "high": high, "bias": bias, "side": 0.0}
    told["predicted"] = mean - bias - off * deviation / math.sqrt(DRAWS)
    return Nights(
        mean=average,
        **{name: power.mean(axis=1) for name, power in powers.items()},
        **{name: np.full(rows, value) for name, value in told.items()},
    )


def histories(nights: int, made: Callable[[int], Nights], places: tuple[int, ...]) -> tuple[Capital, np.ndarray]:
    """The capital at the end, and the night on which each history is found at each place (0: never)."""
    capital, found = Capital(), np.zeros((0, len(places)), dtype=int)
    needed = -np.log(1e-6 * shares(np.array(places)))
    for number in range(nights):
        told = made(number)
        if not number:
            capital.open(told)
            found = np.zeros((len(told.mean), len(places)), dtype=int)
            continue
        capital.add(np.arange(len(found)), told)
        found[(found == 0) & (capital.log[:, None] >= needed)] = number + 1
    return capital, found


def found() -> None:
    """How soon a bias is found."""
    places = (0, 2048, 10_000)
    print(f"found within 60 nights, stretch number {places}")
    for kind in KINDS:
        for off in (0.5, 1.0, 1.5, 2.0, 4.0):
            rng = np.random.default_rng(1)

            def made(_: int, rng: Any = rng, kind: str = kind, off: float = off) -> Nights:
                return night(rng, kind, 400, off, BIAS)

            _, when = histories(60, made, places)
            share = "  ".join(f"{value:6.1%}" for value in (when > 0).mean(axis=0))
            half = np.median(np.where(when[:, 0] > 0, when[:, 0], 999))
            print(f"{kind:12} {off:4.1f} standard errors: {share}, half of them by night {half:.0f}", flush=True)


def quiet() -> None:
    """400 nights of true statements."""
    for kind in KINDS:
        for off, where in ((0.0, "at the edge of b(n)"), (-BIAS / KINDS[kind][2] * DRAWS**0.5, "at its centre")):
            rng = np.random.default_rng(2)

            def made(_: int, rng: Any = rng, kind: str = kind, off: float = off) -> Nights:
                return night(rng, kind, 100, off, BIAS)

            capital, when = histories(400, made, (0,))
            largest, middle = (math.exp(value) for value in (capital.log.max(), np.median(capital.log)))
            told = f"largest e-value at the end {largest:.3g}, median {middle:.3g}"
            print(f"{kind:12} {where:20}: {int((when > 0).sum())} of 100 found; {told}", flush=True)


def placed(rows: int = 400) -> None:
    """How often a change is placed right, by one who looks on the night on which it is found."""
    for start, off in ((20, 1.0), (20, 2.0), (60, 2.0), (10, 4.0)):
        rng = np.random.default_rng(3)
        offs = rng.standard_normal((rows, start + 60)) + off * (np.arange(start + 60) >= start)
        told = {"count": 1e4, "second": 1.0, "third": 0.0, "fourth": 3.0, "low": -np.inf, "high": np.inf}
        told |= {"predicted": 0.0, "bias": 0.0, "side": 0.0}
        fixed = {name: np.full(rows, value) for name, value in told.items()}

        def made(number: int, offs: Any = offs, fixed: Any = fixed) -> Nights:
            return Nights(mean=offs[:, number] / 100, **fixed)

        _, when = histories(start + 60, made, (0,))
        late = np.flatnonzero(when[:, 0] > start)
        sets = [change_point(offs[row, : when[row, 0]], np.ones(when[row, 0]), 0.1, replicates=199) for row in late]
        covers = np.mean([start in told.nights for told in sets])
        width = np.median([len(told.nights) for told in sets])
        error = math.sqrt(0.09 / len(sets))
        print(
            f"{off:.0f} standard errors from night {start + 1} on: {len(sets)} of {rows} found, set of 90 % holds it "
            f"{covers:.1%} (± {error:.1%}), {width:.0f} nights wide",
            flush=True,
        )


def costs(nights: int, results: int) -> None:
    """A morning over a year, and one night more."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(f"sqlite:///{folder}/ledger.sqlite")
        rng, rows = np.random.default_rng(4), np.zeros(results, dtype=NUMBERS)
        rows["key"], rows["device"], rows["verdict"] = np.arange(results), b"cpu", VERDICTS.index("AGREES")
        rows["low"], rows["high"], rows["count"], rows["bias"] = -10, 10, 1000, 0.01
        rows["second"], rows["fourth"], rows["place"] = 1.0, 3.0, np.arange(results)
        with ledger.database.writing() as connection:
            for number in range(nights):
                for canary in (True, False):
                    _fill(connection, rows, number, canary=canary, noise=rng.standard_normal(results))
            keys = [{"key": f"{key:016x}", **dict.fromkeys(("comparison", "claim", "part", "check", "route"), "it"),
                     "subject": "claim"} for key in range(results)]  # fmt: skip
            connection.execute(COMPARISONS.insert(), keys)
        told = _timed(f"a morning over {nights} nights of {results}", lambda: morning(ledger))
        print(f"  {told.stretches} stretches, {len(told.found)} found, {len(told.moved)} moved")
        ledger = Ledger(f"sqlite:///{folder}/other.sqlite")
        ledger.record(recorded(0, results))
        last = recorded(1, results)
        _timed(f"record one night of {results}", lambda: ledger.record(last))
        _timed("the morning after it", lambda: morning(ledger))


def _fill(connection: Any, rows: np.ndarray, number: int, *, canary: bool, noise: np.ndarray) -> None:
    name = f"{'quick' if canary else 'nightly'}{number}"
    rows["entropy"] = 0 if canary else 1 + number
    rows["mean"] = 0.01 if canary else noise / math.sqrt(1000) + 0.2 * (rows["key"] == 7) * (number > BEGUN)
    rows["estimate"] = rows["mean"]
    day = f"{np.datetime64('2026-01-01') + number}T{0 if canary else 6:02d}:00:00+00:00"
    texts = {"journal": name, "digest": name, "run": name, "started": day, "finished": day, "make": name}
    texts |= {"profile": "quick" if canary else "nightly", "entropy": str(0 if canary else 1 + number), "device": "cpu"}
    connection.execute(
        JOURNALS.insert(), [texts | {"commit": f"{number:06x}", "exit_code": 0, "results": len(rows), "unreadable": 0}]
    )
    connection.execute(TABLE.insert(), [{"journal": name, "packed": rows.tobytes()}])
    words = {"status": "confirmed", "expected": "confirmed"}
    connection.execute(STATUSES.insert(), [{"journal": name, "claim": f"c{index}", **words} for index in range(100)])


def _timed(label: str, act: Callable[[], Any]) -> Any:
    start, begun = time.perf_counter(), time.process_time()
    told = act()
    print(f"{label:45} {time.perf_counter() - start:8.2f} s, computed {time.process_time() - begun:8.2f} s", flush=True)
    return told


if __name__ == "__main__":
    words = sys.argv[1:]
    for act in (found, quiet, placed):
        if not words or words[0] == act.__name__:
            act()
    if not words or words[0] == "costs":
        costs(*(int(word) for word in (words[1:] + ["365", "10000"][len(words[1:]) :])))
