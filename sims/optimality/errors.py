"""What a certificate of optimality refuses."""

from __future__ import annotations

from lazy_assay.sims.modules.errors import ModuleError


class OptimalityError(ModuleError, ValueError):
    """A network, data or regulariser for which no certificate can be given; the message says why and what would do."""
