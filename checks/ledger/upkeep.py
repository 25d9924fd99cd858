"""Merging, rebuilding and pruning a ledger. Journals are added and moved, never changed and never deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger import former, sealed
from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger._offers import Offer, offers
from lazy_assay.checks.ledger.address import SQLITE, LedgerError, LedgerOutdatedError
from lazy_assay.checks.ledger.archive import Archive
from lazy_assay.checks.ledger.index.records import Run
from lazy_assay.checks.ledger.verification import Finding, conflicts


@dataclass(kw_only=True)
class Upkeep:
    """What was done: digests of journals that came in or went away, what is wrong, and what was left as it is."""

    journals: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def merge(ledger: Ledger, places: Sequence[str]) -> Upkeep:
    """Take in the journals of other ledgers, folders and reports; what is here already stays as it is.

    Raises LedgerError before anything is merged where a place is nothing of the kind, and where the ledger fails.
    """
    found = [offer for place in places for offer in offers(place)]
    told, before = Upkeep(), set(ledger.archive.paths())
    for offer in found:
        told.findings += _taken(ledger.archive, offer)
    told.journals = [digest for digest in ledger.archive.paths() if digest not in before]
    ledger.catch_up()
    with ledger.index() as index:
        told.findings += conflicts(index, told.journals) if index and told.journals else []
    return told


def _taken(archive: Archive, offer: Offer) -> Iterator[Finding]:
    if offer.kind == "journal":
        try:
            archive.take(offer.path)
        except (sealed.DamagedError, OSError) as error:
            yield Finding(str(offer.path), f"damaged: {error}; it was not merged")
        return
    for data in offer.runs():
        try:
            archive.keep(*sealed.sealed(data))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, LedgerError):
                raise
            yield Finding(str(offer.path), f"a run in it cannot be kept ({error}); it was not merged")


def rebuild(ledger: Ledger, *, drop: bool = False) -> Upkeep:
    """Drop the index and make it again from the journals, in one transaction; a former ledger is carried over first.

    Raises LedgerError where the index knows runs whose journals are not here, unless `drop` says to forget these.
    """
    told = Upkeep(findings=list(_carried(ledger)))
    paths = ledger.archive.paths()
    if lost := sorted(_known(ledger) - set(paths)):
        if not drop:
            raise LedgerError(
                f"ledger {ledger.url} has {len(lost)} journals in its index that are not in {ledger.archive.folder} "
                f"({lost[0]} is one): merge them first, or --drop them"
            )
        told.notes.append(f"{len(lost)} journals are not here and were dropped from the index")
    damaged = {digest: path for digest, path in paths.items() if not ledger.archive.intact(path)}
    for path in damaged.values():
        told.findings.append(Finding(path.name, "damaged: left out; merge a good copy of it, and rebuild"))
    told.journals = [digest for digest in paths if digest not in damaged]
    database = ledger.database
    with database.writing(anew=True) as connection:
        database.fill(connection, [paths[digest] for digest in told.journals])
    return told


def _known(ledger: Ledger) -> set[str]:
    try:
        return ledger.indexed()
    except LedgerOutdatedError:
        return set()


def _carried(ledger: Ledger) -> Iterator[Finding]:
    """Journals for the runs of a ledger from before journals; once there is an index, they have been made."""
    if ledger.address.kind != SQLITE or not former.holds(ledger.path):
        return
    try:
        with ledger.database.reading():
            return
    except LedgerOutdatedError:
        yield from _taken(ledger.archive, Offer(ledger.path, "former"))


def prunable(ledger: Ledger, *, keep: int | None = None, before: str = "") -> list[Run]:
    """The runs that are older than the last `keep`, or started before `before`, oldest first."""
    runs = ledger.runs()
    if before:
        return [run for run in runs if run.started < before]
    return runs[: max(len(runs) - keep, 0)] if keep is not None else []


def prune(ledger: Ledger, runs: Sequence[Run], folder: Path) -> Upkeep:
    """Move the journals of `runs` into `folder` and drop their rows; `merge` brings them back. Raises LedgerError."""
    if folder.resolve() == ledger.archive.folder.resolve():
        raise LedgerError(f"{folder} is where the journals lie now; name another folder")
    gone, told, aside = {run.run for run in runs}, Upkeep(), Archive(folder)
    paths = {d: path for d, path in ledger.archive.paths().items() if sealed.run(path) in gone}
    for digest, path in paths.items():
        if not ledger.archive.intact(path):
            told.findings.append(Finding(path.name, "damaged: it stays; merge a good copy of it first"))
            continue
        aside.take(path)
        told.journals.append(digest)
    database = ledger.database
    with database.writing() as connection:
        database.forget(connection, told.journals)
    for digest in told.journals:
        ledger.archive.drop(paths[digest])
    return told


def exported(ledger: Ledger, claims: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Every result, oldest run first, as in results.json, with its run, when that started and of which commit."""
    for run in ledger.runs():
        for row in ledger.data(run)["results"]:
            if isinstance(row, dict) and (not claims or row.get("claim") in claims):
                yield {"run": run.run, "started": run.started, "commit": run.commit, **row}
