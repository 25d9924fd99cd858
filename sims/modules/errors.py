"""What a kernel refuses to compute."""

from __future__ import annotations


class KernelError(ValueError):
    """A kernel that is not defined, or not computable, as asked for; the message says why and how to mend it."""
