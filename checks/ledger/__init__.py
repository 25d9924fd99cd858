"""Results over time, and raw draws: plain data on disk, no pickle."""

from checks.ledger._draws import FolderStore
from checks.ledger._ledger import Ledger, LedgerError, default_url

__all__ = ["FolderStore", "Ledger", "LedgerError", "default_url"]
