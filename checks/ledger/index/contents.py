"""What the index holds of one journal: a function of the journal alone, so that an index can always be made again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger import sealed
from lazy_assay.checks.ledger.index import columns, numbers

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The rows of one journal in each table, in the order of their keys, and a sentence for each line that has none."""

    journal: Row
    statuses: list[Row]
    comparisons: list[Row]
    results: list[Row]
    numbers: list[Row]
    unreadable: tuple[str, ...]


def contents(path: Path) -> Contents:
    """The rows of the journal at `path`, which was checked. Raises DamagedError, or OSError."""
    head, digest = sealed.head(path), sealed.digest(path)
    results, comparisons, packed, unreadable = [], {}, [], []
    for place, row in sealed.rows(path):
        try:
            told = columns.of_result(row)
        except ValueError as error:
            unreadable.append(f"{path.name}, line {place}: {error}")
            continue
        comparisons[told["key"]] = {name: told.pop(name) for name in columns.SUBJECT} | {"key": told["key"]}
        packed.append(numbers.of_result({**told, **comparisons[told["key"]]}, row, place))
        results.append(told | {"journal": columns.short(digest), "place": place})
    journal = columns.of_run(head, digest, len(results), len(unreadable))
    return Contents(
        journal=journal,
        statuses=[row | {"journal": journal["journal"]} for row in columns.of_claims(head)],
        # In one order everywhere, so that two writers who wait for one another do not wait for ever.
        comparisons=[comparisons[key] for key in sorted(comparisons)],
        results=[row | {"started": journal["started"]} for row in results],
        numbers=[{"journal": journal["journal"], "packed": numbers.packed(packed)}],
        unreadable=tuple(unreadable),
    )
