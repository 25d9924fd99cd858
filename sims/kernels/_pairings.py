"""Pairings by the name of their activation."""

from __future__ import annotations

import math

from lazy_assay.sims.kernels._duals import Erf, Homogeneous, Pairing, Sin
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._logistic import LOGISTIC

CLOSED: dict[str, Pairing] = {
    "relu": Homogeneous(0.5, 1 / math.pi),
    "abs": Homogeneous(1.0, 2 / math.pi),
    "erf": Erf(),
    "sin": Sin(),
}


def pairing(activation: str) -> Pairing:
    """The pairing of this name. Raises KernelError for an activation without a limiting kernel here."""
    table = CLOSED | LOGISTIC
    if activation not in table:
        raise KernelError(f"no limiting kernel for activation {activation!r}; there are {', '.join(sorted(table))}")
    return table[activation]
