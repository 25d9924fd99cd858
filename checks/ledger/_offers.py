"""What another place has to merge: sealed journals, the run of a report folder, a ledger from before journals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger import former, sealed
from lazy_assay.checks.ledger.address import SQLITE, LedgerError, parsed
from lazy_assay.checks.ledger.archive import Archive
from lazy_assay.checks.vocabulary import files

HEAD, RESULTS, CANARY = "run.json", "results.json", "canary"
WHAT = "a ledger, a folder of journals, a journal or a report folder"


@dataclass(frozen=True)
class Offer:
    """A file that holds one sealed journal, or (`runs`) the data of runs that are sealed on their way in."""

    path: Path
    kind: str

    def runs(self) -> Iterator[dict[str, Any]]:
        """The data of the runs of a report folder or a former ledger, as in results.json. Raises LedgerError."""
        if self.kind == "former":
            yield from former.runs(self.path)
            return
        try:
            yield files.read_json(self.path)
        except (OSError, ValueError) as error:
            raise LedgerError(f"{self.path} cannot be read: {error}; name another") from None


def offers(place: str) -> list[Offer]:
    """What is at `place`: a ledger's URL, a file or a folder. Raises LedgerError where it is nothing of this kind."""
    if "://" in place:
        address = parsed(place)
        old = [Offer(address.path, "former")] if address.kind == SQLITE and former.holds(address.path) else []
        return _some(place, old + _journals(address.journals))
    path = Path(place)
    if path.is_dir():
        reports = [Offer(it / RESULTS, "report") for it in (path, path / CANARY) if _reported(it)]
        return _some(place, reports or _journals(path))
    if former.holds(path):
        return [Offer(path, "former")]
    if path.is_file() and (found := _journals(path.with_name(f"{path.name}.journals"))):
        return found
    try:
        sealed.check(path)
    except (sealed.DamagedError, OSError) as error:
        raise LedgerError(f"{place} is not {WHAT}: {error}; nothing of it was merged") from None
    return [Offer(path, "journal")]


def _some(place: str, found: list[Offer]) -> list[Offer]:
    if not found:
        raise LedgerError(f"{place} is not {WHAT}, or is empty; nothing of it was merged")
    return found


def _journals(folder: Path) -> list[Offer]:
    return [Offer(path, "journal") for path in Archive(folder).paths().values()]


def _reported(folder: Path) -> bool:
    """Whether the folder holds a run with a report. Raises LedgerError for a run that has none yet."""
    if not (folder / HEAD).exists():
        return (folder / RESULTS).exists()
    try:
        begun, told = files.read_json(folder / HEAD), files.read_json(folder / RESULTS)
        if begun["id"] == told["run"]["id"]:
            return True
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise LedgerError(f"{folder} holds a run without a report: finish it by `assay run --resume --report {folder}`")
