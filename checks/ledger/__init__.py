"""Results over time, and raw draws: plain data on disk, no pickle."""

from lazy_assay.checks.ledger._draws import FolderStore
from lazy_assay.checks.ledger._journal import Entry, Journal, JournalError
from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.address import LedgerError, LedgerLockedError, default_url
from lazy_assay.checks.ledger.index.records import Record, Run

__all__ = [
    "Entry",
    "FolderStore",
    "Journal",
    "JournalError",
    "Ledger",
    "LedgerError",
    "LedgerLockedError",
    "Record",
    "Run",
    "default_url",
]
