"""What of a night fits into its time: parts that are due, then those whose evidence gains most an hour."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.nights import PRIOR, Nights
from lazy_assay.checks.vocabulary.check import part_of

UNITS = {"s": 1, "m": 60, "h": 3600}
# What is kept back to begin, to write the report and to upload it: a share of the budget, and at most so many seconds.
MARGIN, LARGEST_MARGIN = 0.1, 900.0
# The share of a night that goes to the parts that have waited longest, whatever they gain.
VISITS = 0.5
# The share of a night that its canary may take.
CANARY = 1 / 3


def seconds(text: str) -> int:
    """A length of time such as 6h, 90m, 45s or 1h30m. Raises UsageError for anything else."""
    if not re.fullmatch(r"(?=.)(\d{1,3}h)?(\d{1,5}m)?(\d{1,6}s)?", text, re.ASCII):
        raise UsageError(f"--budget {text[:20]!r} is no length of time; six hours are 6h, ninety minutes 90m or 1h30m")
    if not (total := sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([hms])", text))):
        raise UsageError(f"--budget {text} leaves no time")
    return total


def spoken(duration: float) -> str:
    """A length of time for a reader: two units at most."""
    whole = round(duration)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{duration:.1f} s"


def usable(budget: float) -> float:
    """What of a budget is left for items."""
    return budget - min(MARGIN * budget, LARGEST_MARGIN)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One part: its items with their seconds, the nats that a night of it gains, when it ran last (ISO 8601)."""

    part: str
    items: Mapping[str, float]
    gain: float = PRIOR
    seen: str = ""

    @property
    def cost(self) -> float:
        """Seconds of all its items."""
        return sum(self.items.values())

    @property
    def an_hour(self) -> float:
        """Nats an hour."""
        return 3600 * self.gain / max(self.cost, 1e-3)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What runs, in order, and what does not, each part with why. `seconds` is the time that was to be filled.

    nights: within so many nights of this length, at these costs, every part that fits one has had its turn.
    """

    chosen: Mapping[str, str]
    left: Mapping[str, str]
    candidates: Mapping[str, Candidate] = field(repr=False)
    seconds: float
    workers: int
    nights: int

    @property
    def span(self) -> float:
        """The seconds that what is chosen takes at most, begun in whatever order."""
        return makespan([self.candidates[part] for part in self.chosen], self.workers)

    @property
    def order(self) -> list[str]:
        """The items of what is chosen: those whose turn it is by how long they waited, then by nats an hour."""
        return [item for part in self.chosen for item in self.candidates[part].items]

    @property
    def left_out(self) -> dict[str, str]:
        """Why, for each item that does not run."""
        return {item: why for part, why in self.left.items() for item in self.candidates[part].items}


def candidates(selection: Iterable[str], known: Nights) -> list[Candidate]:
    """The parts of the claims of a selection, as former nights know them."""
    items: dict[str, dict[str, float]] = {}
    for task in (task for id in selection for task in tasks(id)):
        items.setdefault(part_of(task.id), {})[task.id] = known.cost(task)
    return [
        Candidate(part=part, items=told, gain=known.gains.get(part, PRIOR * len(told)), seen=known.seen.get(part, ""))
        for part, told in items.items()
    ]


def makespan(parts: Sequence[Candidate], workers: int) -> float:
    """Seconds in which `workers` are done, whatever the order of the items (Graham 1966): W/w + (1 − 1/w)·longest."""
    longest = max((cost for it in parts for cost in it.items.values()), default=0.0)
    return sum(it.cost for it in parts) / workers + (1 - 1 / workers) * longest


def share(parts: Iterable[Candidate], *, seconds: float, workers: int) -> Share:
    """Fill `seconds` on `workers`: a half with the parts that were seen longest ago, the rest by nats an hour.

    Hangs on its arguments alone. Parts that were seen at the same time keep one order on all nights: with another each
    night one could be put off for ever.
    """
    known = {it.part: it for it in parts}
    able = [it for it in known.values() if makespan([it], workers) <= seconds]
    queue = sorted(able, key=lambda it: (it.seen, _lot(it.part)))
    turns = _turns(queue, VISITS * seconds, workers)
    first = turns[0] if turns else []
    why = {it.part: f"its turn: {'seen ' + it.seen[:10] if it.seen else 'never seen'}" for it in first}
    chosen = [known[part] for part in why]
    for it in sorted(able, key=lambda it: (-it.an_hour, it.seen, _lot(it.part))):
        if it.part not in why and makespan([*chosen, it], workers) <= seconds:
            chosen.append(it)
            why[it.part] = f"{it.an_hour:.3g} nats an hour"
    left = {it.part: _refusal(it, seconds, workers) for it in known.values() if it.part not in why}
    return Share(chosen=why, left=left, candidates=known, seconds=seconds, workers=workers, nights=max(len(turns), 1))


def _turns(queue: Sequence[Candidate], seconds: float, workers: int) -> list[list[Candidate]]:
    """The queue cut into nights: each as much of it as fits `seconds`, one part at least.

    A part that runs out of turn shortens the queue, so no other waits longer: the cut points only move on.
    """
    nights: list[list[Candidate]] = []
    for it in queue:
        if nights and makespan([*nights[-1], it], workers) <= seconds:
            nights[-1].append(it)
        else:
            nights.append([it])
    return nights


def _refusal(it: Candidate, seconds: float, workers: int) -> str:
    if makespan([it], workers) > seconds:
        return f"no night of this length pays for it: it takes {spoken(it.cost)}"
    return f"the budget left it out: it takes {spoken(it.cost)}"


def _lot(part: str) -> bytes:
    """An order in which the claims of one paper do not stand together."""
    return hashlib.blake2b(part.encode(), digest_size=8).digest()
