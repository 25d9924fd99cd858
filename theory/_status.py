"""The words for what became of a part: one table, from the news that matters most to the least."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """A word, and what it means. holds: the statement stands. open: nothing is decided, and a run is incomplete."""

    word: str
    meaning: str
    holds: bool = False
    open: bool = False


REFUTED, REVERSE, NOT_REPRODUCED = "refuted", "reverse", "not reproduced"
VACUOUS, NOT_RUN, UNDECIDED, UNDECIDED_HERE = "vacuous", "not run", "undecided", "undecided here"
CONFIRMED, REPRODUCED = "confirmed", "reproduced"
# How near to the data a bound is. A larger profile, of more draws, may tell that it is nearer, never that it is not.
SHARP, WITHIN, LOOSE = "holds, sharp", "holds, within 10×", "holds, loose"

STATUSES = (
    Status(REFUTED, "a confirmation on fresh streams disagrees"),
    Status(REVERSE, "the opposite of the finding is observed"),
    Status(NOT_REPRODUCED, "the finding is not observed"),
    Status(VACUOUS, "nothing ran, or the check would not notice a wrong version"),
    Status(NOT_RUN, "something was missing, or did not finish", open=True),
    Status(UNDECIDED, "the draws of this profile do not decide", open=True),
    Status(UNDECIDED_HERE, "a larger profile decides, as the check file says"),
    Status(CONFIRMED, "it agrees wherever it was confronted", holds=True),
    Status(SHARP, "the bound holds, and is attained: one that is one percent tighter is refuted", holds=True),
    Status(WITHIN, "the bound holds, and somewhere the data are within a factor of ten of it", holds=True),
    Status(LOOSE, "the bound holds, and is nowhere near the data", holds=True),
    Status(REPRODUCED, "the finding is observed", holds=True),
)
