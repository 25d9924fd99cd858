"""What a run has finished: in memory, and line by line in the journal, so that a run that is killed keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary.result import Result, from_json


class Keeper:
    """`finished` results by item; `failed` and `late` say why items have none; `unkept` what the journal did not take.

    Raises JournalError for a journal that cannot be read.
    """

    def __init__(self, log: Path | None, made: Mapping[str, Any]) -> None:
        self.log, self.made = log, made
        self.finished: dict[str, list[Result]] = finished(log, made) if log else {}
        self.unkept = ""
        self.failed: dict[str, str] = {}
        self.late: dict[str, str] = {}

    def keep(self, item: str, carried: list[dict[str, Any]]) -> None:
        """Append one finished item to the log and to memory; a repetition replaces what was there.

        Raises ValueError, KeyError or TypeError for a result with a field that none can have.
        """
        self.finished[item] = [from_json(row) for row in carried]
        if self.log is not None and not self.unkept:
            try:
                journal.opened(self.log, self.made)
                journal.append(self.log, journal.sealed({"item": item, "made": self.made, "results": carried}))
            except journal.JournalError as error:
                # The run goes on: what is finished is in memory, and the end of the run says what was not kept.
                self.unkept = str(error)


def finished(log: Path, mark: Mapping[str, Any]) -> dict[str, list[Result]]:
    """The items of a journal that this code, profile, entropy and device made; the others are run again."""
    entries = journal.read(log).entries
    return {item: entry.results for item, entry in entries.items() if dict(entry.made) == dict(mark)}
