"""Right claims, confirmed at fresh entropies: how often a statement that holds is refuted.

    python benchmarks/null_confrontations.py                   # 1,000 confirmations at each claim's own strict level
    python benchmarks/null_confrontations.py --level 0.05      # at an inflated level: alarms are to stay within it
    python benchmarks/null_confrontations.py --claims ghorbani --without table,figure2 --confrontations 200

Every task of every part that is expected to hold goes through its own procedure at one entropy after another, with a
search that is too short to agree: what it visits becomes a suspect, and is confirmed on fresh streams as any suspect
is. A confrontation is one confirmation of a claim. A procedure's line tells confirmations, alarms, and beyond how many
alarms the level would be contradicted at one in a million. The dearest claims train networks. Exit code 1 where there
are more.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scipy.stats import binom

from lazy_assay import theory
from lazy_assay.checks.engine import perform
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import POSITIVE, expectation

IMPROBABLE = 1e-6
# Nothing agrees at such a level with so few draws: whatever is visited is confirmed.
NEVER = 1e-12
SHORT = replace(PROFILES["quick"], examples=1, search_trials=64, confirm_trials=12_000)


@dataclass(frozen=True, kw_only=True)
class Level(ErrorRates):
    """Rates whose strict level is given."""

    given: float

    @property
    def strict(self) -> float:
        """The level of one confirmation."""
        return self.given


def rates(planned: tuple[Task, ...], level: float | None) -> ErrorRates:
    """A claim's own rates, or the inflated level; either way a search that never agrees."""
    own = replace(perform.rates(planned), miss=NEVER)
    return own if level is None else Level(given=level, miss=NEVER)


def right(claims: list[str], without: list[str]) -> Iterator[tuple[str, Task, str]]:
    """Tasks of parts that are expected to hold, with the kind of their procedure."""
    for id in theory.ids():
        if not any(word in id for word in claims) or any(word in id for word in without):
            continue
        found = check(id)
        for procedure in found.procedures:
            part = found.claim.part(procedure.part)
            if expectation(found, part, SHORT.name).status in POSITIVE:
                yield from ((id, task, type(procedure).__name__) for task in procedure.tasks(found.claim))


def confirmations(id: str, task: Task, entropy: int, level: float | None) -> list[Result]:
    """The claim's confirmations in one task at one entropy."""
    planned = tasks(id)
    context = Context(
        claim=task.claim,
        profile=SHORT,
        entropy=entropy,
        rates=rates(planned, level),
        suspects=perform.suspects(id).get(task.id, 0),
    )
    found = perform.run(task, context)
    return [r for r in found if r.subject is Subject.CLAIM and "confirm" in r.stage and r.method]


def told(counts: Counter[str], alarms: Counter[str], level: float | None) -> None:
    """A line a procedure."""
    for kind in [*sorted(counts), "all"]:
        n, found = (sum(c.values()) if kind == "all" else c[kind] for c in (counts, alarms))
        allowed = int(binom.isf(IMPROBABLE, n, level or ErrorRates().strict))
        print(f"{kind:14} {n:6d} confirmations  {found:4d} alarms  at most {allowed} by chance")


def main() -> int:
    """Confront until so many confirmations are made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--confrontations", type=int, default=1_000)
    parser.add_argument("--level", type=float, help="of each confirmation; by default the claims' own, about 5e-10")
    parser.add_argument("--entropy", type=int, default=1_000_000, help="the first of the entropies")
    parser.add_argument("--claims", default="", help="parts of ids, with commas")
    parser.add_argument("--without", default="-", help="parts of ids that are left out")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    begun, entropy = time.monotonic(), given.entropy
    chosen = list(right(given.claims.split(","), given.without.split(",")))
    while sum(counts.values()) < given.confrontations and time.monotonic() - begun < given.seconds:
        for id, task, kind in chosen:
            if time.monotonic() - begun > given.seconds:
                break
            for result in confirmations(id, task, entropy, given.level):
                counts[kind] += 1
                alarms[kind] += result.verdict is Verdict.DISAGREES
                if result.verdict is Verdict.DISAGREES:
                    print(f"alarm: entropy {entropy}, {task.id}: {result.message}", flush=True)
        entropy += 1
    print(f"entropies {given.entropy} to {entropy - 1}, {time.monotonic() - begun:.0f} s")
    told(counts, alarms, given.level)
    n, found = sum(counts.values()), sum(alarms.values())
    return int(found > binom.isf(IMPROBABLE, n, given.level or ErrorRates().strict))


if __name__ == "__main__":
    raise SystemExit(main())
