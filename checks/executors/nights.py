"""What the ledger says of a profile's former nights: what items took, how much parts told, when they were seen."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.executors import costs
from lazy_assay.checks.executors.costs import SWEEPS, TRAINS
from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Task, claim_of, part_of
from lazy_assay.checks.vocabulary.profiles import ORDER, PROFILES

# Costs and gains are read from so many journals; older nights only say when a part was seen last.
READ = 8
# What a result without a confidence set tells (an identity, a certificate), and a part that has never run: in nats.
PRIOR = 1.0
# An effect that took less than this share of what its claim's dearest took has read networks that this one trained.
EFFECT, SHARED = "/effect", 0.2


@dataclass(frozen=True, kw_only=True)
class Nights:
    """`seconds` by task, of this profile, and `lesser` of the least; `gains` in nats and `seen` (ISO 8601) by part."""

    profile: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    lesser: Mapping[str, float] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

    def cost(self, task: Task) -> float:
        """Seconds that a task may take: what it took last, else what a quick run says or guesses, times the work."""
        if task.id in self.seconds:
            return self.seconds[task.id]
        quick = costs.cost(task, self.lesser)
        if task.routes and task.id not in self.lesser:
            quick *= dearer(task)
        return min(quick * more_work(task, self.profile), PROFILES[self.profile].guard)


def dearer(task: Task) -> float:
    """How many times dearer a task is guessed whose settings a larger profile runs: as their time guards are."""
    decides = check(task.claim.id).decides(task.part.name)
    return PROFILES[decides].guard / PROFILES[ORDER[0]].guard


def more_work(task: Task, profile: str) -> float:
    """How many times a quick run's work a profile does: seeds where seeds are repeated, else configurations."""
    least, size = PROFILES[ORDER[0]], PROFILES[profile]
    repeats = costs.estimate(task) in (TRAINS, SWEEPS)
    return size.seeds / least.seeds if repeats else size.examples / least.examples


def gain(row: Mapping[str, Any]) -> float:
    """Nats that such a result adds to the evidence of a night against a discrepancy as large as its resolution.

    A mean of n draws with scatter σ grows the logarithm of an e-value by nδ²/(2σ²) a night where the truth is δ off; a
    confidence set at level α has half-width h with h² = 2σ² log(2/α)/n. So the gain is log(2/α)·(δ/h)², and what is
    more than a run-wide alarm asks for buys nothing.
    """
    rates = ErrorRates()
    width, resolution = row["tolerance"]["monte_carlo"], row["resolution"]
    if not (isinstance(width, (int, float)) and isinstance(resolution, (int, float)) and row["trials"] and width > 0):
        return PRIOR
    most = math.log(1 / rates.false_alarm)
    told = math.log(2 / rates.miss) * (resolution / width) ** 2
    return min(told, most) if math.isfinite(told) else PRIOR


def nights(ledger: Ledger, profile: str) -> Nights:
    """Read from the ledger; where it cannot be read, or holds no such night, nothing is known."""
    known = Nights(profile=profile)
    with suppress(LedgerError):
        seen = ledger.seen(profile)
        runs = ledger.runs()
        mine = [run for run in runs if run.profile == profile][-READ:]
        quick = [run for run in runs if run.profile == ORDER[0]][-READ:]
        rows = [list(_rows(ledger, run)) for run in mine]
        lesser = rows if profile == ORDER[0] else [list(_rows(ledger, run)) for run in quick]
        took, told = _last(rows), alone(_last(map(simulated, lesser)))
        # A quick night, and a canary, run most of a claim's effects together.
        took = took if profile == ORDER[0] else alone(took)
        known = Nights(profile=profile, seconds=took, lesser=told, gains=_gains(rows), seen=seen)
    return known


def alone(seconds: Mapping[str, float]) -> dict[str, float]:
    """The same, where each effect of a claim takes what the dearest does, unless it is no small share of it.

    Effects of a claim read the same trained networks: the first that ran paid for all of them, and on another night
    another one does.
    """
    dearest: dict[str, float] = {}
    for task, spent in seconds.items():
        if task.endswith(EFFECT):
            dearest[claim_of(task)] = max(spent, dearest.get(claim_of(task), 0.0))
    most = {task: dearest[claim_of(task)] for task in seconds if task.endswith(EFFECT)}
    return {task: most[task] if spent < SHARED * most.get(task, 0.0) else spent for task, spent in seconds.items()}


def simulated(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The results but those that a larger profile would have: what took no time here says nothing of it there."""
    return [row for row in rows if row.get("verdict") != "ELSEWHERE"]


def _rows(ledger: Ledger, run: Any) -> Iterable[Mapping[str, Any]]:
    with suppress(LedgerError, KeyError, TypeError):
        yield from (row for row in ledger.data(run)["results"] if isinstance(row, dict))


def _last(nights: Iterable[Iterable[Mapping[str, Any]]]) -> dict[str, float]:
    """Seconds by task, of the last night that ran it. A task that met its draws stored fades slowly: costs.later."""
    told: dict[str, float] = {}
    for rows in nights:
        ran = (row for row in rows if row.get("verdict") != "NOT_RUN")
        told |= costs.later({}, costs.spent((row.get("task"), row.get("seconds")) for row in ran))
    return told


def _gains(nights: Iterable[Iterable[Mapping[str, Any]]]) -> dict[str, float]:
    """Nats by part, of the last night that ran it."""
    told: dict[str, float] = {}
    for rows in nights:
        night: defaultdict[str, float] = defaultdict(float)
        for row in rows:
            with suppress(KeyError, TypeError):
                if row["subject"] == "claim" and row["verdict"] != "NOT_RUN":
                    night[part_of(str(row["task"]))] += gain(row)
        told |= night
    return told
