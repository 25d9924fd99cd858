"""What a certificate of optimality refuses."""

from __future__ import annotations


class OptimalityError(ValueError):
    """A network, data or regulariser for which no certificate can be given; the message says why and what would do."""
