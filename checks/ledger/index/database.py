"""The index's database: opened, its schema looked at, filled journal by journal. SQLAlchemy is loaded here alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from lazy_assay.checks.ledger.address import (
    POSTGRESQL,
    SQLITE,
    Address,
    LedgerError,
    LedgerLockedError,
    LedgerOutdatedError,
)
from lazy_assay.checks.ledger.index import columns
from lazy_assay.checks.ledger.index.contents import contents
from lazy_assay.checks.ledger.index.tables import (
    COMPARISONS,
    JOURNALS,
    METADATA,
    NUMBERS,
    RESULTS,
    SCHEMA,
    STATUSES,
    TABLES,
)
from lazy_assay.checks.vocabulary import text

# Seconds that a locked index is waited for: what a run found is in its journal whatever becomes of the index.
PATIENCE = 1.5
CACHE = 256 * 1024
# The tables of a ledger from before there were journals.
FORMER = {"runs", "results", "statuses"}
# Names the lock under which a server's tables are made.
MAKING = 0x61737361
MEND = "name another with --ledger"


class Database:
    """The index at an address. Every method raises LedgerError, and LedgerLockedError within two seconds."""

    def __init__(self, address: Address) -> None:
        self.address = address

    @contextmanager
    def reading(self) -> Iterator[sa.Connection | None]:
        """A connection that sees one state throughout and changes nothing; None where there is no index."""
        if self.address.kind == SQLITE and not self._has_file():
            yield None
            return
        with self._connected(writes=False) as connection:
            yield connection if self._present(connection) else None

    @contextmanager
    def writing(self, *, anew: bool = False) -> Iterator[sa.Connection]:
        """A connection whose work is kept whole or not at all. `anew` drops what of the index there is first."""
        if self.address.kind == SQLITE:
            self._has_file()
        with self._connected(writes=True) as connection:
            if anew or not self._present(connection):
                self._make(connection, anew)
            yield connection

    def _make(self, connection: sa.Connection, anew: bool) -> None:
        if self.address.kind == POSTGRESQL:
            # Who waits here finds the tables of who came first.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING)))
        if anew:
            _, version = self._version(connection)
            if version is not None and version > columns.SCHEMA:
                raise self._other(version)
            METADATA.drop_all(connection)
        if anew or not self._present(connection):
            METADATA.create_all(connection)
            connection.execute(SCHEMA.insert(), {"version": columns.SCHEMA})

    def _has_file(self) -> bool:
        path = self.address.path
        if path.exists() and not path.is_file():
            raise self._refused("it is no regular file")
        return path.exists() and path.stat().st_size > 0

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[sa.Connection]:
        begun = False
        try:
            with self._engine(writes).begin() as connection:
                begun = True
                yield connection
        except DBAPIError as error:
            reason = text.line(error.orig)[:300]
            if "locked" in reason or "lock timeout" in reason:
                raise LedgerLockedError(self._sentence(reason), machine=True) from error
            # Text that is no UTF-8 is an operational error to sqlite3, and nobody wrote it here.
            machine = begun and isinstance(error, OperationalError) and "decode" not in reason
            raise self._refused(reason, machine=machine) from error
        except (SQLAlchemyError, OSError, UnicodeError) as error:
            raise self._refused(text.line(error)[:300], machine=begun) from error

    def _engine(self, writes: bool) -> sa.Engine:
        if self.address.kind == SQLITE:
            engine = sa.create_engine("sqlite://", creator=lambda: self._file(writes), poolclass=NullPool)
            begin = "begin immediate" if writes else "begin"
            sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
            return engine
        limits = f"-c lock_timeout={PATIENCE * 1000:.0f}"
        try:
            engine = sa.create_engine(
                self.address.target, poolclass=NullPool, connect_args={"connect_timeout": 2, "options": limits}
            )
        except ModuleNotFoundError:
            raise self._refused("psycopg is not installed: pip install 'lazy-assay[postgres]'") from None
        if writes:
            return engine
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _file(self, writes: bool) -> sqlite3.Connection:
        path = self.address.path
        if writes:
            path.parent.mkdir(parents=True, exist_ok=True)
        # A reader must be able to undo what a killed writer left half done; it is kept from anything else.
        mode = "rwc" if writes else "rw"
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE, isolation_level=None
        )
        # In KiB. A night touches a page for each comparison: those of a year do not fit into what SQLite takes unasked.
        connection.execute(f"pragma cache_size = -{CACHE}")
        if not writes:
            connection.execute("pragma query_only = on")
        return connection

    def _present(self, connection: sa.Connection) -> bool:
        """Whether there is an index of this schema. Raises LedgerError for one of another, or a stranger's file."""
        tables, version = self._version(connection)
        if version == columns.SCHEMA:
            return True
        if version is not None:
            raise self._other(version)
        if self.address.kind == SQLITE and tables >= FORMER:
            raise LedgerOutdatedError(
                self._sentence("it is from before there were journals: `assay ledger rebuild` carries it over")
            )
        return False

    def _other(self, version: int) -> LedgerOutdatedError:
        age, mend = ("newer", "use a newer Assay") if version > columns.SCHEMA else ("older", "`assay ledger rebuild`")
        return LedgerOutdatedError(
            self._sentence(f"its schema {version} is {age} than this Assay's {columns.SCHEMA}: {mend}")
        )

    def _version(self, connection: sa.Connection) -> tuple[set[str], int | None]:
        tables = set(sa.inspect(connection).get_table_names())
        if SCHEMA.name in tables:
            return tables, connection.execute(sa.select(sa.func.max(SCHEMA.c.version))).scalar()
        if self.address.kind == SQLITE and tables and not tables >= FORMER:
            raise self._refused(f"it is another's database, with a table {min(tables)!r}")
        return tables, None

    def _refused(self, reason: str, *, machine: bool = False) -> LedgerError:
        return LedgerError(self._sentence(reason), machine=machine)

    def _sentence(self, reason: str) -> str:
        return f"ledger {self.address.url} cannot be used: {reason}; {MEND}"

    def add(self, connection: sa.Connection, path: Path) -> bool:
        """Add the rows of the journal at `path`, which was checked; False where they are there already."""
        told = contents(path)
        new = self._new(JOURNALS).values(told.journal).returning(JOURNALS.c.journal)
        if connection.execute(new).first() is None:
            return False
        for table, rows in ((STATUSES, told.statuses), (RESULTS, told.results), (NUMBERS, told.numbers)):
            if rows:
                connection.execute(table.insert(), rows)
        if told.comparisons:
            connection.execute(self._new(COMPARISONS), told.comparisons)
        return True

    def _new(self, table: sa.Table) -> Any:
        """Inserts what is not there yet; who inserts the same at once waits, and then finds it."""
        insert = sqlite.insert if self.address.kind == SQLITE else postgresql.insert
        return insert(table).on_conflict_do_nothing()

    def fill(self, connection: sa.Connection, paths: Iterable[Path]) -> None:
        """Add many journals to an index that is empty: what orders its rows is made once, at the end."""
        orders = sorted(RESULTS.indexes, key=lambda index: str(index.name))
        for index in orders:
            index.drop(connection)
        for path in paths:
            self.add(connection, path)
        for index in orders:
            index.create(connection)

    def forget(self, connection: sa.Connection, journals: Iterable[str]) -> None:
        """Drop the rows of these journals, and the comparisons that no other has."""
        names = [columns.short(digest) for digest in journals]
        for table in (RESULTS, NUMBERS, STATUSES, JOURNALS):
            connection.execute(table.delete().where(table.c.journal.in_(names)))
        used = sa.exists().where(RESULTS.c.key == COMPARISONS.c.key)
        connection.execute(COMPARISONS.delete().where(~used))

    def dump(self) -> Iterator[tuple[Any, ...]]:
        """Every row of every table in the order of their keys: equal for equal sets of journals."""
        with self.reading() as connection:
            for table in TABLES if connection is not None else ():
                for row in connection.execute(sa.select(table).order_by(*table.primary_key)):  # type: ignore[union-attr]
                    yield (table.name, *row)
