"""Results over time: the journals of all runs, which are the truth, and an index over them, which can be made again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lazy_assay.checks.ledger import sealed
from lazy_assay.checks.ledger.address import SQLITE, LedgerError, LedgerLockedError, parsed
from lazy_assay.checks.ledger.archive import Archive
from lazy_assay.checks.ledger.index.records import AlteredError, Record, Run

if TYPE_CHECKING:
    from lazy_assay.checks.ledger.index.database import Database
    from lazy_assay.checks.ledger.index.queries import Index

REBUILD = "`assay ledger rebuild` makes it again from its journals"
Data = dict[str, Any]


class Ledger:
    """Opened by URL: `sqlite:///relative.sqlite`, `sqlite:////absolute.sqlite`, `postgresql+psycopg://host/database`.

    Raises LedgerError for any other. SQLAlchemy is loaded where an index is read or written, and not before.
    """

    def __init__(self, url: str) -> None:
        self.address = parsed(url)
        self.url, self.archive = self.address.url, Archive(self.address.journals)

    @property
    def path(self) -> Path:
        """The file of an SQLite index."""
        return self.address.path

    @property
    def database(self) -> Database:
        """The index; loads SQLAlchemy."""
        from lazy_assay.checks.ledger.index.database import Database

        return Database(self.address)

    # -- writing -------------------------------------------------------------------------------------------------------

    def make_sure(self) -> None:
        """Raise LedgerError where nothing can be kept here; a file that is not there yet is not made.

        A locked index is no obstacle, nor one that was dropped: the journal of a run is kept all the same.
        """
        if self.address.kind == SQLITE:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LedgerError(f"ledger {self.url} cannot be used: {error}; name another with --ledger") from error
        self.archive.paths()
        with suppress(LedgerLockedError), self.database.reading():
            pass

    def record(self, data: Mapping[str, Any]) -> None:
        """Keep a run's data (as in results.json, strict); recording a run twice changes nothing.

        Its journal is on disk first, so that an index that is locked or gone costs nothing: the next run takes it up.
        """
        try:
            name, content = sealed.sealed(data)
        except (KeyError, TypeError, ValueError) as error:
            raise LedgerError(f"ledger {self.url} takes no such run: {error}") from None
        path = self.archive.keep(name, content)
        try:
            self._add(path)
            # What another run is putting in at this moment need not be waited for.
            with suppress(LedgerLockedError):
                self.catch_up()
        except LedgerError as error:
            raise type(error)(f"{error}; {path} is kept, and the next run takes it up", machine=error.machine) from None

    def catch_up(self) -> None:
        """Put into the index the journals that it lacks. Raises LedgerError."""
        known = self.indexed()
        for path in [path for digest, path in self.archive.paths().items() if digest not in known]:
            self._add(path)

    def _add(self, path: Path) -> None:
        if not self.archive.intact(path):
            raise LedgerError(f"journal {path} is damaged and left out: `assay ledger verify` says more")
        database = self.database
        with database.writing() as connection:
            database.add(connection, path)

    def indexed(self) -> set[str]:
        """The digests of the journals that the index has."""
        with self.opened() as index:
            return set(index.journals().values()) if index else set()

    # -- reading -------------------------------------------------------------------------------------------------------

    def last_statuses(self) -> dict[str, str]:
        """The latest status of every claim that was ever run; empty where there is no ledger yet."""
        if self.address.kind == SQLITE and self.path.is_file():
            from lazy_assay.checks.ledger.index import last

            if (told := last.last_statuses(self.path)) is not None:
                return told
        with self.index() as index:
            return index.last_statuses() if index else {}

    def statuses(self, *, before: str = "", limit: int = 20, parts: bool = False) -> dict[str, list[dict[str, str]]]:
        """For each claim its statuses, oldest first, of the last `limit` runs that started before `before`.

        With `parts`, for each part (`claim:part`; `claim` where it has one without a name). A status is given with what
        was expected, and with run, started and commit.
        """
        with self.index() as index:
            return index.statuses(before=before, limit=limit, parts=parts) if index else {}

    def runs(self, *, before: str = "", limit: int | None = None) -> list[Run]:
        """The last `limit` runs that started before `before` (ISO 8601), oldest first."""
        with self.index() as index:
            return index.runs(before=before, limit=limit) if index else []

    def seen(self, profile: str) -> dict[str, str]:
        """When a run of this profile last found something about each part (`claim:part`); ISO 8601."""
        with self.index() as index:
            return index.seen(profile) if index else {}

    def history(self, comparison: str, *, limit: int | None = None) -> list[Record]:
        """What the last `limit` runs found about one comparison (`Result.comparison`), oldest first."""
        with self.index() as index:
            return index.history(comparison, limit=limit) if index else []

    def latest(self, *, nights: int = 1, claims: Iterable[str] = ()) -> dict[str, list[Record]]:
        """For each comparison its last `nights` records in each stage, oldest first; of all claims or those named."""
        told: dict[str, list[Record]] = {}
        with self.index() as index:
            for record in index.latest(nights=nights, claims=claims) if index else ():
                told.setdefault(record.comparison, []).append(record)
        return told

    def last_run(self) -> Data:
        """The data of the latest run, as in results.json. Raises LedgerError where there is none."""
        if not (last := self.runs(limit=1)):
            raise LedgerError(f"ledger {self.url} holds no run yet; `assay run` fills it")
        return self.data(last[0])

    def data(self, run: Run) -> Data:
        """The data of a run, as in results.json. Raises LedgerError where its journal is not here."""
        with self._journal(run.digest) as path:
            head = sealed.head(path)
            return {"run": head.pop("run"), "results": [row for _, row in sealed.rows(path)], **head}

    def head(self, run: Run) -> Data:
        """The data of a run but for its results. Raises LedgerError where its journal is not here."""
        with self._journal(run.digest) as path:
            return sealed.head(path)

    def find(self, id: str) -> list[Data]:
        """The stored results whose id starts with `id`, latest first, one for each id."""
        places: dict[str, tuple[str, int]] = {}
        for found, digest, place in self._named(id):
            places.setdefault(found, (digest, place))
        wanted = set(places.values())
        rows: dict[tuple[str, int], Any] = {}
        for digest in dict.fromkeys(digest for digest, _ in places.values()):
            with self._journal(digest) as path:
                rows |= {(digest, at): row for at, row in sealed.rows(path) if (digest, at) in wanted}
        return [row for place in places.values() if isinstance(row := rows.get(place), dict)]

    def _named(self, id: str) -> list[tuple[str, str, int]]:
        with self.index() as index:
            return index.named(id) if index else []

    @contextmanager
    def index(self) -> Iterator[Index | None]:
        """The index, open; None where there is no ledger yet. Raises LedgerError where it is gone, or unreadable."""
        with self.opened() as index:
            if index is None and (count := len(self.archive.paths())):
                raise LedgerError(f"ledger {self.url} has {count} journals and no index; {REBUILD}")
            yield index

    @contextmanager
    def opened(self) -> Iterator[Index | None]:
        """The index, open; None where there is none. Raises LedgerError where it is unreadable."""
        if self.address.kind == SQLITE and not self.path.exists():
            yield None
            return
        from lazy_assay.checks.ledger.index.queries import Index

        with self.database.reading() as connection:
            try:
                yield None if connection is None else Index(connection)
            except AlteredError as error:
                raise LedgerError(f"the index of ledger {self.url} was altered: {error}; {REBUILD}") from None

    @contextmanager
    def _journal(self, digest: str) -> Iterator[Path]:
        path = self.archive.paths().get(digest)
        if path is None:
            raise LedgerError(
                f"the journal {digest} of ledger {self.url} is not in {self.archive.folder}; merge it, or name its "
                "folder: URL?journals=DIR"
            )
        try:
            yield path
        except (sealed.DamagedError, OSError) as error:
            raise LedgerError(f"journal {path} is damaged: {error}; `assay ledger verify` says more") from None
