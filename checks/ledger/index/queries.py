"""What is asked of the index. A run counts by its last journal: a stopped run that was resumed has two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from lazy_assay.checks.ledger.index import columns, numbers
from lazy_assay.checks.ledger.index.last import STATUSES as LAST
from lazy_assay.checks.ledger.index.records import AlteredError, Record, Run, record, run
from lazy_assay.checks.ledger.index.tables import COMPARISONS, JOURNALS, METADATA, NUMBERS, RESULTS, STATUSES

_order = JOURNALS.c.finished.desc(), JOURNALS.c.results.desc(), JOURNALS.c.digest.desc()
_ranked = sa.select(
    JOURNALS, sa.func.row_number().over(partition_by=JOURNALS.c.run, order_by=_order).label("age")
).subquery()
_EARLIER = sa.select(_ranked.c.journal).where(_ranked.c.age > 1)
# Behind every id that begins alike.
LAST_CHARACTER = "\U0010ffff"


def _columns() -> list[sa.Column[Any]]:
    """Those of a Record; what a run and its results both tell is the result's."""
    own = {column.name: column for table in (JOURNALS, COMPARISONS, RESULTS) for column in table.c}
    return [own[name] for name in Record._fields]


_RECORDS = (
    sa.select(*_columns())
    .select_from(RESULTS)
    .join(JOURNALS, JOURNALS.c.journal == RESULTS.c.journal)
    .join(COMPARISONS, COMPARISONS.c.key == RESULTS.c.key)
)


