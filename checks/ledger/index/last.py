"""The last status of each claim, asked of an SQLite index directly: a list of claims need not wait for SQLAlchemy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from lazy_assay.checks.ledger.index.columns import SCHEMA

# A run counts by its last journal.
STATUSES = """
select s.claim, s.status from assay_statuses s join assay_journals j on s.journal = j.journal
where s.part = '' and not exists (
  select 1 from assay_journals o
  where o.run = j.run and (o.finished, o.results, o.digest) > (j.finished, j.results, j.digest)
)
order by j.started, j.run
"""


def last_statuses(path: Path) -> dict[str, str] | None:
    """The latest status of every claim in the index at `path`; None where it must be looked at more closely."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            if connection.execute("select max(version) from assay_schema").fetchall() != [(SCHEMA,)]:
                return None
            rows = connection.execute(STATUSES).fetchall()
    except (sqlite3.Error, ValueError):
        return None
    return {claim: status for claim, status in rows if isinstance(claim, str) and isinstance(status, str)}
