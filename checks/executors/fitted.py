"""A run made to fit its time: which items of a plan, and of a night's canary, the budget pays for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lazy_assay.checks.executors.budget import CANARY, Share, candidates, share, spoken, usable
from lazy_assay.checks.executors.machines import worker_count
from lazy_assay.checks.executors.nights import Nights, nights
from lazy_assay.checks.executors.plan import Plan
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary.profiles import ORDER

NIGHTLY = ORDER[-1]
# Without a budget nothing is left out.
BOUNDLESS = 1e12


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What of a run fits: `night` of its own items, `canary` of the quick run beside it, if there is one."""

    plan: Plan
    night: Share
    canary: Share | None = None

    @property
    def seconds(self) -> float:
        """The time that was to be filled, by both."""
        return usable(self.plan.budget) if self.plan.budget else BOUNDLESS

    def lines(self) -> list[str]:
        """The plan and its costs, for a reader."""
        told = [f"canary, profile quick: {_counted(self.canary)}"] if self.canary else []
        told.append(f"profile {self.plan.profile}: {_counted(self.night)}")
        told += [_line(self.night, part, why) for part, why in self.night.chosen.items()]
        if self.night.left:
            told.append(f"not run: {len(self.night.left_out)} items of {len(self.night.left)} parts")
            told += [_line(self.night, part, why) for part, why in self.night.left.items()]
        return [*told, self.summary()]

    def summary(self) -> str:
        """One line: what fits into what, and within how many nights every part has its turn."""
        if not self.plan.budget:
            return f"no budget: all that is chosen runs, in {spoken(self.night.span)} at most on {self.night.workers}"
        kept = spoken(self.plan.budget - self.seconds)
        dear = sum(why.startswith("no night") for why in self.night.left.values())
        turns = f"every part that a night pays for has its turn within {self.night.nights} nights"
        return (
            f"budget {spoken(self.plan.budget)}, {kept} of it kept for the report and its upload; {turns}; "
            f"{dear} parts cost more than a night"
        )

    def data(self) -> dict[str, Any]:
        """The same as plain data."""
        shares = {"night": self.night} | ({"canary": self.canary} if self.canary else {})
        return {
            "budget": self.plan.budget,
            "seconds": self.seconds if self.plan.budget else None,
            "shard": self.plan.shard,
            **{name: _data(told) for name, told in shares.items()},
        }


def fitted(plan: Plan, ledger: Ledger, workers: str) -> Fitted:
    """A plan with what its budget leaves out, as the ledger knows the costs; the same for the same ledger."""
    count = worker_count(plan.device) if workers == "auto" else max(int(workers), 1)
    whole = usable(plan.budget) if plan.budget else BOUNDLESS
    canary, spent = None, 0.0
    if plan.profile == NIGHTLY:
        canary = _share(plan, nights(ledger, ORDER[0]), CANARY * whole, count)
        spent = canary.span
    night = _share(plan, nights(ledger, plan.profile), whole - spent if plan.budget else BOUNDLESS, count)
    return Fitted(plan=replace(plan, left_out=night.left_out), night=night, canary=canary)


def _share(plan: Plan, known: Nights, seconds: float, workers: int) -> Share:
    return share(candidates(plan.selection, known), seconds=seconds, workers=workers)


def _counted(told: Share) -> str:
    items = sum(len(told.candidates[part].items) for part in told.chosen)
    return f"{items} items of {len(told.chosen)} parts, {spoken(told.span)} at most on {told.workers}"


def _line(told: Share, part: str, why: str) -> str:
    it = told.candidates[part]
    return f"{spoken(it.cost)}  {part}  {len(it.items)} items; {why}"


def _data(told: Share) -> Mapping[str, Any]:
    rows = {
        part: {"seconds": it.cost, "nats": it.gain, "seen": it.seen, "items": dict(it.items)}
        for part, it in told.candidates.items()
    }
    return {
        "chosen": [{"part": part, "why": why, **rows[part]} for part, why in told.chosen.items()],
        "left_out": [{"part": part, "why": why, **rows[part]} for part, why in told.left.items()],
        "span": told.span,
        "workers": told.workers,
        "nights": told.nights,
    }
