"""What a result keeps of its draws for the nights to come, where a search and its confirmation both drew."""

from __future__ import annotations

from dataclasses import replace

from lazy_assay.checks.statistics.signs import together
from lazy_assay.checks.vocabulary.result import Result


def with_earlier(now: Result, earlier: Result, *, told: Result | None = None) -> Result:
    """`told` (by default `now`) with the draws of both stages kept; with none where either stage kept none.

    That a confirmation ran hangs on the search's draws: those of one stage alone would be chosen.
    """
    result = told or now
    plain = {name: value for name, value in result.figures.items() if not name.startswith("draws ")}
    return replace(result, figures=plain | together(now.figures, earlier.figures))
