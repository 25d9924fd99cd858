"""What a certificate of optimality says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class OptimalityGap:
    """φ(ρ) − inf φ ≤ gap, for certain; what else stands here is as computed.

    gap: the bound. objective: φ(ρ). floor: a certain lower bound of inf φ. scale: q over L'_1(f, y), at most 1, and
    near 1 where the network is near optimal. mean: φ(ρ) + (1/n) Σ L*(q_i, y_i), which is ∫g dρ at scale 1. least: the
    lower bound of inf g_q that went into the gap. resolved: whether the enclosure came within the tolerance; otherwise
    more boxes may make the gap smaller. theta (d,), u (k,): the neuron at which g of Eq. (18) is least, of those seen:
    the one to add; for homogeneous activations a unit direction, and the u that is best for it.
    """

    gap: float
    objective: float
    floor: float
    mean: float
    least: float
    scale: float
    resolved: bool
    theta: Array
    u: Array
