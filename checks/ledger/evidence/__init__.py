"""What many nights say together: e-processes over comparisons, changes and where they began, and what code moved."""

from lazy_assay.checks.ledger.evidence.changes import Change, changes
from lazy_assay.checks.ledger.evidence.moves import Move, moves
from lazy_assay.checks.ledger.evidence.stretches import LEVEL, WATCH, Evidence, evidence

__all__ = ["LEVEL", "WATCH", "Change", "Evidence", "Move", "changes", "evidence", "moves"]