@dataclass(frozen=True)
class Index:
    """An index that is open. Raises AlteredError for a row that nobody here wrote."""

    connection: sa.Connection

    def journals(self) -> dict[str, str]:
        """The digest of each journal in the index, by its short name."""
        found = self.connection.execute(sa.select(JOURNALS.c.journal, JOURNALS.c.digest))
        return {str(short): str(digest) for short, digest in found}

    def runs(self, *, before: str = "", limit: int | None = None) -> list[Run]:
        """The last `limit` runs that started before `before` (ISO 8601), oldest first."""
        query = sa.select(*[_ranked.c[name] for name in Run._fields]).where(_ranked.c.age == 1)
        if before:
            query = query.where(_ranked.c.started < before)
        rows = self.connection.execute(query.order_by(_ranked.c.started.desc(), _ranked.c.run.desc()).limit(limit))
        return [run(row) for row in rows][::-1]

    def statuses(self, *, before: str = "", limit: int = 20, parts: bool = False) -> dict[str, list[dict[str, str]]]:
        """For each claim, or each part, what the last `limit` runs before `before` say of it, oldest first."""
        names = ("run", "started", "commit")
        query = (
            sa.select(
                *(STATUSES.c[name] for name in ("claim", "part", "status", "expected")),
                *(_ranked.c[name] for name in names),
            )
            .join(_ranked, _ranked.c.journal == STATUSES.c.journal)
            .where(_ranked.c.age == 1, _ranked.c.started < (before or "9999"))
            .order_by(_ranked.c.started, _ranked.c.run)
        )
        if not parts:
            query = query.where(STATUSES.c.part == "")
        told: dict[tuple[str, str], list[dict[str, str]]] = {}
        for claim, part, *row in self.connection.execute(query):
            entry = dict(zip(("status", "expected", *names), map(str, row), strict=True))
            told.setdefault((str(claim), str(part)), []).append(entry)
        # A claim whose parts have names is told by these.
        named = {claim for claim, part in told if part}
        mine = {key: entries for key, entries in told.items() if key[1] or key[0] not in named}
        return {f"{claim}{':' + part if part else ''}": entries[-limit:] for (claim, part), entries in mine.items()}

    def last_statuses(self) -> dict[str, str]:
        """The latest status of every claim that was ever run."""
        found = self.connection.execute(sa.text(LAST))
        return {str(claim): str(status) for claim, status in found}

    def seen(self, profile: str) -> dict[str, str]:
        """When a run of this profile last found something about each part, `claim:part`."""
        query = (
            sa.select(COMPARISONS.c.claim, COMPARISONS.c.part, sa.func.max(RESULTS.c.started))
            .join(RESULTS, RESULTS.c.key == COMPARISONS.c.key)
            .where(RESULTS.c.profile == profile, RESULTS.c.verdict != columns.NOT_RUN)
            .group_by(COMPARISONS.c.claim, COMPARISONS.c.part)
        )
        found = self.connection.execute(query)
        return {f"{claim}{':' + part if part else ''}": str(started) for claim, part, started in found}

    def history(self, comparison: str, *, limit: int | None = None) -> list[Record]:
        """The last `limit` records of one comparison, oldest first."""
        keys = sa.select(COMPARISONS.c.key).where(COMPARISONS.c.comparison == comparison)
        query = _RECORDS.where(RESULTS.c.key.in_(keys), RESULTS.c.journal.not_in(_EARLIER))
        order = RESULTS.c.started.desc(), RESULTS.c.journal.desc(), RESULTS.c.place.desc()
        return [record(row) for row in self.connection.execute(query.order_by(*order).limit(limit))][::-1]

    def latest(self, *, nights: int = 1, claims: Iterable[str] = ()) -> Iterator[Record]:
        """The last `nights` records of each comparison and stage; the records of one come together, oldest first."""
        age = sa.func.row_number().over(
            partition_by=(RESULTS.c.key, RESULTS.c.stage),
            order_by=(RESULTS.c.started.desc(), RESULTS.c.journal.desc(), RESULTS.c.place.desc()),
        )
        aged = sa.select(RESULTS.c.journal, RESULTS.c.place, age.label("age")).where(RESULTS.c.journal.not_in(_EARLIER))
        if wanted := list(claims):
            aged = aged.where(RESULTS.c.key.in_(sa.select(COMPARISONS.c.key).where(COMPARISONS.c.claim.in_(wanted))))
        last = aged.subquery()
        query = (
            _RECORDS.join(last, sa.and_(last.c.journal == RESULTS.c.journal, last.c.place == RESULTS.c.place))
            .where(last.c.age <= nights)
            .order_by(RESULTS.c.key, RESULTS.c.stage, RESULTS.c.started, RESULTS.c.journal, RESULTS.c.place)
        )
        return map(record, self.connection.execute(query))

    def numbers(self, *, before: str = "", limit: int | None = None) -> Iterator[tuple[Run, np.ndarray]]:
        """The last `limit` runs that started before `before`, oldest first, each with the numbers of its results."""
        for told in self.runs(before=before, limit=limit):
            found = sa.select(NUMBERS.c.packed).where(NUMBERS.c.journal == columns.short(told.digest))
            try:
                yield told, numbers.unpacked(self.connection.execute(found).scalar())
            except numbers.NumbersError as error:
                raise AlteredError(f"{error}, those of run {told.run}") from None

    def subjects(self, keys: Iterable[str]) -> dict[str, dict[str, str]]:
        """What is compared under each of these keys: comparison, claim, part, check, route and subject."""
        query = sa.select(COMPARISONS).where(COMPARISONS.c.key.in_(list(keys)))
        return {row["key"]: dict(row) for row in self.connection.execute(query).mappings()}

    def named(self, id: str) -> list[tuple[str, str, int]]:
        """Where the results stand whose id begins with `id`, latest first: id, digest of the journal, line."""
        begin = columns.storable(id)
        query = (
            sa.select(RESULTS.c.id, _ranked.c.digest, RESULTS.c.place)
            .join(_ranked, _ranked.c.journal == RESULTS.c.journal)
            .where(_ranked.c.age == 1, RESULTS.c.id >= begin, RESULTS.c.id < begin + LAST_CHARACTER)
            .order_by(_ranked.c.started.desc(), _ranked.c.run.desc(), RESULTS.c.place)
        )
        return [(found, digest, place) for found, digest, place in self.connection.execute(query)]

    def conflicts(self, scope: Iterable[str] | None = None) -> Iterator[list[Record]]:
        """Records of one key that do not say the same, though all that decides bits is equal; one list for each key.

        A key is a comparison in one stage, with both versions, entropy, device and profile, in runs of one make.
        `scope` names journals: then only their makes are looked at. What was not run says nothing.
        """
        key = [JOURNALS.c.make, RESULTS.c.key, RESULTS.c.stage, *[RESULTS.c[name] for name in columns.VERSIONS]]
        joined = sa.select(*key).join(JOURNALS, JOURNALS.c.journal == RESULTS.c.journal)
        query = joined.where(RESULTS.c.verdict != columns.NOT_RUN, JOURNALS.c.make.in_(_shared(scope)))
        query = query.group_by(*key).having(sa.func.count(RESULTS.c.content.distinct()) > 1).order_by(*key)
        for row in self.connection.execute(query).all():
            same = [column == value for column, value in zip(key, row, strict=True)]
            told = _RECORDS.where(*same, RESULTS.c.verdict != columns.NOT_RUN)
            order = RESULTS.c.started, RESULTS.c.journal, RESULTS.c.place
            yield [record(found) for found in self.connection.execute(told.order_by(*order))]

    def rows(self, table: str, names: Iterable[str], journal: str = "") -> list[tuple[Any, ...]]:
        """The rows of a table (of one journal, by its short name), with the columns of these names in order."""
        source = METADATA.tables[table]
        query = sa.select(*[source.c[name] for name in names])
        query = query.where(source.c.journal == journal) if journal else query
        return [tuple(row) for row in self.connection.execute(query)]

    def orphans(self) -> int:
        """How many rows name a journal that the index does not have."""
        known = sa.select(JOURNALS.c.journal)
        counts = [
            sa.select(sa.func.count()).select_from(table).where(table.c.journal.not_in(known))
            for table in (STATUSES, RESULTS, NUMBERS)
        ]
        return sum(self.connection.execute(count).scalar_one() for count in counts)


def _shared(scope: Iterable[str] | None) -> sa.Select[Any]:
    """The makes of more than one journal: others have nothing to differ from."""
    query = sa.select(JOURNALS.c.make).group_by(JOURNALS.c.make).having(sa.func.count() > 1)
    if scope is None:
        return query
    names = [columns.short(digest) for digest in scope]
    return query.where(JOURNALS.c.make.in_(sa.select(JOURNALS.c.make).where(JOURNALS.c.journal.in_(names))))
