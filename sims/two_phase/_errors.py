"""What two-phase training cannot work with."""

from __future__ import annotations

from lazy_assay.sims.modules.errors import ModuleError


class TwoPhaseError(ModuleError, ValueError):
    """A module, an optimiser or data that cannot be trained in two phases; one line: what, and how to mend it."""
