"""Results over time, and raw draws: plain data on disk, no pickle."""

from lazy_assay.checks.ledger._draws import FolderStore
from lazy_assay.checks.ledger._journal import Entry, Journal, JournalError
from lazy_assay.checks.ledger._ledger import Ledger, LedgerError, default_url

__all__ = ["Entry", "FolderStore", "Journal", "JournalError", "Ledger", "LedgerError", "default_url"]
