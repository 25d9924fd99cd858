"""Parts of a selection for runners that need not talk: the same code deals the same claims, whatever each remembers."""

from __future__ import annotations

from collections.abc import Sequence

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.costs import estimate


def parsed(text: str) -> tuple[int, int]:
    """`2/4` is the second of four. Raises UsageError for anything else."""
    first, slash, second = text.partition("/")
    if slash and all(word.isascii() and word.isdecimal() and len(word) < 5 for word in (first, second)):
        place, count = int(first), int(second)
        if 1 <= place <= count:
            return place, count
    raise UsageError(f"--shard {text[:20]!r} is no shard; the second of four is 2/4")


def dealt(selection: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """The claims in `count` shards: each claim in one of them, and the guesses at their costs about equal.

    What a runner remembers of costs has no say: two that remember differently would leave a claim out, or run it twice.
    """
    guess = {id: sum(map(estimate, tasks(id))) for id in selection}
    shards: list[list[str]] = [[] for _ in range(count)]
    loads = [0.0] * count
    for id in sorted(guess, key=lambda id: (-guess[id], id)):
        place = loads.index(min(loads))
        shards[place].append(id)
        loads[place] += guess[id]
    return [tuple(sorted(shard)) for shard in shards]


def shard(selection: Sequence[str], text: str) -> tuple[str, ...]:
    """The claims of the shard that `text` names, as in `2/4`. Raises UsageError for one that has none."""
    place, count = parsed(text)
    if not (chosen := dealt(selection, count)[place - 1]):
        raise UsageError(f"--shard {text}: only {len(set(selection))} claims are chosen, and this shard has none")
    return chosen
