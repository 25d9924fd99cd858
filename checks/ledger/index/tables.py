"""The tables of the index, the same in every database. Their names begin with assay_, for they may have neighbours."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text

from lazy_assay.checks.ledger.index import columns

# Texts are compared by their bytes in either database, so that a date and a digest have one order.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
METADATA = MetaData()


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, TEXT, nullable=False) for name in names]


SCHEMA = Table("assay_schema", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))

JOURNALS = Table(
    "assay_journals",
    METADATA,
    Column("journal", TEXT, primary_key=True),
    *_texts("digest", "run", *columns.RUN, "make"),
    Column("exit_code", Integer),
    Column("results", Integer, nullable=False),
    Column("unreadable", Integer, nullable=False),
)

STATUSES = Table(
    "assay_statuses",
    METADATA,
    Column("journal", TEXT, primary_key=True),
    Column("claim", TEXT, primary_key=True),
    # Empty for the claim as a whole, and for its only part that has no name.
    Column("part", TEXT, primary_key=True),
    *_texts("status", "expected"),
)

COMPARISONS = Table("assay_comparisons", METADATA, Column("key", TEXT, primary_key=True), *_texts(*columns.SUBJECT))

# `place` is the result's line in its journal, where the rest of it stands; `started` is that of its run.
RESULTS = Table(
    "assay_results",
    METADATA,
    Column("journal", TEXT, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    *_texts("started", "key", "content", *columns.TEXTS),
    *[Column(name, BigInteger, nullable=False) for name in columns.COUNTS],
    *[Column(name, Double) for name in (*columns.NUMBERS, *columns.DERIVED)],
    # SQLite keeps the rows in the order of their key, and no second copy of it.
    sqlite_with_rowid=False,
)
Index("assay_results_by_key", RESULTS.c.key, RESULTS.c.stage, RESULTS.c.started, RESULTS.c.journal, RESULTS.c.place)
Index("assay_results_by_id", RESULTS.c.id)

# The numbers of a journal's results in one piece (`numbers.py`), for what is asked of many nights at once.
NUMBERS = Table(
    "assay_numbers",
    METADATA,
    Column("journal", TEXT, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)

TABLES = tuple(METADATA.sorted_tables)
