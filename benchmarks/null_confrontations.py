"""Right claims, confirmed at fresh entropies: how often a statement that holds is refuted.

    python benchmarks/null_confrontations.py                   # 1,000 confrontations at each claim's own strict level
    python benchmarks/null_confrontations.py --level 0.05      # at an inflated level: alarms are to stay within it
    python benchmarks/null_confrontations.py --claims ghorbani --without table,figure2 --confrontations 200

Every task of every part that is expected to hold goes through its own procedure at one entropy after another, with a
search that is too short to agree: what it visits becomes a suspect, and is confirmed on fresh streams as any suspect
is. A confrontation is one confirmation of a claim, or one draw that a check decides exactly. A procedure's line tells
confrontations, alarms, and beyond how many alarms the level would be contradicted at one in a million: beyond none
where nothing is sampled. The dearest claims train networks: a task that takes more
than `--dearest` seconds at one entropy is not asked at another. Exit code 1 where there are more. docs/levels.md tells
what was measured.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

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
JUDGED = (Verdict.AGREES, Verdict.UNDECIDED, Verdict.DISAGREES)
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


def confrontations(id: str, task: Task, entropy: int, level: float | None) -> list[Result]:
    """What of the claim is confirmed, or decided exactly, in one task at one entropy."""
    planned = tasks(id)
    context = Context(
        claim=task.claim,
        profile=SHORT,
        entropy=entropy,
        rates=rates(planned, level),
        suspects=perform.suspects(id).get(task.id, 0),
    )
    found = perform.run(task, context)
    claimed = [r for r in found if r.subject is Subject.CLAIM and r.verdict in JUDGED]
    return [r for r in claimed if r.stage == "exact" or ("confirm" in r.stage and r.method)]


@dataclass
class Found:
    """Confirmations and alarms by procedure, the claims behind them, and what they cost in CPU seconds."""

    first: int
    level: float | None
    entropy: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    claims: set[str] = field(default_factory=set)

    def ask(self, id: str, task: Task, kind: str) -> float:
        """Confront one task at the entropy in turn; CPU seconds."""
        begun = time.process_time()
        for result in confrontations(id, task, self.entropy, self.level):
            row = f"{kind}, exact" if result.stage == "exact" else kind
            self.counts[row] += 1
            self.claims.add(id)
            if result.verdict is Verdict.DISAGREES:
                self.alarms[row] += 1
                print(f"alarm: entropy {self.entropy}, {task.id}: {result.message}", flush=True)
        took = time.process_time() - begun
        self.seconds += took
        return took

    @property
    def confronted(self) -> int:
        """Of whatever kind."""
        return sum(self.counts.values())

    def allowed(self, row: str) -> int:
        """More alarms than this would contradict the level; none may occur where nothing is sampled."""
        if row.endswith("exact"):
            return 0
        return int(binom.isf(IMPROBABLE, self.counts[row], self.level or ErrorRates().strict))


def confront(given: argparse.Namespace) -> Found:
    """Every task at one entropy after another, until enough is confirmed or the time is up."""
    found, begun = Found(given.entropy, given.level), time.monotonic()
    chosen = list(right(given.claims.split(","), given.without.split(",")))
    if given.tasks:
        kept = set(given.tasks.read_text(encoding="utf-8").splitlines())
        chosen = [asked for asked in chosen if asked[1].id in kept]
    for found.entropy in itertools.count(given.entropy):
        again = []
        for id, task, kind in chosen:
            if time.monotonic() - begun > given.seconds or found.confronted >= given.confrontations:
                return found
            took = found.ask(id, task, kind)
            print(f"{found.confronted:6d} confrontations, {took:6.1f} s  {task.id}", flush=True)
            again += [(id, task, kind)] * (took <= given.dearest)
        if not again or not found.counts:
            return found
        chosen = again
    return found


def main() -> int:
    """Confront until so many confirmations are made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--confrontations", type=int, default=1_000)
    parser.add_argument("--level", type=float, help="of each confirmation; by default the claims' own, about 5e-10")
    parser.add_argument("--entropy", type=int, default=1_000_000, help="the first of the entropies")
    parser.add_argument("--claims", default="", help="parts of ids, with commas")
    parser.add_argument("--without", default="-", help="parts of ids that are left out")
    parser.add_argument("--tasks", type=Path, help="a file of ids of tasks, one a line, that alone are asked")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--dearest", type=float, default=float("inf"), help="CPU seconds of a task that is asked again")
    found = confront(parser.parse_args())
    print(f"entropies {found.first} to {found.entropy}, {found.seconds:.0f} CPU s, {len(found.claims)} claims")
    for row in sorted(found.counts):
        told = f"{found.counts[row]:6d} confrontations  {found.alarms[row]:4d} alarms"
        print(f"{row:22} {told}  at most {found.allowed(row)} by chance")
    print(f"{'all':22} {found.confronted:6d} confrontations  {sum(found.alarms.values()):4d} alarms")
    return int(any(found.alarms[row] > found.allowed(row) for row in found.counts))


if __name__ == "__main__":
    raise SystemExit(main())
