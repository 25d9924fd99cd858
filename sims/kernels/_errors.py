"""What a kernel refuses to compute."""

from __future__ import annotations

from lazy_assay.sims.modules.errors import ModuleError


class KernelError(ModuleError, ValueError):
    """A kernel that is not defined, or not computable, as asked for; the message says why and how to mend it."""
