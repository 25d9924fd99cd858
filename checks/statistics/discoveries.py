"""Which of many e-values are discoveries: e-BH with shares, so that keys may keep arriving.

Shares w_j >= 0 of at most 1 altogether, fixed before the e-value's draws. The k largest w_j E_j are discoveries where
each is at least 1/(level k), k as large as possible. Then the expected share of false discoveries is at most `level` at
any stopping time, under arbitrary dependence (Wang & Ramdas 2022, JRSS B, Theorem 5.1 and its weights): the indicator
of a false discovery is at most level k w_j E_j, so the share is at most the sum of level w_j E_j over true nulls. And k
discoveries make the mixture sum_j w_j E_j at least 1/level. Where every null is true that mixture is an e-process, so
by Ville's inequality the probability that any discovery is *ever* made, on any night, is at most `level`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lazy_assay.checks.statistics.accounting import ErrorRates
from lazy_assay.checks.statistics.sequence import Array

# Of the whole, what the first block of stretches shares evenly; each further block is twice as long and gets a quarter.
BLOCK = 0.75


def shares(positions: NDArray[Any], rates: ErrorRates | None = None) -> Array:
    """The share of the level of the stretch at each position in the order of arrival, from 0 on; they sum to 1.

    The first block has as many places as a run may spend confirmations: `claims_cap * suspects_cap`.
    """
    caps = rates or ErrorRates()
    size = caps.claims_cap * caps.suspects_cap
    block = np.floor(np.log2(np.asarray(positions) / size + 1))
    return np.asarray(BLOCK / size / 8.0**block)


def discoveries(log_values: Array, shared: Array, level: float) -> NDArray[np.bool_]:
    """Which are discoveries, at a false discovery rate of `level`; arrays of shape (stretches,).

    Raises ValueError for a level outside (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {level!r}")
    with np.errstate(divide="ignore"):
        weighted = np.asarray(log_values) + np.log(shared)
    ordered = np.sort(weighted)[::-1]
    reached = np.flatnonzero(ordered + np.log(np.arange(1, len(ordered) + 1)) >= -math.log(level))
    return np.asarray(weighted >= (ordered[reached[-1]] if reached.size else math.inf))
